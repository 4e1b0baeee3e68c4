//! Everything that rooms hold of a person, for their own eyes: pages of JSON objects, one kind after the other.

use proto::{event::Kind, id::EventId};
use rpc::Caller;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{App, Error, db, erasure::Written, pages::Place};

/// Most rows that one page reads.
const ROWS: usize = 200;
/// A page ends early rather than exceed this: an answer must fit a message of the bus.
const BYTES: usize = 256 * 1024;
const NOT_A_PAGE: Error = Error::FieldInvalid {
    field: "page",
    why: "not a page of this list",
};

/// A page of an export.
#[derive(Debug, Clone, Default)]
pub struct Export {
    /// JSON objects.
    pub records: Vec<Vec<u8>>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// What is exported, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Memberships,
    ReadMarks,
    Reactions,
    /// Messages and threads, by the keys they were written with.
    Written,
}

/// A row that was read, with the place after it; what is no part of the export has no record.
struct Row {
    record: Option<Vec<u8>>,
    rest: String,
    id: Uuid,
}

impl Section {
    const ALL: [Self; 4] = [
        Self::Memberships,
        Self::ReadMarks,
        Self::Reactions,
        Self::Written,
    ];

    /// Returns what its places begin with.
    fn mark(self) -> char {
        match self {
            Self::Memberships => 'm',
            Self::ReadMarks => 'r',
            Self::Reactions => 'c',
            Self::Written => 'w',
        }
    }

    fn place(self, row: &Row) -> Place {
        Place {
            name: format!("{}{}", self.mark(), row.rest),
            id: row.id,
        }
    }

    /// Finds where a page begins: the section, and in it what comes after which rest and id.
    fn after(place: Option<&Place>) -> Option<(usize, &str, Uuid)> {
        let Some(place) = place else {
            return Some((0, "", Uuid::nil()));
        };
        let (index, section) = Self::ALL
            .iter()
            .enumerate()
            .find(|(_, section)| place.name.starts_with(section.mark()))?;
        Some((index, place.name.strip_prefix(section.mark())?, place.id))
    }

    async fn list(
        self,
        db: &PgPool,
        caller: &Caller,
        (rest, id): (&str, Uuid),
        limit: i64,
    ) -> Result<Vec<Row>, Error> {
        let (tenant, user_id) = (&caller.tenant, caller.user_id);
        Ok(match self {
            Self::Memberships => {
                let rows = db::exports::list_memberships(db, tenant, user_id, id, limit).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Self::ReadMarks => {
                let after = (id, thread(rest)?);
                let rows = db::exports::list_read_marks(db, tenant, user_id, after, limit).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Self::Reactions => {
                let after = (id, rest);
                let rows = db::exports::list_reactions(db, tenant, user_id, after, limit).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Self::Written => {
                let rows = db::erasure::list_written(db, tenant, user_id, rest, limit).await?;
                rows.into_iter().map(Row::from).collect()
            }
        })
    }
}

/// Reads which thread a page of read marks begins after; before the first mark of all stands none.
fn thread(rest: &str) -> Result<Uuid, Error> {
    if rest.is_empty() {
        return Ok(Uuid::nil());
    }
    let thread: Result<EventId, _> = rest.parse();
    thread.map(|thread| thread.0).map_err(|_| NOT_A_PAGE)
}

/// Reads a page of what rooms hold of the caller.
///
/// # Errors
/// `FieldInvalid` for a place of another list.
pub async fn export(app: &App, caller: &Caller, after: Option<Place>) -> Result<Export, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let start = Section::after(after.as_ref()).ok_or(NOT_A_PAGE)?;
        let (first, mut rest, mut id) = start;
        let mut export = Export::default();
        let (mut rows_left, mut bytes) = (ROWS, 0);
        for section in &Section::ALL[first..] {
            let limit = i64::try_from(rows_left).unwrap_or(i64::MAX);
            let rows = section.list(&db, &caller, (rest, id), limit).await?;
            let is_cut = rows.len() == rows_left;
            rows_left -= rows.len();
            for row in rows {
                bytes += row.record.as_ref().map_or(0, Vec::len);
                if bytes > BYTES && !export.records.is_empty() {
                    return Ok(export);
                }
                export.next = Some(section.place(&row));
                export.records.extend(row.record);
            }
            if is_cut {
                return Ok(export);
            }
            (rest, id) = ("", Uuid::nil());
        }
        export.next = None;
        Ok(export)
    })
    .await
}

