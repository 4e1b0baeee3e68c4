//! Friend requests and friendships.

use proto::{
    social::{
        AcceptFriendRequest, CancelFriendRequest, DeclineFriendRequest, FriendState,
        ListFriendsRequest, PendingRequest, Person, RemoveFriendRequest, RequestFriendRequest,
    },
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, Paging, ask, change,
    row::{Route, keyed, route},
    view::{PersonView, friend_state},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("friend.request" => request, Ask => Standing<'_>),
    keyed!("friend.accept" => accept, Target => Standing<'_>),
    keyed!("friend.decline" => decline, Target => Empty),
    keyed!("friend.cancel" => cancel, Target => Empty),
    keyed!("friend.remove" => remove, Target => Empty),
    route!("friend.list" => list, Paging => Listed<'_>),
];

/// How it stands with someone now.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Standing<'a> {
    /// How it stands now.
    #[schemars(with = "words::FriendState")]
    state: &'static str,
    /// The other one.
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

/// Asks someone to be friends.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Ask {
    /// The user's id, or `@name`.
    user: String,
    /// A few words with it.
    #[schemars(length(max = 200))]
    note: Option<String>,
}

async fn request(
    context: &Context,
    key: String,
    Ask { user, note }: Ask,
) -> Result<Answer, Failure> {
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

/// A person.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfUser")]
struct Target {
    /// The user's id, or `@name`.
    user: String,
}

async fn accept(
    context: &Context,
    key: String,
    Target { user }: Target,
) -> Result<Answer, Failure> {
    let message = AcceptFriendRequest { user_id: user, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.accept_friend(request).await }
    })
    .await?;
    Standing::answer(answer.state(), answer.user.as_ref())
}

async fn decline(
    context: &Context,
    key: String,
    Target { user }: Target,
) -> Result<Answer, Failure> {
    let message = DeclineFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.decline_friend(request).await }
    })
    .await?;
    Answer::done()
}

async fn cancel(
    context: &Context,
    key: String,
    Target { user }: Target,
) -> Result<Answer, Failure> {
    let message = CancelFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.cancel_friend(request).await }
    })
    .await?;
    Answer::done()
}

async fn remove(
    context: &Context,
    key: String,
    Target { user }: Target,
) -> Result<Answer, Failure> {
    let message = RemoveFriendRequest { user_id: user, key };
    change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.remove_friend(request).await }
    })
    .await?;
    Answer::done()
}

/// A request that waits.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FriendRequest")]
struct PendingView<'a> {
    /// The other one.
    user: PersonView<'a>,
    /// What was written with it, or nothing.
    note: &'a str,
    /// When, milliseconds since the epoch.
    at: i64,
}

/// A page of friends; the first one has the requests that wait.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// Friends by name.
    friends: Vec<PersonView<'a>>,
    /// Who asked the caller.
    incoming: Vec<PendingView<'a>>,
    /// Whom the caller asked.
    outgoing: Vec<PendingView<'a>>,
    /// `page` of the next page; none if this is the last.
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

async fn list(context: &Context, Paging { page, limit }: Paging) -> Result<Answer, Failure> {
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
