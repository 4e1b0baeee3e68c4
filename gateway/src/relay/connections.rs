//! Live connections, for administrators.

use proto::moderation::{Connection, DisconnectRequest, ListConnectionsRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, ask,
    row::{Route, route},
    view::PersonView,
};

pub(super) const ROUTES: &[Route] = &[
    route!("mod.connections" => list, List => Connections<'_>),
    route!("mod.disconnect" => disconnect, Ended => Empty),
];

/// Everyone's, or one person's.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// Only this user's.
    user: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// An open connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LiveConnection")]
pub(super) struct ConnectionView<'a> {
    /// Its id.
    id: &'a str,
    /// Whose it is.
    user: PersonView<'a>,
    /// The gateway that holds it.
    gateway: &'a str,
    /// Where it comes from.
    address: &'a str,
    /// When it was opened, milliseconds since the epoch.
    since: i64,
    /// When it was last heard of, milliseconds since the epoch.
    last_seen: i64,
}

impl<'a> From<&'a Connection> for ConnectionView<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self {
            id: &connection.connection_id,
            user: PersonView {
                id: &connection.user_id,
                name: &connection.user_name,
            },
            gateway: &connection.gateway,
            address: &connection.address,
            since: connection.since_ms,
            last_seen: connection.last_seen_ms,
        }
    }
}

/// A page of connections.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Connections<'a> {
    /// The connections.
    connections: Vec<ConnectionView<'a>>,
    /// How many there are, on all pages.
    total: i64,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, List { user, page, limit }: List) -> Result<Answer, Failure> {
    let question = ListConnectionsRequest {
        user_id: user.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.moderation.clone();
    let answer = ask(context, question, |request| async move {
        service.list_connections(request).await
    })
    .await?;
    Answer::of(&Connections {
        connections: answer
            .connections
            .iter()
            .map(ConnectionView::from)
            .collect(),
        total: answer.total,
        next: &answer.next_page,
    })
}

/// The connection to close.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Ended {
    /// The connection's id.
    connection: String,
}

/// Closes a connection. A repeat finds it gone, so it needs no key.
async fn disconnect(context: &Context, Ended { connection }: Ended) -> Result<Answer, Failure> {
    let mut service = context.app.moderation.clone();
    let question = DisconnectRequest {
        connection_id: connection,
    };
    ask(context, question, |request| async move {
        service.disconnect(request).await
    })
    .await?;
    Answer::done()
}
