//! Versions as programs print them.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Major and minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// Asks a program for its version; `None` if it cannot be run or says nothing of the kind.
    #[must_use]
    pub fn of(program: &Path) -> Option<Self> {
        let output = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        Self::parse(&String::from_utf8_lossy(&output.stdout))
            .or_else(|| Self::parse(&String::from_utf8_lossy(&output.stderr)))
    }

    /// Finds the first version in a line such as `Redis server v=7.0.15 sha=0`, `nats-server: v2.12.1` or
    /// `postgres (PostgreSQL) 18beta1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let word = word.strip_prefix('=').unwrap_or(word);
            let (major, rest) = leading_number(word)?;
            let minor = rest
                .strip_prefix('.')
                .and_then(leading_number)
                .map_or(0, |(minor, _)| minor);
            Some(Self(major, minor))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}
