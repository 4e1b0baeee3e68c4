//! What people are called, and what administrators see of accounts.

use proto::auth::{Address, ListAddressesRequest, ListNamesRequest, ListUsersRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask,
    row::{Route, route},
    view::{PersonView, UserView},
};

pub(super) const ROUTES: &[Route] = &[
    route!("user.list" => list, List => Listed<'_>),
    route!("mod.users" => users, Search => Users<'_>),
    route!("mod.addresses" => addresses, Target => Addresses<'_>),
];

/// Whose names are asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// Ids of users; those that are nobody's are left out.
    #[schemars(length(max = 100))]
    users: Vec<String>,
}

/// The people there are.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The people.
    users: Vec<PersonView<'a>>,
}

async fn list(context: &Context, List { users: user_ids }: List) -> Result<Answer, Failure> {
    let mut service = context.app.auth.clone();
    let answer = ask(
        context,
        ListNamesRequest { user_ids },
        |request| async move { service.list_names(request).await },
    )
    .await?;
    Answer::of(&Listed {
        users: answer.people.iter().map(PersonView::from).collect(),
    })
}

/// A page of accounts.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Search {
    /// The beginning of the name.
    query: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A page of accounts by name.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Users<'a> {
    /// The accounts.
    users: Vec<UserView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn users(
    context: &Context,
    Search { query, page, limit }: Search,
) -> Result<Answer, Failure> {
    let question = ListUsersRequest {
        query: query.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.auth.clone();
    let answer = ask(context, question, |request| async move {
        service.list_users(request).await
    })
    .await?;
    Answer::of(&Users {
        users: answer.users.iter().map(UserView::from).collect(),
        next: &answer.next_page,
    })
}

/// Whose addresses are asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Target {
    /// The user's id, or `@name`.
    user: String,
}

/// An address a person was seen at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SeenAddress")]
struct AddressView<'a> {
    /// The address.
    address: &'a str,
    /// When it was first seen, milliseconds since the epoch.
    first_seen: i64,
    /// When it was last seen, milliseconds since the epoch.
    last_seen: i64,
}

impl<'a> From<&'a Address> for AddressView<'a> {
    fn from(seen: &'a Address) -> Self {
        Self {
            address: &seen.address,
            first_seen: seen.first_seen_ms,
            last_seen: seen.last_seen_ms,
        }
    }
}

/// The addresses, latest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Addresses<'a> {
    /// The addresses.
    addresses: Vec<AddressView<'a>>,
}

async fn addresses(context: &Context, Target { user }: Target) -> Result<Answer, Failure> {
    let mut service = context.app.auth.clone();
    let answer = ask(
        context,
        ListAddressesRequest { user_id: user },
        |request| async move { service.list_addresses(request).await },
    )
    .await?;
    Answer::of(&Addresses {
        addresses: answer.addresses.iter().map(AddressView::from).collect(),
    })
}
