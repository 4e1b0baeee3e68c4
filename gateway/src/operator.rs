//! What operators do with the sockets of this gateway, asked by moderation-svc.

use std::sync::Arc;

use proto::{
    frame::CloseCode,
    gateway::{
        BroadcastRequest, BroadcastResponse, DisconnectRequest, DisconnectResponse, ExplainRequest,
        ExplainResponse, IsActiveRequest, IsActiveResponse, Progress, SendRequest, SendResponse,
        gateway_service_server::GatewayService,
    },
    id::{ConnectionId, StreamId, Tenant},
};
use rpc::{Access, AccessTable};
use serde_json::value::RawValue;
use tonic::{Request, Response, Status};

use crate::{
    App,
    conn::handle::{Control, Handle},
    frame,
};

/// All methods are for our own services: whoever asks has checked who may.
pub const ACCESS: AccessTable = &[
    (
        "/hubbub.gateway.v1.GatewayService/Disconnect",
        Access::Internal,
    ),
    ("/hubbub.gateway.v1.GatewayService/Send", Access::Internal),
    (
        "/hubbub.gateway.v1.GatewayService/Broadcast",
        Access::Internal,
    ),
    (
        "/hubbub.gateway.v1.GatewayService/IsActive",
        Access::Internal,
    ),
    (
        "/hubbub.gateway.v1.GatewayService/Explain",
        Access::Internal,
    ),
];

/// Frames of operators begin with this.
const KIND_PREFIX: &str = "operator.";

/// See the module.
pub struct Operator {
    app: Arc<App>,
}

impl Operator {
    /// Makes the service over a gateway.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Finds a socket of a tenant; another tenant's is as good as gone.
    fn find(&self, tenant: &str, connection: &str) -> Option<Arc<Handle>> {
        let id: ConnectionId = connection.parse().ok()?;
        let handle = self.app.hub.connection(id)?;
        let is_theirs = handle.who.get()?.tenant.as_str() == tenant;
        is_theirs.then_some(handle)
    }
}

/// Writes an operator's frame.
fn event(kind: &str, data: &[u8]) -> Result<tokio_tungstenite::tungstenite::Utf8Bytes, Status> {
    if !kind.starts_with(KIND_PREFIX) {
        return Err(rpc::field_invalid("kind", "begins with operator."));
    }
    let data: &RawValue = serde_json::from_slice(data)
        .map_err(|_| rpc::field_invalid("data", "must be a JSON object"))?;
    if !data.get().starts_with('{') {
        return Err(rpc::field_invalid("data", "must be a JSON object"));
    }
    Ok(frame::event(kind, &data))
}

#[tonic::async_trait]
impl GatewayService for Operator {
    async fn disconnect(
        &self,
        request: Request<DisconnectRequest>,
    ) -> Result<Response<DisconnectResponse>, Status> {
        let request = request.into_inner();
        let found = self.find(&request.tenant, &request.connection_id);
        if let Some(handle) = &found {
            // Its log-in is still good: it may come back.
            handle.tell(Control::Close {
                code: CloseCode::Rebalance,
                retry_after_ms: 0,
            });
        }
        Ok(Response::new(DisconnectResponse {
            is_gone: found.is_none(),
        }))
    }

    async fn send(&self, request: Request<SendRequest>) -> Result<Response<SendResponse>, Status> {
        let request = request.into_inner();
        let frame = event(&request.kind, &request.data)?;
        let found = self.find(&request.tenant, &request.connection_id);
        if let Some(handle) = &found {
            handle.outbound.reply(frame);
            handle.wake();
        }
        Ok(Response::new(SendResponse {
            is_gone: found.is_none(),
        }))
    }

    async fn broadcast(
        &self,
        request: Request<BroadcastRequest>,
    ) -> Result<Response<BroadcastResponse>, Status> {
        let request = request.into_inner();
        let frame = event(&request.kind, &request.data)?;
        let mut connections = 0;
        for handle in self.app.hub.connections() {
            let is_theirs = |who: &crate::conn::handle::Who| who.tenant.as_str() == request.tenant;
            // A client whose queue is full is told less, never more.
            if handle.who.get().is_some_and(is_theirs) && !handle.outbound.is_full() {
                handle.outbound.reply(frame.clone());
                handle.wake();
                connections += 1;
            }
        }
        Ok(Response::new(BroadcastResponse { connections }))
    }

    async fn is_active(
        &self,
        request: Request<IsActiveRequest>,
    ) -> Result<Response<IsActiveResponse>, Status> {
        let request = request.into_inner();
        let is_active = self.find(&request.tenant, &request.connection_id).is_some();
        Ok(Response::new(IsActiveResponse { is_active }))
    }
    async fn explain(
        &self,
        request: Request<ExplainRequest>,
    ) -> Result<Response<ExplainResponse>, Status> {
        let request = request.into_inner();
        let tenant: Tenant =
            (request.tenant.parse()).map_err(|_| rpc::field_invalid("tenant", "not a tenant"))?;
        let stream: StreamId =
            (request.stream_id.parse()).map_err(|_| rpc::field_invalid("stream", "not an id"))?;
        let Some(handle) = self.find(&request.tenant, &request.connection_id) else {
            return Ok(Response::new(ExplainResponse {
                progress: Progress::Gone.into(),
                ..ExplainResponse::default()
            }));
        };
        let waiting = u32::try_from(handle.outbound.waiting()).unwrap_or(u32::MAX);
        let channel = self.app.hub.channel(&(tenant, stream));
        let standing = channel.map(|channel| channel.standing(&handle, request.seq));
        let (progress, told_seq, heard_seq) = match standing {
            Some(standing) => (standing.progress, standing.told, standing.heard),
            None => (Progress::NotFollowing, 0, 0),
        };
        Ok(Response::new(ExplainResponse {
            progress: progress.into(),
            told_seq,
            heard_seq,
            waiting,
        }))
    }
}
