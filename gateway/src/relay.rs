//! Frame → service call → frame. One table from type to handler; no rules.

mod accounts;
mod audit;
mod bans;
mod blocks;
mod connections;
mod deliveries;
mod direct;
mod entering;
mod filters;
mod friends;
mod health;
mod history;
mod invites;
mod known;
mod live;
mod members;
mod messages;
mod moderation;
mod notifications;
mod people;
mod pins;
mod presence;
mod reactions;
mod reads;
mod reports;
mod rooms;
mod routes;
mod row;
mod search;
mod settings;
mod threads;
pub(crate) mod view;
pub(crate) mod wire;

use std::{future::Future, sync::Arc};

use parking_lot::Mutex;
use proto::{
    id::{RoomId, StreamId},
    reason::Reason,
};
use rpc::Refusal;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tonic::{Code, Request, Response, Status};

use crate::{
    App,
    address::ClientAddress,
    conn::{credential::Identity, handle::Handle},
    error::Error,
    frame::{self, Frame},
    hub::{Lookout, Watch},
};

pub use known::{KnownRoom, KnownRooms};
pub use routes::{enters, kinds, lane, native, table, weight};
pub use row::Row;
pub(crate) use wire::{Cursors, DurableFrame, Empty, Paging};

/// A mutation whose outcome is unknown is repeated this often in all, with its key.
const TRIES: u32 = 3;

/// What a request of a connection can use.
pub struct Context {
    /// The gateway.
    pub app: Arc<App>,
    /// Who asks.
    pub identity: Identity,
    /// The connection.
    pub handle: Arc<Handle>,
    /// Where it comes from.
    pub address: ClientAddress,
    /// The rooms the user is in.
    pub rooms: Mutex<KnownRooms>,
}

/// What a request does to its connection beside the answer.
pub enum Effect {
    /// Nothing.
    None,
    /// The user is in a room now: follow it.
    Joined(Box<Joined>),
    /// The credential was replaced and ends then.
    Refreshed {
        /// Milliseconds since the epoch.
        expires_at_ms: i64,
    },
    /// Other people are watched from now on: tell what was heard of them meanwhile.
    Watches(Lookout),
    /// The connection cannot be whole any more: end it, so that the client resumes elsewhere.
    Broken,
}

/// A room to follow.
pub struct Joined {
    /// Its id.
    pub room: RoomId,
    /// What is known of it.
    pub known: KnownRoom,
    /// The stream, already followed by this gateway.
    pub watch: Watch,
    /// Everything up to this seq was answered.
    pub head: i64,
}

/// The end of a request.
pub struct Outcome {
    /// The answer; `None` when the outcome is unknown: the client repeats the same key.
    pub reply: Option<Utf8Bytes>,
    /// Whether it was refused for asking too much.
    pub effect: Effect,
}

/// What a handler gives: the JSON text of the answer's `data`, and its effect.
struct Answer {
    data: Box<RawValue>,
    /// The name of the data's type, which the type's row must have named.
    kind: &'static str,
    effect: Effect,
}

impl Answer {
    fn of<T: Serialize>(data: &T) -> Result<Self, Failure> {
        Ok(Self {
            data: serde_json::value::to_raw_value(data).map_err(|_| Failure::internal())?,
            kind: std::any::type_name::<T>(),
            effect: Effect::None,
        })
    }

    /// Nothing to tell but that it was done.
    fn done() -> Result<Self, Failure> {
        Self::of(&Empty {})
    }

    fn with(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }
}

enum Failure {
    Refused(Error),
    /// May or may not have been done.
    Unknown,
}

impl Failure {
    fn internal() -> Self {
        Self::Refused(Error::new(
            Code::Internal,
            Reason::INTERNAL,
            "something went wrong",
        ))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Refused(status.into())
    }
}

