//! User names.

/// A valid user name: 2 to 32 characters of `[A-Za-z0-9_.-]`, a letter first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Username(String);

/// The rule, as the field's error says it.
const RULE: &str = "2 to 32 letters, digits, '_', '.' or '-', starting with a letter";

impl Username {
    /// Checks a name.
    ///
    /// # Errors
    /// The rule that was broken.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        let starts_well = text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic());
        if (2..=32).contains(&text.len()) && starts_well && text.bytes().all(is_safe) {
            Ok(Self(text.into()))
        } else {
            Err(RULE)
        }
    }

    /// Returns the name as its owner writes it.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form in which names are compared.
    #[must_use]
    pub(crate) fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::Username;

    #[test]
    fn names_follow_the_rule() {
        for good in ["ab", "Ada", "a.b-c_9", &"x".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "9a",
            "_a",
            "a b",
            "añ",
            "a\0",
            "a@b",
            &"x".repeat(33),
        ] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
    }
}
