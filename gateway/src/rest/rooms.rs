//! Rooms and the pages of their messages.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::room::{CreateRoomRequest, ListMessagesRequest, ListRoomsRequest};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Rest, answer,
    credential::Signed,
    input::{Fields, Input, Json, Key, Params, Segment},
    problem::{Problem, ProblemShape},
    shape::{self, CreatedView, MessagesView, RoomsView},
};

/// Which rooms to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RoomsQuery {
    /// Part of a name.
    query: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// 1 to 100; 50 if left out.
    limit: Option<u32>,
}

/// Lists the rooms the caller may see, by name. Also served as `/rooms`.
#[utoipa::path(
    get,
    path = "/v1/rooms",
    tag = "rooms",
    params(RoomsQuery),
    responses(
        (status = 200, description = "A page of rooms", body = RoomsView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn list_rooms(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Params(params): Params<RoomsQuery>,
) -> Result<Response, Problem> {
    let request = signed.call(ListRoomsRequest {
        query: params.query.unwrap_or_default(),
        page: params.page.unwrap_or_default(),
        limit: params.limit.unwrap_or_default(),
    });
    let listed = rest
        .app
        .room
        .clone()
        .list_rooms(request)
        .await?
        .into_inner();
    let rooms = RoomsView {
        rooms: listed.rooms.into_iter().map(Into::into).collect(),
        next: shape::next(listed.next_page),
    };
    Ok(answer(StatusCode::OK, &rooms))
}

/// A room to be.
#[derive(ToSchema)]
pub(crate) struct NewRoom {
    #[schema(example = "general")]
    name: String,
    #[schema(required = false)]
    topic: String,
    /// Whether only invited people may see and join it.
    #[schema(required = false)]
    private: bool,
}

impl Input for NewRoom {
    fn take(fields: &mut Fields) -> Self {
        Self {
            name: fields.text("name"),
            topic: fields.optional_text("topic"),
            private: fields.optional_flag("private"),
        }
    }
}

/// Makes a room; the caller becomes its owner. Also served as `/rooms`.
///
/// Send an `Idempotency-Key` of your own to be able to repeat the request when its answer was lost: the same key gives
/// the first answer, for ever. Without the header the server makes a key up, and a repeated request is a new one.
#[utoipa::path(
    post,
    path = "/v1/rooms",
    tag = "rooms",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = NewRoom,
    responses(
        (status = 201, description = "The room", body = CreatedView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 409, description = "ROOM_EXISTS, or CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn create_room(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(room): Json<NewRoom>,
) -> Result<Response, Problem> {
    let NewRoom {
        name,
        topic,
        private,
    } = room;
    let request = signed.call(CreateRoomRequest {
        key,
        name,
        topic,
        is_private: private,
    });
    let created = rest
        .app
        .room
        .clone()
        .create_room(request)
        .await?
        .into_inner();
    let room = created.room.ok_or_else(Problem::internal)?;
    Ok(answer(
        StatusCode::CREATED,
        &CreatedView { room: room.into() },
    ))
}

/// Which messages to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesQuery {
    /// Only messages before this seq: the page that ends there.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// Only messages after this seq: the page that begins there.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// The page that begins with the first message of this time or later, milliseconds since the epoch.
    #[param(minimum = 1)]
    at: Option<i64>,
    /// 1 to 100; 50 if left out.
    limit: Option<u32>,
    /// Only this thread's, by its id; else those outside threads and the first of each.
    thread: Option<String>,
}

/// A page of a room's messages, oldest first; the newest page if none of `before`, `after` and `at` is given.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/messages",
    tag = "rooms",
    params(("room" = String, Path, description = "The room's id, or `#name` (as `%23name`)"), MessagesQuery),
    responses(
        (status = 200, description = "A page of messages, oldest first", body = MessagesView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "NOT_A_MEMBER", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn list_messages(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Segment(room): Segment,
    Params(params): Params<MessagesQuery>,
) -> Result<Response, Problem> {
    let places = [params.before, params.after, params.at];
    if places.iter().flatten().count() > 1 {
        return Err(Problem::field(
            "before",
            "at most one of before, after and at",
        ));
    }
    let request = signed.call(ListMessagesRequest {
        room,
        before: params.before.unwrap_or_default(),
        after: params.after.unwrap_or_default(),
        around: 0,
        limit: params.limit.unwrap_or_default(),
        thread: params.thread.unwrap_or_default(),
        at: params.at.unwrap_or_default(),
    });
    let page = rest
        .app
        .room
        .clone()
        .list_messages(request)
        .await?
        .into_inner();
    let messages = shape::messages(&page.messages)?;
    Ok(answer(
        StatusCode::OK,
        &MessagesView {
            messages,
            more: page.has_more,
        },
    ))
}
