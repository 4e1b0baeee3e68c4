//! Keyset pages: a page begins after a place, and a place is the name and id of the last row of the page before.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Where a page begins (exclusive).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folded name of the row before.
    pub name: String,
    /// The id of the row before.
    pub id: Uuid,
}

/// Which rows are asked for.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Rows after this place; `None` for the first page.
    pub after: Option<Place>,
    /// Most rows.
    pub limit: usize,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

impl Place {
    /// Returns the opaque text that clients hand back.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.id.as_bytes(), self.name.as_bytes()].concat())
    }

    /// Reads what [`Place::encode`] wrote; `None` for anything else.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, name) = bytes.split_first_chunk()?;
        let name = String::from_utf8(name.into()).ok()?;
        // Postgres has no NUL in texts, so no place has one either.
        (!name.is_empty() && !name.contains('\0')).then_some(Self {
            name,
            id: Uuid::from_bytes(*id),
        })
    }
}

impl Paging {
    /// Returns how many rows to read: one more than asked, which tells whether there is a next page.
    #[must_use]
    pub fn rows_to_read(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }

    /// Returns the place as statement arguments.
    #[must_use]
    pub fn start(&self) -> (Option<&str>, Option<Uuid>) {
        let after = self.after.as_ref();
        (
            after.map(|place| place.name.as_str()),
            after.map(|place| place.id),
        )
    }

    /// Cuts what was read to a page.
    pub fn cut<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> Place) -> Page<T> {
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

    fn place(name: &str) -> Place {
        Place {
            name: name.into(),
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_place_survives_its_text_and_nonsense_is_none() {
        assert_eq!(
            Place::decode(&place("комната").encode()),
            Some(place("комната"))
        );
        for bad in [
            "x",
            "!!!!",
            "AAAA",
            &URL_SAFE_NO_PAD.encode([0; 16]),
            &place("a\0b").encode(),
        ] {
            assert_eq!(Place::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_row_beyond_the_limit_makes_a_next_page() {
        let paging = Paging {
            after: None,
            limit: 2,
        };
        let next = |rows: &[&'static str]| paging.cut(rows.to_vec(), |row| place(row)).next;
        assert_eq!(next(&["a", "b", "c"]), Some(place("b")));
        assert_eq!(next(&["a", "b"]), None);
        assert_eq!(next(&[]), None);
    }
}
