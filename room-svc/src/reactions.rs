//! Reactions to messages.

use proto::{
    event::{Kind, ReactionChanged},
    id::{EventId, RoomId},
};
use rpc::Caller;

use crate::{
    App, Error, db,
    db::messages::LockedMessage,
    events,
    mentions::Place,
    messages,
    mutation::{self, Keyed, Mutation, retrying},
    names::RoomRef,
    rooms,
};

/// Longest emoji, in bytes: a family with skin tones has 25.
const EMOJI_BYTES: usize = 32;
/// Most different emoji at one message.
const EMOJI_MAX: i64 = 50;

/// One emoji at a message, as one person may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// Which.
    pub emoji: String,
    /// How many gave it.
    pub count: i64,
    /// Whether the person is among them.
    pub is_own: bool,
}

/// A request to add or take back a reaction.
#[derive(Debug, Clone)]
pub struct Reacting {
    /// Idempotency key.
    pub key: String,
    /// Where the message stands.
    pub room: RoomRef,
    /// Which message.
    pub message_id: EventId,
    /// Which emoji; [`check_emoji`] has passed it.
    pub emoji: String,
    /// Add it, or take it back.
    pub is_on: bool,
}

/// What became of a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reacted {
    /// How many gave this emoji, of everyone.
    pub count: i64,
    /// Seq of the event; 0 when nothing changed.
    pub seq: i64,
}

impl Reacting {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let parts: [&[u8]; 4] = [
            room_id.0.as_bytes(),
            self.message_id.0.as_bytes(),
            self.emoji.as_bytes(),
            &[u8::from(self.is_on)],
        ];
        Keyed::new(&self.key, "reaction.set", &parts)
    }
}

/// Checks an emoji. Which characters are emoji changes every year; what is certainly none is refused.
///
/// # Errors
/// `FieldInvalid`.
pub fn check_emoji(emoji: &str) -> Result<(), Error> {
    let is_none =
        |each: char| each.is_ascii_alphabetic() || each.is_whitespace() || each.is_control();
    let is_emoji = emoji.len() <= EMOJI_BYTES
        && !emoji.chars().any(is_none)
        && emoji.chars().any(messages::is_visible);
    if is_emoji {
        Ok(())
    } else {
        Err(Error::FieldInvalid {
            field: "emoji",
            why: "one emoji of at most 32 bytes",
        })
    }
}

/// Adds or takes back a reaction of the caller's.
///
/// # Errors
/// `NotAMember`, `Muted`, `RecipientUnavailable`, `MessageNotFound`, `Quota`, `Conflict`.
pub async fn set(app: &App, caller: &Caller, reacting: Reacting) -> Result<Reacted, Error> {
    let room_id = rooms::resolve(app, caller, &reacting.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| set_once(&app, &caller, room_id, &reacting)).await }).await
}

async fn set_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    reacting: &Reacting,
) -> Result<Reacted, Error> {
    let keyed = reacting.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        let data: ReactionChanged = serde_json::from_slice(&first.event.data)
            .map_err(|_| Error::Internal("a reaction cannot be read"))?;
        return Ok(Reacted {
            count: data.count,
            seq: first.event.seq,
        });
    }
    messages::require_voice(&mut mutation, caller, room_id, Kind::ReactionChanged).await?;
    let locked =
        db::messages::lock_message(&mut mutation.tx, caller, room_id, reacting.message_id).await?;
    let locked = locked.filter(|locked| locked.is_visible && !locked.is_deleted);
    let locked = locked.ok_or(Error::MessageNotFound)?;
    // The message's lock keeps its reactions as they are while they are counted.
    let tally = db::reactions::count_reactions(
        &mut mutation.tx,
        caller,
        reacting.message_id,
        &reacting.emoji,
    )
    .await?;
    if tally.is_own == reacting.is_on {
        return Ok(Reacted {
            count: tally.count,
            seq: 0,
        });
    }
    if reacting.is_on && tally.count == 0 && tally.emoji >= EMOJI_MAX {
        return Err(Error::Quota("a message has at most 50 different reactions"));
    }
    let count = tally.count + if reacting.is_on { 1 } else { -1 };
    let mut appends = vec![events::messages::reaction_changed(
        caller, room_id, reacting, count, &keyed,
    )];
    if let Some(place) = place_to_tell(&mut mutation, caller, room_id, reacting, &locked).await? {
        let notice = events::messages::reacted(caller, locked.author, &place, &reacting.emoji);
        appends.push(notice);
    }
    let appended = mutation.record(appends).await?;
    if reacting.is_on {
        db::reactions::insert_reaction(&mut mutation.tx, caller, room_id, reacting).await?;
    } else {
        db::reactions::delete_reaction(&mut mutation.tx, caller, reacting).await?;
    }
    mutation::commit(app, mutation).await?;
    Ok(Reacted {
        count,
        seq: appended.first().map_or(0, |appended| appended.seq),
    })
}

/// Where the notification of the message's author leads; none for one who is not told.
async fn place_to_tell(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    reacting: &Reacting,
    locked: &LockedMessage,
) -> Result<Option<Place>, Error> {
    if !reacting.is_on || locked.author == caller.user_id {
        return Ok(None);
    }
    let is_told = db::reactions::is_told(&mut mutation.tx, caller, room_id, locked.author).await?;
    if !is_told {
        return Ok(None);
    }
    let room_name = db::messages::find_room_name(&mut mutation.tx, &caller.tenant, room_id).await?;
    Ok(Some(Place {
        room_id,
        room_name,
        message_id: reacting.message_id,
        thread: locked.thread,
    }))
}

#[cfg(test)]
mod tests {
    use super::check_emoji;

    #[test]
    fn what_is_certainly_no_emoji_is_refused() {
        for emoji in [
            "👍",
            "❤\u{FE0F}",
            "1\u{FE0F}\u{20E3}",
            "👨🏽\u{200D}👩🏽\u{200D}👧🏽",
            "🇺🇦",
        ] {
            assert!(check_emoji(emoji).is_ok(), "{emoji}");
        }
        let long = "👍".repeat(9);
        for none in ["", "a", "👍 ", ":+1a", "\0", "\u{200B}", "\n", &long] {
            assert!(check_emoji(none).is_err(), "{none:?}");
        }
    }
}
