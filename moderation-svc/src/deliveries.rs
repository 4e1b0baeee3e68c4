//! Why somebody has a message, or has not: the log and the rules from room-svc, the sockets from their gateways, and one
//! answer from both.

use proto::{
    gateway::{ExplainResponse, Progress},
    id::{EventId, StreamId, UserId},
    room::ExplainMessageResponse,
};
use rpc::Caller;

use crate::{
    App, Error,
    connections::Connection,
    db, messages,
    pages::Paging,
    users::{self, UserRef},
};

/// Most sockets that are asked about: more than a person has on all gateways.
const SOCKETS_MAX: usize = 100;

/// How a message's way to a person ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A device says that they have read up to it.
    Read,
    /// A device says that it has got it.
    Delivered,
    /// It was handed to a socket, and no device has said more.
    Written,
    /// It is on its way to a socket.
    Waiting,
    /// A rule keeps it from them.
    Withheld(Rule),
    /// They have no socket.
    Offline,
    /// They have sockets, and none of them could be asked or follows the room.
    Unknown,
}

/// What keeps a message from a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// They are not in the room.
    NotAMember,
    /// They came after it was stored.
    JoinedLater,
    /// A block hides its author from them.
    AuthorBlocked,
    /// Nobody but its author hears its author.
    AuthorShadowed,
    /// They are banned from the installation.
    Banned,
    /// They took it from their own devices.
    HiddenByUser,
}

/// One socket of the person, and how far it has got.
#[derive(Debug, Clone)]
pub struct Socket {
    /// Which.
    pub connection: Connection,
    /// What its gateway says.
    pub said: ExplainResponse,
}

/// What there is to say.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The end of it.
    pub outcome: Outcome,
    /// What room-svc says.
    pub message: ExplainMessageResponse,
    /// What the gateways say, the oldest socket first.
    pub sockets: Vec<Socket>,
}

/// Explains what became of a message on its way to a person, by the rules and sockets of this moment: what was lifted or
/// closed since is not seen.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`, `MessageNotFound`, `Registry`, `Upstream`.
pub async fn explain(
    app: &App,
    caller: &Caller,
    message_id: EventId,
    user: UserRef,
) -> Result<Explanation, Error> {
    let user_id = person(app, caller, user).await?;
    let message = messages::explain(app, &caller.tenant, message_id, user_id).await?;
    let all = Paging {
        after: None,
        limit: SOCKETS_MAX,
    };
    let listed = app.registry.list_of(&caller.tenant, user_id, all).await?;
    let sockets = ask(app, caller, listed.page.rows, &message).await?;
    let rule = rule(&message, user_id);
    Ok(Explanation {
        outcome: outcome(&message, rule, &sockets),
        message,
        sockets,
    })
}

async fn person(app: &App, caller: &Caller, user: UserRef) -> Result<UserId, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        db::standings::require_admin(&mut *conn, &caller).await?;
        Ok(users::get(&mut conn, &caller.tenant, &user).await?.user_id)
    })
    .await
}

/// Asks every socket's gateway, all at once.
async fn ask(
    app: &App,
    caller: &Caller,
    connections: Vec<Connection>,
    message: &ExplainMessageResponse,
) -> Result<Vec<Socket>, Error> {
    let stream_id: StreamId = (message.room_id.parse())
        .map_err(|_| Error::Internal("room-svc answered without a room"))?;
    let asked = connections.into_iter().map(|connection| async move {
        let gateway = app.gateways.at(&connection.gateway);
        let id = connection.connection_id;
        let said = gateway
            .explain(&caller.tenant, id, stream_id, message.seq)
            .await;
        Socket { connection, said }
    });
    Ok(futures::future::join_all(asked).await)
}

/// The rule that keeps a message from a person. The author is told of their own whatever others hide.
fn rule(message: &ExplainMessageResponse, user_id: UserId) -> Option<Rule> {
    let is_own = message.author_id == user_id.to_string();
    if message.is_banned {
        Some(Rule::Banned)
    } else if !message.is_member {
        Some(Rule::NotAMember)
    } else if message.joined_seq > message.seq {
        Some(Rule::JoinedLater)
    } else if message.is_author_shadowed && !is_own {
        Some(Rule::AuthorShadowed)
    } else if message.is_author_blocked && !is_own {
        Some(Rule::AuthorBlocked)
    } else if message.is_hidden {
        Some(Rule::HiddenByUser)
    } else {
        None
    }
}

/// What devices say counts most, then the rules, then the socket that has got furthest.
fn outcome(message: &ExplainMessageResponse, rule: Option<Rule>, sockets: &[Socket]) -> Outcome {
    // A mark passes over what its owner was never shown.
    if let Some(rule) = rule {
        return Outcome::Withheld(rule);
    }
    if message.read_seq >= message.seq {
        return Outcome::Read;
    }
    if message.delivered_seq >= message.seq {
        return Outcome::Delivered;
    }
    let has = |wanted: &[Progress]| {
        let mut said = sockets.iter().map(|socket| socket.said.progress());
        said.any(|progress| wanted.contains(&progress))
    };
    let on_their_way = [
        Progress::Queued,
        Progress::Behind,
        Progress::NotHeard,
        Progress::Frozen,
    ];
    if has(&[Progress::Passed]) {
        Outcome::Written
    } else if has(&on_their_way) {
        Outcome::Waiting
    } else if has(&[Progress::Unanswered, Progress::NotFollowing]) {
        Outcome::Unknown
    } else {
        Outcome::Offline
    }
}

#[cfg(test)]
mod tests;