impl Row {
    fn of(value: &Value, rest: String, id: Uuid) -> Self {
        Self {
            record: Some(value.to_string().into_bytes()),
            rest,
            id,
        }
    }
}

impl From<db::exports::MembershipRow> for Row {
    fn from(row: db::exports::MembershipRow) -> Self {
        let value = json!({
            "kind": "membership",
            "room": row.room_id,
            "name": row.name,
            "roomKind": row.kind,
            "role": row.role,
            "peer": row.peer_id,
        });
        Self::of(&value, String::new(), row.room_id)
    }
}

impl From<db::exports::ReadMarkRow> for Row {
    fn from(row: db::exports::ReadMarkRow) -> Self {
        let value = json!({
            "kind": "readMark",
            "room": row.room_id,
            "thread": (!row.thread_id.is_nil()).then_some(row.thread_id),
            "read": row.read_seq,
            "delivered": row.delivered_seq,
        });
        Self::of(&value, row.thread_id.to_string(), row.room_id)
    }
}

impl From<db::exports::ReactionRow> for Row {
    fn from(row: db::exports::ReactionRow) -> Self {
        let value = json!({
            "kind": "reaction",
            "room": row.room_id,
            "message": row.message_id,
            "emoji": row.emoji,
            "at": millis(row.at),
        });
        Self::of(&value, row.emoji, row.message_id)
    }
}

impl From<Written> for Row {
    fn from(event: Written) -> Self {
        let kind = match event.kind {
            Some(Kind::MessagePosted) => Some("message"),
            Some(Kind::ThreadCreated) => Some("thread"),
            _ => None,
        };
        Self {
            record: kind.and_then(|kind| written(kind, &event)),
            id: event.event_id.0,
            rest: event.key.unwrap_or_default(),
        }
    }
}

/// Writes an event with its place.
fn written(kind: &str, event: &Written) -> Option<Vec<u8>> {
    let mut fields: Map<String, Value> = serde_json::from_str(&event.data).ok()?;
    fields.insert("kind".into(), kind.into());
    fields.insert("room".into(), event.stream_id.to_string().into());
    fields.insert("seq".into(), event.seq.into());
    fields.insert("at".into(), millis(event.at).into());
    if event.kind == Some(Kind::MessagePosted) {
        fields.insert("message".into(), event.event_id.to_string().into());
    }
    Some(Value::Object(fields).to_string().into_bytes())
}

fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1_000 + i64::from(at.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::id::StreamId;

    #[test]
    fn every_section_finds_its_own_places() {
        let row = Row {
            record: None,
            rest: "wine".into(),
            id: Uuid::from_u128(7),
        };
        for (index, section) in Section::ALL.into_iter().enumerate() {
            let place = section.place(&row);
            let place = Place::decode(&place.encode()).expect("a place");
            assert_eq!(
                Section::after(Some(&place)),
                Some((index, "wine", Uuid::from_u128(7)))
            );
        }
        let foreign = Place {
            name: "x".into(),
            id: Uuid::nil(),
        };
        assert_eq!(Section::after(Some(&foreign)), None);
    }

    #[test]
    fn a_message_is_one_object_with_its_place() {
        let event = Written {
            stream_id: StreamId(Uuid::nil()),
            seq: 7,
            event_id: EventId(Uuid::from_u128(1)),
            kind: Some(Kind::MessagePosted),
            key: Some("k".into()),
            data: r#"{"body":"hi"}"#.into(),
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let record = written("message", &event).expect("a record");
        let record: Value = serde_json::from_slice(&record).expect("JSON");
        let expected = json!({
            "kind": "message", "message": Uuid::from_u128(1), "room": Uuid::nil(), "seq": 7, "at": 0, "body": "hi",
        });
        assert_eq!(record, expected);
    }
}
