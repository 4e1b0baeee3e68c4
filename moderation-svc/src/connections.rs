//! Live connections: seeing them, and reaching them on whatever gateway they are.

use proto::id::{ConnectionId, SessionId, Tenant, UserId};
use rpc::Caller;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    App, Error,
    audit::{self, Act},
    db,
    gateways::Answer,
    pages::{Page, Paging},
    registry::Farewell,
    users::{self, UserRef},
};

/// What the frames of an operator are called.
const OPERATOR: &str = "operator.";
/// The longest name of a frame.
const KIND_MAX: usize = 64;
/// Most bytes of an event.
const DATA_MAX: usize = 16 * 1_024;

/// A socket on a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub connection_id: ConnectionId,
    /// Whose.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// Where.
    pub gateway: String,
    /// From which address.
    pub address: String,
    /// Of which log-in.
    pub session_id: SessionId,
    /// Since when.
    pub since_ms: i64,
    /// When it last said something.
    pub last_seen_ms: i64,
}

/// A connection with the name of its tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveConnection {
    /// Whose installation.
    pub tenant: Tenant,
    /// The connection.
    pub connection: Connection,
}

/// The id of a connection with the name of its tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRef {
    /// Whose installation.
    pub tenant: Tenant,
    /// Its id.
    pub connection_id: ConnectionId,
}

/// What a gateway reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Which gateway.
    pub gateway: String,
    /// Connections that live.
    pub opened: Vec<LiveConnection>,
    /// Connections that ended.
    pub closed: Vec<ConnectionRef>,
    /// Whether most of those that live have been reported before.
    pub is_refresh: bool,
}

/// A page of connections.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The page.
    pub page: Page<Connection, Uuid>,
    /// How many there are, of the tenant or of the account.
    pub total: usize,
}

/// What an operator says to connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The frame's type.
    pub kind: String,
    /// The text of a JSON object.
    pub data: String,
}

/// How far a broadcast came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Connections that were sent it.
    pub connections: u32,
    /// Gateways that did not answer in time.
    pub unreached: u32,
}

impl Announcement {
    /// Checks what an operator wants to say.
    ///
    /// # Errors
    /// `FieldInvalid`.
    pub fn new(kind: String, data: String) -> Result<Self, Error> {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let rest = kind.strip_prefix(OPERATOR).unwrap_or_default();
        if rest.is_empty() || kind.len() > KIND_MAX || !rest.bytes().all(is_safe) {
            return Err(Error::FieldInvalid {
                field: "kind",
                why: "operator. and a name of letters, digits, '.', '_' and '-'; at most 64 in all",
            });
        }
        let is_object = data.len() <= DATA_MAX
            && serde_json::from_str::<Value>(&data).is_ok_and(|data| data.is_object());
        if !is_object {
            return Err(Error::FieldInvalid {
                field: "data",
                why: "a JSON object of at most 16 KiB",
            });
        }
        Ok(Self { kind, data })
    }
}

/// Takes down what a gateway reports.
///
/// # Errors
/// `Registry`.
pub async fn report(app: &App, reported: &Reported) -> Result<(), Error> {
    let opened: Vec<&LiveConnection> = if reported.is_refresh {
        app.registry.renew(&reported.opened).await?
    } else {
        reported.opened.iter().collect()
    };
    app.registry.open(&reported.gateway, &opened).await?;
    app.registry.close(&reported.closed, Farewell::Ended).await
}

/// Lists live connections, of the tenant or of one account, oldest first.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`, `Registry`.
pub async fn list(
    app: &App,
    caller: &Caller,
    user: Option<UserRef>,
    paging: Paging<Uuid>,
) -> Result<Listed, Error> {
    let user_id = {
        let (db, caller) = (app.db.clone(), caller.clone());
        pg::unit(async move {
            let mut conn = db.acquire().await?;
            db::standings::require_admin(&mut *conn, &caller).await?;
            match user {
                Some(user) => users::resolve(&mut conn, &caller.tenant, &user)
                    .await
                    .map(Some),
                None => Ok(None),
            }
        })
        .await?
    };
    match user_id {
        Some(user_id) => app.registry.list_of(&caller.tenant, user_id, paging).await,
        None => app.registry.list(&caller.tenant, paging).await,
    }
}

/// Sends an event to one connection.
///
/// # Errors
/// `AdminRequired`, `ConnectionGone`, `Unanswered`, `Registry`.
pub async fn send(
    app: &App,
    caller: &Caller,
    connection_id: ConnectionId,
    announcement: Announcement,
) -> Result<(), Error> {
    let connection = find(app, caller, connection_id).await?;
    let act = Act::new("connection.send", &connection_id)
        .with(json!({ "user": connection.user_id, "kind": announcement.kind }));
    audit::note(app, caller, act).await?;
    let gateway = app.gateways.at(&connection.gateway);
    let answer = gateway
        .send(&caller.tenant, connection_id, announcement)
        .await?;
    settle(app, caller, connection_id, answer).await
}

