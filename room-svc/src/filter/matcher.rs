//! Judges texts by patterns of words. Pure.

use std::collections::HashMap;

use proto::id::FilterId;
use unicode_security::skeleton;

use crate::messages::is_without_width;

/// What a filter does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The text is refused.
    Refuse,
    /// The text is stored, and moderators are told.
    Alert(FilterId),
}

/// What the filters say of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// It is refused.
    Refused,
    /// It passes, and this filter wants to be told.
    Alert(FilterId),
}

/// The filters of one tenant.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    /// Patterns of one plain word: most of them.
    words: HashMap<String, Action>,
    /// Phrases, and patterns with wildcards.
    phrases: Vec<(Vec<Glob>, Action)>,
}

/// One word of a pattern: parts, with any letters between them. A plain word has one part.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Glob(Vec<String>);

impl Matcher {
    /// Adds a filter. A pattern without a word, or of wildcards alone, matches nothing.
    pub fn add(&mut self, pattern: &str, action: Action) {
        let globs: Vec<Glob> = words(pattern, true)
            .iter()
            .map(|word| Glob::of(word))
            .collect();
        if globs.iter().all(Glob::is_anything) {
            return;
        }
        match globs.as_slice() {
            [glob] if glob.is_plain() => {
                let known = self.words.entry(glob.0.concat()).or_insert(action);
                *known = graver(*known, action);
            }
            _ => self.phrases.push((globs, action)),
        }
    }

    /// Judges a text. A refusal goes before an alert.
    #[must_use]
    pub fn judge(&self, text: &str) -> Verdict {
        if self.words.is_empty() && self.phrases.is_empty() {
            return Verdict::Clean;
        }
        let said = words(text, false);
        let by_word = said.iter().filter_map(|word| self.words.get(word)).copied();
        let by_phrase = self
            .phrases
            .iter()
            .filter(|(globs, _)| is_in(globs, &said))
            .map(|(_, action)| *action);
        match by_word.chain(by_phrase).reduce(graver) {
            None => Verdict::Clean,
            Some(Action::Refuse) => Verdict::Refused,
            Some(Action::Alert(filter_id)) => Verdict::Alert(filter_id),
        }
    }
}

impl Glob {
    fn of(word: &str) -> Self {
        Self(word.split('*').map(Into::into).collect())
    }

    fn is_plain(&self) -> bool {
        self.0.len() == 1
    }

    fn is_anything(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }

    fn matches(&self, word: &str) -> bool {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else {
            return false;
        };
        if self.is_plain() {
            return first == word;
        }
        let Some(mut rest) = word
            .strip_prefix(first.as_str())
            .and_then(|rest| rest.strip_suffix(last.as_str()))
        else {
            return false;
        };
        // The leftmost place of each part leaves the most for those after it.
        for part in &self.0[1..self.0.len() - 1] {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        true
    }
}

fn graver(one: Action, other: Action) -> Action {
    match (one, other) {
        (Action::Alert(_), Action::Refuse) => other,
        _ => one,
    }
}

fn is_in(globs: &[Glob], said: &[String]) -> bool {
    said.windows(globs.len()).any(|window| {
        globs
            .iter()
            .zip(window)
            .all(|(glob, word)| glob.matches(word))
    })
}

/// Lists the words of a text as skeletons: runs of letters and digits, in which what has no width does not count. In a
/// pattern the wildcard is part of a word.
fn words(text: &str, is_pattern: bool) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len());
    for each in text.chars().filter(|each| !is_without_width(*each)) {
        let is_part = each.is_alphanumeric() || is_accent(each) || (is_pattern && each == '*');
        if is_part {
            lower(each, &mut spaced);
        } else {
            spaced.push(' ');
        }
    }
    let plain: String = skeleton(&spaced)
        .flat_map(char::to_lowercase)
        .filter(|each| !is_accent(*each))
        .collect();
    plain.split_whitespace().map(Into::into).collect()
}

/// Appends a character in lower case. Case goes before look-alikes, or an `I` would count as an `l`; but a capital that
/// only looks like another alphabet's goes by its looks, because the small letters differ.
fn lower(each: char, out: &mut String) {
    // The wide forms of ASCII, of which the tables of look-alikes know a part.
    let each = match each {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(each) - 0xFEE0).unwrap_or(each),
        _ => each,
    };
    if each.is_ascii() || !each.is_uppercase() {
        return out.extend(each.to_lowercase());
    }
    let mut buffer = [0; 4];
    let looks: String = skeleton(each.encode_utf8(&mut buffer)).collect();
    match looks.as_str() {
        // A capital that looks like `l` is an `I`.
        "l" => out.push('i'),
        looks if looks.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            out.push_str(&looks.to_ascii_lowercase());
        }
        _ => out.extend(each.to_lowercase()),
    }
}

