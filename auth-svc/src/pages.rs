//! Keyset pages of accounts: a page begins after the folded name of the last row of the page before.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::names::Username;

/// Where a page begins (exclusive): a folded name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place(String);

/// Which rows are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    /// Rows after this place; `None` for the first page.
    pub(crate) after: Option<Place>,
    /// Most rows.
    pub(crate) limit: usize,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub(crate) struct Page<T> {
    /// The rows.
    pub(crate) rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<Place>,
}

impl Place {
    /// Returns the place of an account in the list.
    pub(crate) fn of(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }

    /// Returns the opaque text that clients hand back.
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Reads what [`Place::encode`] wrote; `None` for anything else.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let name = Username::parse(&String::from_utf8(bytes).ok()?).ok()?;
        Some(Self(name.folded()))
    }
}

impl Paging {
    /// Returns how many rows to read: one more than asked, which tells whether there is a next page.
    pub(crate) fn rows_to_read(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// Returns the place as a statement's argument; no name is before the empty one.
    pub(crate) fn start(&self) -> &str {
        self.after.as_ref().map_or("", |place| &place.0)
    }

    /// Cuts what was read to a page.
    pub(crate) fn cut<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> Place) -> Page<T> {
        let is_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = if is_more {
            rows.last().map(place)
        } else {
            None
        };
        Page { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_nonsense_is_none() {
        let place = Place::of("Ada.L");
        assert_eq!(Place::decode(&place.encode()), Some(place));
        for bad in ["x", "!!!!", "AAAA", &URL_SAFE_NO_PAD.encode("a\0b"), ""] {
            assert_eq!(Place::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_row_beyond_the_limit_makes_a_next_page() {
        let paging = Paging {
            after: None,
            limit: 2,
        };
        let next = |rows: &[&'static str]| paging.cut(rows.to_vec(), |row| Place::of(row)).next;
        assert_eq!(next(&["aa", "bb", "cc"]), Some(Place::of("bb")));
        assert_eq!(next(&["aa", "bb"]), None);
        assert_eq!(next(&[]), None);
    }
}
