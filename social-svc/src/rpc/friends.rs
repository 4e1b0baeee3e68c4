//! Friends and requests, on the wire.

use proto::social::{
    AcceptFriendRequest, AcceptFriendResponse, CancelFriendRequest, CancelFriendResponse,
    DeclineFriendRequest, DeclineFriendResponse, FriendState as WireState, ListFriendsRequest,
    ListFriendsResponse, PendingRequest, RemoveFriendRequest, RemoveFriendResponse,
    RequestFriendRequest, RequestFriendResponse,
};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{Answer, key, line, next_page, paging, user};
use crate::{
    App,
    friends::{self, Friends, Parting},
    requests::{self, FriendState, NOTE_MAX_CHARS, NewRequest, Pending, Reply, Requested},
    times::millis,
};

pub(super) async fn request_friend(
    app: &App,
    request: Request<RequestFriendRequest>,
) -> Answer<RequestFriendResponse> {
    let caller = Caller::of(&request)?;
    let requested = requests::request(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(requested.into()))
}

pub(super) async fn accept_friend(
    app: &App,
    request: Request<AcceptFriendRequest>,
) -> Answer<AcceptFriendResponse> {
    let caller = Caller::of(&request)?;
    let AcceptFriendRequest { user_id, key } = request.into_inner();
    let accepted = requests::accept(app, &caller, reply(&user_id, key)?).await?;
    Ok(Response::new(AcceptFriendResponse {
        state: WireState::from(accepted.state).into(),
        user: Some(accepted.user.into()),
    }))
}

pub(super) async fn decline_friend(
    app: &App,
    request: Request<DeclineFriendRequest>,
) -> Answer<DeclineFriendResponse> {
    let caller = Caller::of(&request)?;
    let DeclineFriendRequest { user_id, key } = request.into_inner();
    requests::decline(app, &caller, reply(&user_id, key)?).await?;
    Ok(Response::new(DeclineFriendResponse {}))
}

pub(super) async fn cancel_friend(
    app: &App,
    request: Request<CancelFriendRequest>,
) -> Answer<CancelFriendResponse> {
    let caller = Caller::of(&request)?;
    let CancelFriendRequest { user_id, key } = request.into_inner();
    requests::cancel(app, &caller, reply(&user_id, key)?).await?;
    Ok(Response::new(CancelFriendResponse {}))
}

pub(super) async fn remove_friend(
    app: &App,
    request: Request<RemoveFriendRequest>,
) -> Answer<RemoveFriendResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let parting = Parting {
        key: key(request.key)?,
        user: user(&request.user_id)?,
    };
    friends::remove(app, &caller, parting).await?;
    Ok(Response::new(RemoveFriendResponse {}))
}

pub(super) async fn list_friends(
    app: &App,
    request: Request<ListFriendsRequest>,
) -> Answer<ListFriendsResponse> {
    let caller = Caller::of(&request)?;
    let ListFriendsRequest { page, limit } = request.into_inner();
    let listed = friends::list(app, &caller, paging(&page, limit)?).await?;
    Ok(Response::new(listed.into()))
}

fn reply(named: &str, key_text: String) -> Result<Reply, Status> {
    Ok(Reply {
        key: key(key_text)?,
        user: user(named)?,
    })
}

impl TryFrom<RequestFriendRequest> for NewRequest {
    type Error = Status;

    fn try_from(request: RequestFriendRequest) -> Result<Self, Status> {
        Ok(Self {
            key: key(request.key)?,
            user: user(&request.user_id)?,
            note: line(
                "note",
                &request.note,
                NOTE_MAX_CHARS,
                "a note has at most 200 characters",
            )?,
        })
    }
}

impl From<FriendState> for WireState {
    fn from(state: FriendState) -> Self {
        match state {
            FriendState::Pending => Self::Pending,
            FriendState::Friends => Self::Friends,
        }
    }
}

impl From<Requested> for RequestFriendResponse {
    fn from(requested: Requested) -> Self {
        Self {
            state: WireState::from(requested.state).into(),
            user: Some(requested.user.into()),
        }
    }
}

impl From<Pending> for PendingRequest {
    fn from(pending: Pending) -> Self {
        Self {
            user: Some(pending.user.into()),
            note: pending.note,
            at_ms: millis(pending.created_at),
        }
    }
}

impl From<Friends> for ListFriendsResponse {
    fn from(listed: Friends) -> Self {
        Self {
            friends: listed.page.rows.into_iter().map(Into::into).collect(),
            incoming: listed.incoming.into_iter().map(Into::into).collect(),
            outgoing: listed.outgoing.into_iter().map(Into::into).collect(),
            next_page: next_page(listed.page.next),
        }
    }
}
