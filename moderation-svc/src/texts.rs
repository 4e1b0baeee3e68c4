//! What people write beside an act: a reason, a note, an outcome.

use crate::Error;

/// Checks the length of a text and returns it without blanks at its ends.
pub(crate) fn check(
    field: &'static str,
    text: &str,
    bounds: std::ops::RangeInclusive<usize>,
    why: &'static str,
) -> Result<String, Error> {
    let text = text.trim();
    // Postgres has no NUL in texts.
    if bounds.contains(&text.chars().count()) && !text.contains('\0') {
        Ok(text.into())
    } else {
        Err(Error::FieldInvalid { field, why })
    }
}

/// Checks why something is done to a person.
pub(crate) fn reason(text: &str) -> Result<String, Error> {
    check("reason", text, 1..=500, "1 to 500 characters")
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_reason_has_a_length_without_its_blanks() {
        assert_eq!(reason("  spam \n").expect("a reason"), "spam");
        assert!(reason(&"🦀".repeat(500)).is_ok());
        for bad in ["", " \t", "a\0b", &"x".repeat(501)] {
            assert!(reason(bad).is_err(), "{bad:?}");
        }
    }
}
