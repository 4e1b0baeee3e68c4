//! What is read of a person when they come back, and shared by their devices: their rooms, and whose doings are kept from
//! them.
//!
//! A briefing belongs to a place in the person's feed. Whatever changes it is told there, so it holds as long as the feed
//! has not moved; heads and counters in it are those of one moment, from which the streams go on. It is never asked who
//! may do what: the services decide that for themselves. A log that contradicts what was delivered ends them all.

use std::{collections::HashMap, sync::Arc, time::Duration};

use moka::future::Cache;
use proto::{
    id::{StreamId, UserId},
    room::{ListMyRoomsRequest, MyRoom},
    social::ListHiddenRequest,
};
use serde_json::value::RawValue;
use tonic::Status;

use crate::{
    App,
    conn::{
        credential::Identity,
        said::{Cursor, parse_cursor},
    },
    hub::Person,
};

/// Storms are over sooner, and counters must not be much older.
const KEPT: Duration = Duration::from_secs(30);
/// Most bytes of all briefings; the least used go first.
const BYTES_MAX: u64 = 32 * 1024 * 1024;
/// About what a room and a person of a briefing take.
const ROOM_BYTES: usize = 512;
const PERSON_BYTES: usize = 16;

/// See the module.
#[derive(Debug)]
pub struct Briefing {
    /// The person's rooms.
    pub rooms: Vec<MyRoom>,
    /// Whose doings are kept from them.
    pub hidden: Vec<UserId>,
}

/// The briefings of people who came back lately.
pub struct Briefings {
    kept: Cache<Place, Arc<Briefing>>,
}

/// Whose it is, the place in their feed, and how often a log was found to be another one.
type Place = (Person, i64, u64);

impl Default for Briefings {
    fn default() -> Self {
        let weigher = |_: &Place, briefing: &Arc<Briefing>| {
            let bytes =
                (briefing.rooms.len() + 1) * ROOM_BYTES + briefing.hidden.len() * PERSON_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .weigher(weigher)
                .max_capacity(BYTES_MAX)
                .time_to_live(KEPT)
                .build(),
        }
    }
}

impl Briefings {
    /// Forgets those that are too old, for which the cache waits until somebody asks otherwise.
    pub async fn forget_old(&self) {
        self.kept.run_pending_tasks().await;
    }

    /// Returns the briefing of a person whose feed is followed here and was delivered up to `feed_seq`. Devices that come
    /// back to it share one reading; one that knows more than it says, and one that comes for the first time, gets a new
    /// one.
    ///
    /// # Errors
    /// Those of the services.
    pub async fn get(
        &self,
        app: &App,
        identity: &Identity,
        feed_seq: i64,
        cursors: Option<&HashMap<String, Box<RawValue>>>,
    ) -> Result<Arc<Briefing>, Status> {
        let person = (identity.tenant.clone(), identity.user_id);
        let key = (person, feed_seq, app.hub.resets());
        if let Some(cursors) = cursors {
            let reading = async { read(app, identity).await.map(Arc::new) };
            let kept = self.kept.try_get_with(key.clone(), reading).await;
            let kept = kept.map_err(|status| Status::clone(&status))?;
            if kept.covers(identity.user_id.into(), feed_seq, cursors) {
                return Ok(kept);
            }
        }
        let briefing = Arc::new(read(app, identity).await?);
        self.kept.insert(key, briefing.clone()).await;
        Ok(briefing)
    }
}

impl Briefing {
    /// Whether it is as new as what a client knows.
    fn covers(
        &self,
        feed: StreamId,
        feed_seq: i64,
        cursors: &HashMap<String, Box<RawValue>>,
    ) -> bool {
        let head_of = |stream: &str| {
            let of_room = |mine: &&MyRoom| {
                let room = mine.room.as_ref();
                room.is_some_and(|room| room.room_id == stream)
            };
            self.rooms.iter().find(of_room).map(|mine| mine.head)
        };
        cursors.iter().all(|(stream, cursor)| {
            let Cursor::At(seq, _) = parse_cursor(cursor) else {
                return false;
            };
            let head = if stream.parse() == Ok(feed) {
                Some(feed_seq)
            } else {
                head_of(stream)
            };
            head.is_some_and(|head| seq <= head)
        })
    }
}

async fn read(app: &App, identity: &Identity) -> Result<Briefing, Status> {
    metrics::counter!("hubbub_gateway_briefings_read_total").increment(1);
    let token = identity.token(app).await?;
    let (mut social, mut room) = (app.social.clone(), app.room.clone());
    let (hidden, rooms) = tokio::try_join!(
        social.list_hidden(rpc::with_token(ListHiddenRequest {}, &token)),
        room.list_my_rooms(rpc::with_token(ListMyRoomsRequest {}, &token)),
    )?;
    let hidden = hidden.get_ref().user_ids.iter();
    Ok(Briefing {
        rooms: rooms.into_inner().rooms,
        hidden: hidden.filter_map(|id| id.parse().ok()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proto::room::Room;

    use super::*;

    const ID: &str = "0192d3a4-0000-7000-8000-000000000001";

    fn covers(cursors: &str) -> bool {
        let room = Room {
            room_id: "r".into(),
            ..Room::default()
        };
        let briefing = Briefing {
            rooms: vec![MyRoom {
                room: Some(room),
                head: 5,
                ..MyRoom::default()
            }],
            hidden: Vec::new(),
        };
        let cursors = serde_json::from_str(&cursors.replace("ID", ID)).expect("JSON");
        briefing.covers(ID.parse().expect("an id"), 3, &cursors)
    }

    #[test]
    fn a_client_that_knows_more_gets_a_new_one() {
        assert!(covers("{}"));
        assert!(covers(r#"{"r":[5,"ID"],"ID":[3,"ID"]}"#));
        assert!(
            !covers(r#"{"r":"nonsense"}"#),
            "it begins anew, at the newest place"
        );
        assert!(!covers(r#"{"r":[6,"ID"]}"#), "the room has moved on");
        assert!(!covers(r#"{"ID":[4,"ID"]}"#), "the feed has moved on");
        assert!(!covers(r#"{"other":[1,"ID"]}"#), "a room it does not know");
    }
}
