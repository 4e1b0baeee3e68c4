//! Canaries (C15): secrets that stand nowhere else, planted while everything is broken and looked for at the end in
//! whatever was written down.

mod intruder;
mod places;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError},
};

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result};
use serde::Serialize;

pub use intruder::Intruder;
pub use places::{infrastructure, search};

/// Anything shorter could stand somewhere by chance.
const LENGTH_MIN: usize = 12;

/// What nobody may find, and what each of it is. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Canaries(Arc<Mutex<BTreeMap<String, &'static str>>>);

/// A secret that was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// What it is; the secret itself is not repeated.
    pub what: &'static str,
    /// Where it stands.
    pub place: String,
}

/// What a search came to.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Searched {
    /// How many secrets were looked for.
    pub secrets: usize,
    /// Where.
    pub places: usize,
    /// How much was read, in bytes.
    pub bytes: u64,
    /// What was found; each secret once in each place.
    pub leaks: Vec<Leak>,
}

/// Everything to look for, made ready.
#[derive(Debug)]
pub struct Search {
    automaton: AhoCorasick,
    /// By pattern: which secret it belongs to; `None` for the word that everybody may know.
    patterns: Vec<Option<usize>>,
    whats: Vec<&'static str>,
    /// What was found so far.
    pub searched: Searched,
}

impl Canaries {
    /// Takes note of a secret. Of a signed token only the signature counts: the rest of it is no secret.
    ///
    /// # Panics
    /// When the secret is so short that it may stand somewhere by chance.
    pub fn plant(&self, what: &'static str, secret: &str) {
        let secret = match secret.matches('.').count() {
            2 => secret.rsplit('.').next().unwrap_or(secret),
            _ => secret,
        };
        assert!(
            secret.len() >= LENGTH_MIN,
            "{what} is too short to be found"
        );
        self.known().insert(secret.to_owned(), what);
    }

    /// Takes note of what others know.
    pub fn adopt(&self, other: &Self) {
        let theirs = other.known().clone();
        self.known().extend(theirs);
    }

    /// Makes everything ready to be looked for; `control` is a word that is no secret, so that the search itself is seen
    /// to find something.
    ///
    /// # Errors
    /// When there is too much to look for.
    pub fn search(&self, control: &str) -> Result<Search> {
        let known = self.known();
        let mut texts = vec![control.as_bytes().to_vec()];
        let mut patterns = vec![None];
        for (number, secret) in known.keys().enumerate() {
            // As it is, and as a dump shows bytes.
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            texts.extend([secret.as_bytes().to_vec(), hex.into_bytes()]);
            patterns.extend([Some(number); 2]);
        }
        Ok(Search {
            automaton: AhoCorasick::new(texts).context("too many canaries")?,
            patterns,
            whats: known.values().copied().collect(),
            searched: Searched {
                secrets: known.len(),
                ..Searched::default()
            },
        })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, &'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Search {
    /// Reads a place to its end; says whether the word that everybody may know stands there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self, place: &str, input: impl Read) -> io::Result<bool> {
        let mut counted = Counted { input, bytes: 0 };
        let mut found = vec![false; self.whats.len()];
        let mut has_control = false;
        for hit in self.automaton.stream_find_iter(&mut counted) {
            match self.patterns[hit?.pattern().as_usize()] {
                Some(number) => found[number] = true,
                None => has_control = true,
            }
        }
        self.searched.places += 1;
        self.searched.bytes += counted.bytes;
        let leaked = found.iter().zip(&self.whats).filter(|(found, _)| **found);
        self.searched.leaks.extend(leaked.map(|(_, what)| Leak {
            what,
            place: place.to_owned(),
        }));
        Ok(has_control)
    }
}

impl Searched {
    /// Whether there was something to look for and nothing was found.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.secrets > 0 && self.bytes > 0 && self.leaks.is_empty()
    }

    /// Returns what was done in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mib = self.bytes as f64 / 1_048_576.0;
        format!(
            "{} secrets looked for in {} places, {mib:.1} MiB: {} found",
            self.secrets,
            self.places,
            self.leaks.len()
        )
    }
}

/// Counts what is read.
struct Counted<R> {
    input: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.bytes += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse battery";

    fn found(secret: &str, text: &str) -> Vec<Leak> {
        let canaries = Canaries::default();
        canaries.plant("a password", PASSWORD);
        canaries.plant("a token", secret);
        let mut search = canaries.search("nobody-1").expect("ready");
        search.read("a log", text.as_bytes()).expect("read");
        search.searched.leaks
    }

    #[test]
    fn a_secret_in_a_log_is_found_and_not_repeated() {
        let leaks = found(
            "0192-ffff-0192",
            &format!("{{\"x\":\"{PASSWORD}\"}} twice {PASSWORD}"),
        );
        let leak = Leak {
            what: "a password",
            place: "a log".to_owned(),
        };
        assert_eq!(leaks, [leak]);
        assert_eq!(found("0192-ffff-0192", "nothing to see"), []);
    }

    #[test]
    fn a_secret_is_found_as_hexadecimal_digits_too() {
        let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found("0192-ffff-0192", &format!("\\x00{hex}")).len(), 1);
    }

    #[test]
    fn of_a_signed_token_the_signature_is_looked_for() {
        let token = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJlLXg";
        assert_eq!(found(token, "header eyJhbGciOi.eyJzdWIiOi."), []);
        assert_eq!(found(token, "c2lnbmF0dXJlLXg").len(), 1);
    }

    #[test]
    fn a_search_that_reads_nothing_or_looks_for_nothing_is_not_kept() {
        let canaries = Canaries::default();
        let mut nothing = canaries.search("nobody-1").expect("ready");
        assert!(nothing.read("a log", &b"hello nobody-1"[..]).expect("read"));
        assert!(!nothing.searched.is_kept());
        canaries.plant("a password", PASSWORD);
        let mut search = canaries.search("nobody-1").expect("ready");
        assert!(!search.searched.is_kept());
        assert!(!search.read("a log", &b"hello"[..]).expect("read"));
        assert!(search.searched.is_kept());
    }
}
