//! Full-text search in the rooms that one is in.

use rpc::Caller;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    App, Error, db,
    history::{self, Message},
    members,
    names::RoomRef,
    pages::{Page, Paging, Place},
};

/// A request to search.
#[derive(Debug, Clone)]
pub struct Quest {
    /// Words, "phrases" and -exclusions; [`check_text`] has passed it.
    pub text: String,
    /// In which room; none for every room that the caller is in.
    pub room: Option<RoomRef>,
    /// Which page.
    pub paging: Paging,
}

/// Checks what is looked for.
///
/// # Errors
/// `FieldInvalid`.
pub fn check_text(text: &str) -> Result<(), Error> {
    let is_bounded = text.chars().count() <= 200 && !text.contains('\0');
    if is_bounded && text.chars().any(char::is_alphanumeric) {
        Ok(())
    } else {
        Err(Error::FieldInvalid {
            field: "query",
            why: "1 to 200 characters with a word among them",
        })
    }
}

/// Finds messages that the caller may see, newest first.
///
/// # Errors
/// `NotAMember`, `FieldInvalid`.
pub async fn find(app: &App, caller: &Caller, quest: Quest) -> Result<Page<Message>, Error> {
    let only = match &quest.room {
        Some(room) => Some(members::require_member(app, caller, room).await?),
        None => None,
    };
    let after = quest.paging.after.as_ref().map(moment).transpose()?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let rooms = match only {
            Some(room_id) => vec![room_id],
            None => db::search::list_room_ids(&db, &caller.tenant, caller.user_id).await?,
        };
        let limit = quest.paging.rows_to_read();
        let found = db::search::list_found(&db, &caller, &rooms, &quest.text, after, limit).await?;
        let (rows, has_more) = history::fit(found, quest.paging.limit);
        let next = rows.last().filter(|_| has_more).map(place);
        let rows = history::with_reactions(&db, &caller, rows).await?;
        Ok(Page { rows, next })
    })
    .await
}

fn place(message: &Message) -> Place {
    Place {
        name: message.at_ms.to_string(),
        id: message.message_id.0,
    }
}

/// Reads a place in the order of time.
fn moment(place: &Place) -> Result<(OffsetDateTime, Uuid), Error> {
    let at_ms = place.name.parse::<i64>().ok();
    let at = at_ms.and_then(|at_ms| {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000).ok()
    });
    at.map(|at| (at, place.id)).ok_or(Error::FieldInvalid {
        field: "page",
        why: "not a page of this list",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_needs_a_word() {
        for good in ["x", "-x", "\"two words\"", "слово", &"x".repeat(200)] {
            assert!(check_text(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "!!!", "\"\"", "a\0", &"x".repeat(201)] {
            assert!(check_text(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_place_is_a_moment() {
        let place = |name: &str| Place {
            name: name.into(),
            id: Uuid::from_u128(7),
        };
        let (at, id) = moment(&place("1700000000123")).expect("a moment");
        assert_eq!(
            (at.unix_timestamp(), at.millisecond()),
            (1_700_000_000, 123)
        );
        assert_eq!(id, Uuid::from_u128(7));
        assert!(moment(&place("general")).is_err());
        assert!(moment(&place(&i64::MAX.to_string())).is_err());
    }
}
