//! Live connections on the wire.

use proto::moderation::{
    BroadcastRequest, BroadcastResponse, Connection as WireConnection, ConnectionRef as WireRef,
    DisconnectRequest, DisconnectResponse, IsActiveRequest, IsActiveResponse,
    ListConnectionsRequest, ListConnectionsResponse, LiveConnection as WireLive,
    ReportConnectionsRequest, ReportConnectionsResponse, SendToConnectionRequest,
    SendToConnectionResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, next_page, optional_user, paging, read_id, tenant};
use crate::{
    App,
    connections::{self, Announcement, Connection, ConnectionRef, LiveConnection, Reported},
};

/// Most connections in one report.
const REPORT_MAX: usize = 1_000;
/// The longest name of a gateway, and the longest text of an address or a user's name.
const NAME_MAX: usize = 64;

pub(super) async fn list_connections(
    app: &App,
    request: Request<ListConnectionsRequest>,
) -> Answer<ListConnectionsResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let user = optional_user(&request.user_id)?;
    let listed = connections::list(app, &caller, user, paging).await?;
    let rows = listed.page.rows.into_iter();
    Ok(Response::new(ListConnectionsResponse {
        connections: rows.map(WireConnection::from).collect(),
        next_page: next_page(listed.page.next),
        total: i64::try_from(listed.total).unwrap_or(i64::MAX),
    }))
}

pub(super) async fn send_to_connection(
    app: &App,
    request: Request<SendToConnectionRequest>,
) -> Answer<SendToConnectionResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let connection_id = read_id("connection", &request.connection_id)?;
    let announcement = Announcement::new(request.kind, request.data)?;
    connections::send(app, &caller, connection_id, announcement).await?;
    Ok(Response::new(SendToConnectionResponse {}))
}

pub(super) async fn broadcast(
    app: &App,
    request: Request<BroadcastRequest>,
) -> Answer<BroadcastResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let announcement = Announcement::new(request.kind, request.data)?;
    let reached = connections::broadcast(app, &caller, announcement).await?;
    Ok(Response::new(BroadcastResponse {
        connections: reached.connections,
        unreached: reached.unreached,
    }))
}

pub(super) async fn disconnect(
    app: &App,
    request: Request<DisconnectRequest>,
) -> Answer<DisconnectResponse> {
    let caller = Caller::of(&request)?;
    let connection_id = read_id("connection", &request.get_ref().connection_id)?;
    connections::disconnect(app, &caller, connection_id).await?;
    Ok(Response::new(DisconnectResponse {}))
}

pub(super) async fn is_active(
    app: &App,
    request: Request<IsActiveRequest>,
) -> Answer<IsActiveResponse> {
    let caller = Caller::of(&request)?;
    let connection_id = read_id("connection", &request.get_ref().connection_id)?;
    let is_active = connections::is_active(app, &caller, connection_id).await?;
    Ok(Response::new(IsActiveResponse { is_active }))
}

pub(super) async fn report_connections(
    app: &App,
    request: Request<ReportConnectionsRequest>,
) -> Answer<ReportConnectionsResponse> {
    connections::report(app, &request.into_inner().try_into()?).await?;
    Ok(Response::new(ReportConnectionsResponse {}))
}

impl TryFrom<ReportConnectionsRequest> for Reported {
    type Error = Status;

    fn try_from(request: ReportConnectionsRequest) -> Result<Self, Status> {
        let ReportConnectionsRequest {
            gateway,
            opened,
            closed,
            is_refresh,
        } = request;
        // It becomes part of a subject.
        let is_safe = gateway.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if gateway.is_empty() || gateway.len() > NAME_MAX || !is_safe {
            return Err(field_invalid("gateway", "letters and digits are needed"));
        }
        if opened.len() > REPORT_MAX || closed.len() > REPORT_MAX {
            return Err(field_invalid("opened", "at most 1,000 connections"));
        }
        let opened = opened
            .into_iter()
            .map(|live| live_connection(live, &gateway));
        Ok(Self {
            opened: opened.collect::<Result<_, Status>>()?,
            closed: closed
                .into_iter()
                .map(ConnectionRef::try_from)
                .collect::<Result<_, Status>>()?,
            gateway,
            is_refresh,
        })
    }
}

fn live_connection(live: WireLive, gateway: &str) -> Result<LiveConnection, Status> {
    let connection = live.connection.unwrap_or_default();
    if connection.user_name.len() > NAME_MAX || connection.address.len() > NAME_MAX {
        return Err(field_invalid("opened", "a name or an address is too long"));
    }
    Ok(LiveConnection {
        tenant: tenant(&live.tenant)?,
        connection: Connection {
            connection_id: read_id("connection", &connection.connection_id)?,
            user_id: read_id("user", &connection.user_id)?,
            user_name: connection.user_name,
            gateway: gateway.into(),
            address: connection.address,
            session_id: read_id("session", &connection.session_id)?,
            since_ms: connection.since_ms,
            last_seen_ms: connection.last_seen_ms,
        },
    })
}

impl TryFrom<WireRef> for ConnectionRef {
    type Error = Status;

    fn try_from(closed: WireRef) -> Result<Self, Status> {
        Ok(Self {
            tenant: tenant(&closed.tenant)?,
            connection_id: read_id("connection", &closed.connection_id)?,
        })
    }
}

impl From<Connection> for WireConnection {
    fn from(connection: Connection) -> Self {
        Self {
            connection_id: connection.connection_id.to_string(),
            user_id: connection.user_id.to_string(),
            user_name: connection.user_name,
            gateway: connection.gateway,
            address: connection.address,
            session_id: connection.session_id.to_string(),
            since_ms: connection.since_ms,
            last_seen_ms: connection.last_seen_ms,
        }
    }
}
