//! What a room may be called, and how a request names one.

use proto::id::RoomId;
use uuid::Uuid;

/// Most characters of a room's name.
pub const NAME_MAX_CHARS: usize = 64;

/// Scripts whose words need marks beside letters (vowel signs, viramas, tone marks): whole blocks, because what is in
/// them and neither letter nor digit is such a mark, save the punctuation of [`is_indic_punctuation`].
const SCRIPTS_WITH_MARKS: [(char, char); 4] = [
    // Devanagari to Myanmar.
    ('\u{0900}', '\u{109F}'),
    // Khmer, vowels and signs.
    ('\u{1780}', '\u{17D3}'),
    // Hebrew points and Arabic vowel marks.
    ('\u{05B0}', '\u{05BC}'),
    ('\u{064B}', '\u{065F}'),
];
/// Accents that stand after their letter.
const ACCENTS: (char, char) = ('\u{0300}', '\u{036F}');

/// A valid name of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomName {
    text: String,
    folded: String,
}

/// How a request names a room: an id, `#name` or a bare name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomRef {
    /// By id.
    Id(RoomId),
    /// By folded name.
    Name(String),
    /// By a text that no room can have: the same as a room that does not exist.
    Nowhere,
}

impl RoomName {
    /// Checks a name; a leading `#` is how people write names, not part of them.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let text = text.strip_prefix('#').unwrap_or(text).trim_start();
        if text.is_empty() {
            return Err("a room needs a name");
        }
        if text.chars().count() > NAME_MAX_CHARS {
            return Err("a name has at most 64 characters");
        }
        if !text.chars().all(is_allowed) {
            return Err("a name has letters, digits, spaces and - _ . only");
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err("a name needs a letter or a digit");
        }
        // Wherever a room is named, either form is accepted: they must never be mistaken for each other.
        if Uuid::try_parse(text).is_ok() {
            return Err("a name must not look like an id");
        }
        Ok(Self {
            text: text.into(),
            folded: fold(text),
        })
    }

    /// Returns the name as it was chosen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the form that is compared: two rooms never share it.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl RoomRef {
    /// Reads how a request names a room.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Ok(room_id) = text.parse() {
            return Self::Id(room_id);
        }
        match RoomName::parse(text) {
            Ok(name) => Self::Name(name.folded),
            Err(_) => Self::Nowhere,
        }
    }
}

/// Returns the form of a name that is compared and sorted by.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn is_allowed(each: char) -> bool {
    each.is_alphanumeric() || matches!(each, ' ' | '-' | '_' | '.') || is_mark(each)
}

fn is_mark(each: char) -> bool {
    let within = |(first, last): (char, char)| (first..=last).contains(&each);
    within(ACCENTS) || (SCRIPTS_WITH_MARKS.into_iter().any(within) && !is_indic_punctuation(each))
}

fn is_indic_punctuation(each: char) -> bool {
    matches!(
        each,
        '\u{0964}' | '\u{0965}' | '\u{0970}' | '\u{0E3F}' | '\u{0E4F}' | '\u{0E5A}' | '\u{0E5B}'
            | '\u{0F01}'..='\u{0F17}'
            | '\u{0F1A}'..='\u{0F1F}'
            | '\u{0F34}'
            | '\u{0F36}'
            | '\u{0F38}'
            | '\u{0F3A}'..='\u{0F3D}'
            | '\u{0FBE}'..='\u{0FDA}'
            | '\u{104A}'..='\u{104F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_any_script_are_names() {
        for name in [
            "general",
            "Rust-lang_1.0",
            "комната 7",
            "部屋",
            "हिन्दी",
            "ห้องสนทนา",
            "e\u{301}t\u{e9}",
        ] {
            assert_eq!(RoomName::parse(name).map(|name| name.text), Ok(name.into()));
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let (long, id) = ("x".repeat(65), Uuid::from_u128(7));
        let simple = id.as_simple().to_string();
        for text in [
            "",
            " ",
            "#",
            "# ",
            "a\nb",
            "a\0b",
            "a/b",
            "##a",
            "a#b",
            "<b>",
            "🦀",
            "...",
            "\u{200B}",
            "।",
            &long,
            &id.to_string(),
            &id.to_string().to_uppercase(),
            &simple,
        ] {
            assert!(RoomName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn one_room_has_many_spellings_and_one_fold() {
        for text in ["General", " #general ", "#GENERAL", "# general"] {
            assert_eq!(RoomRef::parse(text), RoomRef::Name("general".into()));
        }
        let room_id = RoomId::generate();
        assert_eq!(RoomRef::parse(&room_id.to_string()), RoomRef::Id(room_id));
        assert_eq!(RoomRef::parse("no/room"), RoomRef::Nowhere);
    }

    proptest! {
        #[test]
        fn a_valid_name_is_its_own_reference(text in "\\PC{0,70}") {
            if let Ok(name) = RoomName::parse(&text) {
                prop_assert_eq!(RoomRef::parse(name.as_str()), RoomRef::Name(name.folded().into()));
                let marked = format!("#{}", name.as_str());
                prop_assert_eq!(RoomRef::parse(&marked), RoomRef::Name(name.folded().into()));
                prop_assert!(!name.as_str().contains('\0'));
            }
        }
    }
}
