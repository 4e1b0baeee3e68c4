//! Friend requests and friendships.

use proto::social::{
    AcceptFriendRequest, CancelFriendRequest, DeclineFriendRequest, FriendState,
    ListFriendsRequest, PendingRequest, Person, RemoveFriendRequest, RequestFriendRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, Paging, ask, change,
    routes::{Route, route},
    view::{PersonView, friend_state},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("friend.request" => request),
    route!("friend.accept" => accept),
    route!("friend.decline" => decline),
    route!("friend.cancel" => cancel),
    route!("friend.remove" => remove),
    route!("friend.list" => list),
];

/// How it stands with someone now.
#[derive(Serialize)]
struct Standing<'a> {
    state: &'static str,
    user: PersonView<'a>,
}

impl Standing<'_> {
    fn answer(state: FriendState, user: Option<&Person>) -> Result<Answer, Failure> {
        Answer::of(&Standing {
            state: friend_state(state),
            user: PersonView::from(user.ok_or_else(Failure::internal)?),
        })
    }
}

#[derive(Deserialize)]
struct Ask {
    user: String,
    note: Option<String>,
}

async fn request(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Ask { user, note } = frame.payload()?;
    let message = RequestFriendRequest {
        user_id: user,
        note: note.unwrap_or_default(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.request_friend(request).await }
    })
    .await?;
    Standing::answer(answer.state(), answer.user.as_ref())
}

#[derive(Deserialize)]
struct Target {
    user: String,
}

async fn accept(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { user } = frame.payload()?;
    let message = AcceptFriendRequest { user_id: user, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.accept_friend(request).await }
    })
    .await?;
    Standing::answer(answer.state(), answer.user.as_ref())
}

async fn decline(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { user } = frame.payload()?;
    let message = DeclineFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.decline_friend(request).await }
    })
    .await?;
    Answer::done()
}

async fn cancel(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { user } = frame.payload()?;
    let message = CancelFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.cancel_friend(request).await }
    })
    .await?;
    Answer::done()
}

async fn remove(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { user } = frame.payload()?;
    let message = RemoveFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.remove_friend(request).await }
    })
    .await?;
    Answer::done()
}

#[derive(Serialize)]
struct PendingView<'a> {
    user: PersonView<'a>,
    note: &'a str,
    at: i64,
}

#[derive(Serialize)]
struct Listed<'a> {
    friends: Vec<PersonView<'a>>,
    incoming: Vec<PendingView<'a>>,
    outgoing: Vec<PendingView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

fn pending(requests: &[PendingRequest]) -> Vec<PendingView<'_>> {
    let views = requests.iter().filter_map(|request| {
        Some(PendingView {
            user: PersonView::from(request.user.as_ref()?),
            note: &request.note,
            at: request.at_ms,
        })
    });
    views.collect()
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Paging { page, limit } = frame.payload()?;
    let question = ListFriendsRequest {
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.social.clone();
    let answer = ask(context, question, |request| async move {
        service.list_friends(request).await
    })
    .await?;
    Answer::of(&Listed {
        friends: answer.friends.iter().map(PersonView::from).collect(),
        incoming: pending(&answer.incoming),
        outgoing: pending(&answer.outgoing),
        next: &answer.next_page,
    })
}
