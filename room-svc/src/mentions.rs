//! Mentions: whom a text names, and telling them.

use proto::{
    event::Kind,
    id::{EventId, RoomId, UserId},
};
use rpc::Caller;
use stream::{Append, Appended};

use crate::{
    App, Error, db, events,
    messages::{self, NewMessage},
    mutation::{self, Keyed, Mutation, retrying},
    names::fold,
};

/// Most people that one message mentions.
const MENTIONS_MAX: usize = 20;
/// Most names that are looked at.
const NAMES_MAX: usize = 100;
/// Longest name of a person.
const NAME_MAX: usize = 32;

/// Where a notification leads.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) room_id: RoomId,
    /// None for a direct conversation.
    pub(crate) room_name: Option<String>,
    pub(crate) message_id: EventId,
    pub(crate) thread: Option<EventId>,
}

/// A member whom a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mentioned {
    pub(crate) user_id: UserId,
    pub(crate) name_folded: String,
    /// Whether they may hear of it from this author.
    pub(crate) is_told: bool,
}

/// Whether a text names a member of the room other than the caller. Asks the database only when it names anybody.
pub(crate) async fn is_any(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    body: &str,
) -> Result<bool, Error> {
    let names = named(body);
    if names.is_empty() {
        return Ok(false);
    }
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let members = db::mentions::list_mentioned(&db, &caller, room_id, &names.concat()).await?;
        Ok(!members.is_empty())
    })
    .await
}

/// Finds the members whom a text names, in the order of the text.
pub(crate) async fn resolve(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    body: &str,
) -> Result<Vec<Mentioned>, Error> {
    let names = named(body);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let members =
        db::mentions::list_mentioned(&mut *mutation.tx, caller, room_id, &names.concat()).await?;
    Ok(pick(&names, &members))
}

/// Builds the notifications of those who may hear of it.
pub(crate) fn notices(
    caller: &Caller,
    mentioned: &[Mentioned],
    place: &Place,
    body: &str,
) -> Vec<Append> {
    let told = mentioned.iter().filter(|mentioned| mentioned.is_told);
    told.map(|told| events::messages::mentioned(caller, told.user_id, place, body))
        .collect()
}

/// Stores a message that names members, and tells them.
pub(crate) async fn send(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    message: NewMessage,
    keyed: Keyed,
) -> Result<Appended, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        retrying(|| send_once(&app, &caller, room_id, message.clone(), &keyed)).await
    })
    .await
}

/// What the writer of the log does in one statement, step by step: the guard, the append, the owner's rows.
async fn send_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    message: NewMessage,
    keyed: &Keyed,
) -> Result<Appended, Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    if let Some(first) = mutation.first() {
        return messages::answered(first);
    }
    messages::require_voice(&mut mutation, caller, room_id, Kind::MessagePosted).await?;
    // Asked again under the caller's lock: nobody who blocked them meanwhile is told.
    let mentioned = resolve(&mut mutation, caller, room_id, &message.body).await?;
    let (body, thread) = (message.body.clone(), message.thread);
    let users: Vec<UserId> = mentioned.iter().map(|each| each.user_id).collect();
    let posted = events::messages::posted(caller, room_id, message, keyed, &users);
    let data = posted.data.clone();
    // The notifications name the message, whose id only the append knows: two appends, so the heads are locked before
    // both, in the order in which every append locks them.
    db::messages::lock_heads(&mut mutation.tx, caller, room_id, &users).await?;
    let appended = mutation.record(vec![posted]).await?;
    let appended = *appended
        .first()
        .ok_or(Error::Internal("an append without an answer"))?;
    db::messages::insert_message(&mut mutation.tx, caller, room_id, &appended, &data).await?;
    let place = Place {
        room_id,
        room_name: db::messages::find_room_name(&mut mutation.tx, &caller.tenant, room_id).await?,
        message_id: appended.event_id,
        thread,
    };
    let notices = notices(caller, &mentioned, &place, &body);
    if !notices.is_empty() {
        mutation.record(notices).await?;
    }
    mutation::commit(app, mutation).await?;
    Ok(appended)
}

/// Lists the names after each `@`, folded. One `@` can mean several, longest first: a stop or a dash at the end may
/// belong to the name or to the sentence.
fn named(body: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for (at, _) in body.match_indices('@') {
        let before = body[..at].chars().next_back();
        // The middle of an address is not a mention.
        if all.len() == NAMES_MAX || before.is_some_and(is_part_of_name) {
            continue;
        }
        let rest = &body[at + 1..];
        let end = rest
            .find(|each| !is_part_of_name(each))
            .unwrap_or(rest.len());
        let spellings = spellings(&rest[..end]);
        if !spellings.is_empty() && !all.contains(&spellings) {
            all.push(spellings);
        }
    }
    all
}

fn spellings(text: &str) -> Vec<String> {
    let ends = (1..=text.len()).rev();
    let mut spellings = Vec::new();
    for end in ends {
        spellings.push(fold(&text[..end]));
        if !text[..end].ends_with(['.', '-', '_']) {
            break;
        }
    }
    spellings.retain(|name| name.len() <= NAME_MAX);
    spellings
}

fn is_part_of_name(each: char) -> bool {
    each.is_ascii_alphanumeric() || matches!(each, '_' | '.' | '-')
}

fn pick(names: &[Vec<String>], members: &[Mentioned]) -> Vec<Mentioned> {
    let mut picked: Vec<Mentioned> = Vec::new();
    for spellings in names {
        let found = spellings
            .iter()
            .find_map(|name| members.iter().find(|member| member.name_folded == *name));
        if let Some(member) = found
            && !picked.contains(member)
        {
            picked.push(member.clone());
        }
    }
    picked.truncate(MENTIONS_MAX);
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Mentioned {
        Mentioned {
            user_id: UserId::generate(),
            name_folded: name.into(),
            is_told: true,
        }
    }

    #[test]
    fn a_name_ends_where_a_name_can_end() {
        assert_eq!(named("hi @Ada, and @bob"), [vec!["ada"], vec!["bob"]]);
        assert_eq!(
            named("@Ada... @a.b"),
            [vec!["ada...", "ada..", "ada.", "ada"], vec!["a.b"]]
        );
        assert_eq!(named("(@ada)@ada@ada"), [vec!["ada"]]);
        for nobody in ["", "@", "@ ada", "ada@example.org", "@ü", "a.@b", "@@"] {
            assert!(named(nobody).is_empty(), "{nobody}");
        }
        assert!(named(&format!("@{}", "x".repeat(33))).is_empty());
        // Cut at bytes that are not the middle of a character.
        assert_eq!(named("é@ada🦀"), [vec!["ada"]]);
    }

    #[test]
    fn the_longest_name_is_meant_and_everyone_once() {
        let members = [member("ada"), member("ada."), member("bob")];
        let picked = pick(&named("@bob @ada. @ADA @bob."), &members);
        let expected = [members[2].clone(), members[1].clone(), members[0].clone()];
        assert_eq!(picked, expected);
    }

    #[test]
    fn a_text_names_so_many_and_no_more() {
        let members: Vec<_> = (0..30)
            .map(|number| member(&format!("u{number}")))
            .collect();
        let text: Vec<_> = (0..30).map(|number| format!("@u{number}")).collect();
        assert_eq!(pick(&named(&text.join(" ")), &members), members[..20]);
        assert_eq!(named(&"@ab @cd ".repeat(500)).len(), 2);
    }
}