/// Whether a character is a mark over, under or through the one before it.
fn is_accent(each: char) -> bool {
    matches!(
        each,
        '\u{0300}'..='\u{036F}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(pattern: &str, text: &str) -> bool {
        let mut matcher = Matcher::default();
        matcher.add(pattern, Action::Refuse);
        matcher.judge(text) == Verdict::Refused
    }

    #[test]
    fn a_word_is_found_in_every_disguise() {
        let disguises = [
            "bad",
            "so BAD!",
            "(Bad)",
            "b\u{0430}d",
            "ＢＡＤ",
            "ｂａｄ",
            "b\u{00E1}\u{0323}d",
            "b\u{0336}a\u{0336}d\u{0336}",
            "b\u{200B}a\u{00AD}d",
            "\u{1D401}\u{1D41A}\u{1D41D}",
            "\u{0392}\u{0410}d",
            "𝓫𝓪𝓭",
        ];
        for text in disguises {
            assert!(refuses("bad", text), "{text}");
            // And the other way round, for a pattern that is written so.
            assert!(text.contains(' ') || refuses(text, "bad"), "{text}");
        }
    }

    #[test]
    fn case_does_not_make_one_letter_another() {
        assert!(refuses("idiot", "IDIOT"));
        assert!(refuses("idiot", "\u{0406}D\u{0399}OT"));
        assert!(refuses("IDIOT", "idiot"));
        assert!(!refuses("fall", "fail"));
        assert!(refuses("b00m", "boom"));
        assert!(refuses("lol", "1o1"));
    }

    #[test]
    fn words_are_whole_and_punctuation_parts_them() {
        for text in ["badly", "a bad-ish", "forbad", "b a d", "b.a.d", "ba d", ""] {
            assert_eq!(refuses("bad", text), text == "a bad-ish", "{text}");
        }
        // A space that is only hard to see is a space.
        assert!(refuses("very bad", "very\u{2800}bad"));
    }

    #[test]
    fn phrases_stand_together_in_order() {
        for text in ["you are bad", "YOU,   are\nbad!", "we say you-are-bad."] {
            assert!(refuses("you are bad", text), "{text}");
        }
        for text in ["you bad", "are you bad", "you are so bad", "bad are you"] {
            assert!(!refuses("you are bad", text), "{text}");
        }
        assert!(refuses("you * bad", "you are bad"));
    }

    #[test]
    fn a_wildcard_stands_for_letters_within_a_word() {
        for text in ["bad", "badly", "BADNESS"] {
            assert!(refuses("bad*", text), "{text}");
        }
        assert!(!refuses("bad*", "forbad") && !refuses("bad*", "ba d"));
        assert!(refuses("*bad*", "forbade") && refuses("*bad", "forbad"));
        assert!(refuses("b*d", "bd") && refuses("b*d", "blurred") && !refuses("b*d", "boy dog"));
        assert!(refuses("a*b*c", "axxbxbxc") && !refuses("a*b*c", "acb"));
        // Ends may not overlap.
        assert!(!refuses("aba*aba", "aba") && refuses("aba*aba", "abaaba"));
        assert!(refuses("so b*d", "so   blurred"));
        assert!(refuses("*\u{0430}d", "b\u{00E0}d"));
    }

    #[test]
    fn a_pattern_without_a_word_matches_nothing() {
        for pattern in ["", " ", "*", "* *", "!?", "\u{200B}"] {
            for text in ["", "a", "a b", "*", "!?"] {
                assert!(!refuses(pattern, text), "{pattern:?} {text:?}");
            }
        }
    }

    #[test]
    fn a_refusal_goes_before_an_alert() {
        let (first, second) = (FilterId::generate(), FilterId::generate());
        let mut matcher = Matcher::default();
        matcher.add("dang", Action::Alert(first));
        matcher.add("dan*", Action::Alert(second));
        assert_eq!(matcher.judge("dang"), Verdict::Alert(first));
        assert_eq!(matcher.judge("dandy"), Verdict::Alert(second));
        matcher.add("Dandy", Action::Refuse);
        assert_eq!(matcher.judge("dang dandy"), Verdict::Refused);
        matcher.add("DANG", Action::Refuse);
        assert_eq!(matcher.judge("dang"), Verdict::Refused);
        assert_eq!(matcher.judge("done"), Verdict::Clean);
    }
}