/// Handles a request from its parsed frame to its answer.
pub async fn handle(context: &Context, frame: &Frame, trace: String) -> Outcome {
    let id = frame.id.as_deref();
    let answered = match routes::find(&frame.kind) {
        Some(route) => route.handle(context, frame).await,
        None => Err(unknown_type().into()),
    };
    match answered {
        Ok(Answer { data, effect, .. }) => Outcome {
            reply: Some(frame::ok(id, &data)),
            effect,
        },
        Err(Failure::Unknown) => Outcome {
            reply: None,
            effect: Effect::None,
        },
        Err(Failure::Refused(error)) => Outcome {
            reply: Some(frame::error(id, &error.with_trace(trace))),
            effect: Effect::None,
        },
    }
}

/// Makes the refusal of a type this server does not know.
#[must_use]
pub fn unknown_type() -> Error {
    Error::new(
        Code::Unimplemented,
        Reason::UNKNOWN_TYPE,
        "this server does not know the type",
    )
}

/// Asks a question: no harm in asking again, so an unknown outcome is a refusal to be repeated by the client.
async fn ask<Q, A, F>(
    context: &Context,
    question: Q,
    call: impl FnOnce(Request<Q>) -> F,
) -> Result<A, Failure>
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    let token = context.identity.token(&context.app).await?;
    Ok(call(rpc::with_token(question, &token)).await?.into_inner())
}

/// Asks for a change. An unknown outcome is asked again with the same key; if it stays unknown there is no answer.
async fn change<Q, A, F>(
    context: &Context,
    message: Q,
    call: impl Fn(Request<Q>) -> F,
) -> Result<A, Failure>
where
    Q: Clone,
    F: Future<Output = Result<Response<A>, Status>>,
{
    let mut is_unknown = false;
    for _ in 0..TRIES {
        let token = context
            .identity
            .token(&context.app)
            .await
            .map_err(|status| settle(is_unknown, &status))?;
        match call(rpc::with_token(message.clone(), &token)).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if Refusal::of(&status).is_unknown_outcome() => is_unknown = true,
            // "Nobody is there" says nothing about the try before.
            Err(status) => return Err(settle(is_unknown, &status)),
        }
    }
    metrics::counter!("hubbub_gateway_unanswered_total").increment(1);
    Err(Failure::Unknown)
}

/// A refusal after an unknown try decides only when it comes from the owner, who looks at the key first.
fn settle(was_unknown: bool, status: &Status) -> Failure {
    let is_owner_s = !matches!(
        status.code(),
        Code::Unavailable | Code::ResourceExhausted | Code::Unauthenticated
    );
    if was_unknown && !is_owner_s {
        Failure::Unknown
    } else {
        Failure::Refused(status.into())
    }
}

/// Finds a room the user is in by its id or `#name`.
fn known_id(context: &Context, room: &str) -> Option<RoomId> {
    let rooms = context.rooms.lock();
    if let Some(name) = room.strip_prefix('#') {
        return rooms.named(name);
    }
    room.parse().ok().filter(|id| rooms.contains(*id))
}

/// Finds a user's id: an id stands for itself, `@name` is looked up.
async fn user_id(context: &Context, user: &str) -> Result<String, Failure> {
    use proto::auth::{GetUserRequest, get_user_request::By};
    if !user.starts_with('@') {
        return Ok(user.to_owned());
    }
    let question = GetUserRequest {
        by: Some(By::Name(user.to_owned())),
    };
    let mut auth = context.app.auth.clone();
    let answer = ask(context, question, |request| async move {
        auth.get_user(request).await
    })
    .await?;
    answer
        .user
        .map(|user| user.user_id)
        .ok_or_else(Failure::internal)
}

/// Follows a room's stream for this connection.
async fn follow(context: &Context, room: RoomId) -> Result<Watch, Status> {
    let (hub, identity) = (&context.app.hub, &context.identity);
    hub.open(
        context.handle.id,
        &identity.tenant,
        StreamId::from(room),
        crate::fanout::Scope::Room,
    )
    .await
}
