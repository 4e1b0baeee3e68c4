//! Everything that is held here of a person, as they may have it.

use rpc::Caller;
use serde_json::{Value, json};

use crate::{
    App, Error, blocks, friends,
    pages::Paging,
    people::Person,
    presence::{self, Chosen},
    requests::Pending,
    settings,
    times::millis,
};

/// Most friends and blocks in an export: an answer must fit a message of the bus.
const ROWS_MAX: usize = 4_000;

/// Returns what is held of the caller: friends, requests as the caller sees them, blocks, settings, presence.
///
/// # Errors
/// None but the database's.
pub async fn export(app: &App, caller: &Caller) -> Result<Value, Error> {
    let everything = || Paging {
        after: None,
        limit: ROWS_MAX,
    };
    let friends = friends::list(app, caller, everything()).await?;
    let blocks = blocks::list(app, caller, everything()).await?;
    let settings = settings::get(app, caller).await?;
    let chosen = presence::chosen(app, caller).await?;
    let blocks: Vec<Value> = blocks
        .rows
        .iter()
        .map(|block| {
            json!({
                "user": person(&block.user),
                "mutual": block.reach.is_mutual(),
                "at": millis(block.created_at),
            })
        })
        .collect();
    Ok(json!({
        "friends": friends.page.rows.iter().map(person).collect::<Vec<_>>(),
        "requests": {
            "incoming": friends.incoming.iter().map(pending).collect::<Vec<_>>(),
            "outgoing": friends.outgoing.iter().map(pending).collect::<Vec<_>>(),
        },
        "blocks": blocks,
        "settings": {"directFrom": settings.direct_from.as_str()},
        "presence": as_chosen(&chosen),
    }))
}

fn person(person: &Person) -> Value {
    json!({"id": person.user_id, "name": person.name})
}

fn pending(pending: &Pending) -> Value {
    json!({
        "user": person(&pending.user),
        "note": pending.note,
        "at": millis(pending.created_at),
    })
}

fn as_chosen(chosen: &Chosen) -> Value {
    json!({
        "status": chosen.mood.as_str(),
        "text": chosen.text,
        "until": chosen.until.map(millis),
        "lastSeen": chosen.last_seen_at.map(millis),
    })
}
