//! Keyset pages: a page begins after a place, and a place is what orders the last row of the page before.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// What orders the rows of a list.
pub trait Place: Copy {
    /// Returns the opaque text that clients hand back.
    fn encode(self) -> String;

    /// Reads what [`Place::encode`] wrote; `None` for anything else.
    fn decode(text: &str) -> Option<Self>;
}

/// Which rows are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Paging<P> {
    /// Rows after this place; `None` for the first page.
    pub after: Option<P>,
    /// Most rows.
    pub limit: usize,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page<T, P> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<P>,
}

/// The id of a row; ids are ordered by time.
impl Place for Uuid {
    fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Self::from_slice(&bytes).ok()
    }
}

/// The seq of a row.
impl Place for i64 {
    fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_be_bytes())
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl<P> Paging<P> {
    /// Returns how many rows to read: one more than asked, which tells whether there is a next page.
    #[must_use]
    pub fn rows_to_read(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// Cuts what was read to a page.
    pub fn cut<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> P) -> Page<T, P> {
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
        let id = Uuid::from_u128(7);
        assert_eq!(Uuid::decode(&id.encode()), Some(id));
        assert_eq!(i64::decode(&7_i64.encode()), Some(7));
        for bad in ["", "x", "!!!!", "AAAA"] {
            assert_eq!(Uuid::decode(bad), None, "{bad}");
            assert_eq!(i64::decode(bad), None, "{bad}");
        }
        assert_eq!(i64::decode(&id.encode()), None);
    }

    #[test]
    fn only_a_row_beyond_the_limit_makes_a_next_page() {
        let paging = Paging {
            after: None,
            limit: 2,
        };
        let next = |rows: &[i64]| paging.cut(rows.to_vec(), |row| *row).next;
        assert_eq!(next(&[1, 2, 3]), Some(2));
        assert_eq!(next(&[1, 2]), None);
        assert_eq!(next(&[]), None);
    }
}