/// Closes a connection.
///
/// # Errors
/// `AdminRequired`, `ConnectionGone`, `Unanswered`, `Registry`.
pub async fn disconnect(
    app: &App,
    caller: &Caller,
    connection_id: ConnectionId,
) -> Result<(), Error> {
    let connection = find(app, caller, connection_id).await?;
    let act = Act::new("connection.disconnect", &connection_id)
        .with(json!({ "user": connection.user_id }));
    audit::note(app, caller, act).await?;
    let gateway = app.gateways.at(&connection.gateway);
    let answer = gateway.disconnect(&caller.tenant, connection_id).await?;
    settle(app, caller, connection_id, answer).await
}

/// Whether a connection lives. Its gateway is asked, not the registry alone.
///
/// # Errors
/// `AdminRequired`, `Unanswered`, `Registry`.
pub async fn is_active(
    app: &App,
    caller: &Caller,
    connection_id: ConnectionId,
) -> Result<bool, Error> {
    let connection = match find(app, caller, connection_id).await {
        Err(Error::ConnectionGone) => return Ok(false),
        found => found?,
    };
    let gateway = app.gateways.at(&connection.gateway);
    let answer = gateway.is_active(&caller.tenant, connection_id).await?;
    match settle(app, caller, connection_id, answer).await {
        Ok(()) => Ok(true),
        Err(Error::ConnectionGone) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sends an event to every connection of the caller's tenant.
///
/// # Errors
/// `AdminRequired`, `Registry`.
pub async fn broadcast(
    app: &App,
    caller: &Caller,
    announcement: Announcement,
) -> Result<Reached, Error> {
    require_admin(app, caller).await?;
    let gateways = app.registry.gateways().await?;
    let act =
        Act::new("connection.broadcast", &caller.tenant).with(json!({ "kind": announcement.kind }));
    audit::note(app, caller, act).await?;
    let sent = gateways.iter().map(|gateway| {
        let gateway = app.gateways.at(gateway);
        let announcement = announcement.clone();
        async move { gateway.broadcast(&caller.tenant, announcement).await }
    });
    let mut reached = Reached::default();
    for (gateway, answer) in gateways.iter().zip(futures::future::join_all(sent).await) {
        match answer {
            Ok(Some(connections)) => reached.connections += connections,
            Ok(None) => {
                reached.unreached += 1;
                app.registry.forget_gateway(gateway).await?;
            }
            Err(_) => reached.unreached += 1,
        }
    }
    Ok(reached)
}

/// Finds a connection of the caller's tenant; another tenant's is not there.
async fn find(
    app: &App,
    caller: &Caller,
    connection_id: ConnectionId,
) -> Result<Connection, Error> {
    require_admin(app, caller).await?;
    let found = app.registry.find(&caller.tenant, connection_id).await?;
    found.ok_or(Error::ConnectionGone)
}

async fn require_admin(app: &App, caller: &Caller) -> Result<(), Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move { db::standings::require_admin(&db, &caller).await }).await
}

/// Forgets a connection that its gateway does not have.
async fn settle(
    app: &App,
    caller: &Caller,
    connection_id: ConnectionId,
    answer: Answer,
) -> Result<(), Error> {
    let farewell = match answer {
        Answer::Done => return Ok(()),
        Answer::Gone => Farewell::Ended,
        // A gateway that is only cut off for a moment will report it again.
        Answer::NobodyThere => Farewell::Lost,
    };
    let gone = ConnectionRef {
        tenant: caller.tenant.clone(),
        connection_id,
    };
    app.registry.close(&[gone], farewell).await?;
    Err(Error::ConnectionGone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_speak_in_their_own_name_and_in_json() {
        let new = |kind: &str, data: &str| Announcement::new(kind.into(), data.into());
        assert!(new("operator.notice", r#"{"text":"hi"}"#).is_ok());
        assert!(new("operator.a.b-c_9", "{}").is_ok());
        let long = format!("operator.{}", "x".repeat(56));
        for kind in [
            "",
            "notice",
            "message.new",
            "operator.",
            "operator",
            "operator.a b",
            &long,
        ] {
            assert!(new(kind, "{}").is_err(), "{kind}");
        }
        let big = format!("{{\"text\":\"{}\"}}", "x".repeat(DATA_MAX));
        for data in ["", "[]", "1", "{", "{} {}", "null", &big] {
            assert!(new("operator.notice", data).is_err(), "{data:.20}");
        }
    }
}
