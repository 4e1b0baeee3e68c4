//! A gateway as far as moderation-svc knows it: a few methods, addressed by its name.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use proto::{
    gateway::{gateway_service_server::GatewayService, *},
    id::ConnectionId,
};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

/// A gateway with sockets that exist in name only.
#[derive(Clone)]
pub(crate) struct FakeGateway {
    pub(crate) name: String,
    open: Arc<Mutex<HashSet<(String, String)>>>,
    /// What was sent: the connection, empty for all, then kind and data.
    pub(crate) sent: Arc<Mutex<Vec<(String, String, String)>>>,
    /// Without a permit it listens and says nothing.
    voice: Arc<Semaphore>,
}

impl FakeGateway {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            open: Arc::default(),
            sent: Arc::default(),
            voice: Arc::new(Semaphore::new(1)),
        }
    }

    /// Makes it listen without ever answering.
    pub(crate) fn falls_silent(&self) {
        self.voice.forget_permits(1);
    }

    /// Opens a socket that the registry is not told of.
    pub(crate) fn accepts(&self, tenant: &str, connection_id: ConnectionId) {
        let mut open = self.open.lock().expect("not poisoned");
        open.insert((tenant.into(), connection_id.to_string()));
    }

    /// Loses a socket that the registry is not told of.
    pub(crate) fn loses(&self, tenant: &str, connection_id: ConnectionId) {
        let mut open = self.open.lock().expect("not poisoned");
        open.remove(&(tenant.into(), connection_id.to_string()));
    }

    pub(crate) fn sent(&self) -> Vec<(String, String, String)> {
        self.sent.lock().expect("not poisoned").clone()
    }

    fn has(&self, tenant: &str, connection_id: &str) -> bool {
        let open = self.open.lock().expect("not poisoned");
        open.contains(&(tenant.into(), connection_id.into()))
    }

    async fn speaks(&self) {
        let _ = self.voice.acquire().await;
    }
}

#[tonic::async_trait]
impl GatewayService for FakeGateway {
    async fn disconnect(
        &self,
        request: Request<DisconnectRequest>,
    ) -> Result<Response<DisconnectResponse>, Status> {
        self.speaks().await;
        let request = request.into_inner();
        let key = (request.tenant, request.connection_id);
        let is_gone = !self.open.lock().expect("not poisoned").remove(&key);
        Ok(Response::new(DisconnectResponse { is_gone }))
    }

    async fn send(&self, request: Request<SendRequest>) -> Result<Response<SendResponse>, Status> {
        self.speaks().await;
        let request = request.into_inner();
        let is_gone = !self.has(&request.tenant, &request.connection_id);
        if !is_gone {
            let data = String::from_utf8(request.data.to_vec()).expect("text");
            let mut sent = self.sent.lock().expect("not poisoned");
            sent.push((request.connection_id, request.kind, data));
        }
        Ok(Response::new(SendResponse { is_gone }))
    }

    async fn broadcast(
        &self,
        request: Request<BroadcastRequest>,
    ) -> Result<Response<BroadcastResponse>, Status> {
        self.speaks().await;
        let request = request.into_inner();
        let data = String::from_utf8(request.data.to_vec()).expect("text");
        let mut sent = self.sent.lock().expect("not poisoned");
        sent.push((String::new(), request.kind, data));
        let open = self.open.lock().expect("not poisoned");
        let reached = open.iter().filter(|(tenant, _)| *tenant == request.tenant);
        Ok(Response::new(BroadcastResponse {
            connections: u32::try_from(reached.count()).expect("few"),
        }))
    }

    async fn is_active(
        &self,
        request: Request<IsActiveRequest>,
    ) -> Result<Response<IsActiveResponse>, Status> {
        self.speaks().await;
        let request = request.into_inner();
        let is_active = self.has(&request.tenant, &request.connection_id);
        Ok(Response::new(IsActiveResponse { is_active }))
    }
    async fn explain(
        &self,
        request: Request<ExplainRequest>,
    ) -> Result<Response<ExplainResponse>, Status> {
        self.speaks().await;
        let request = request.into_inner();
        let progress = if self.has(&request.tenant, &request.connection_id) {
            Progress::Queued
        } else {
            Progress::Gone
        };
        // Tells what it was asked about, so that a test sees it.
        Ok(Response::new(ExplainResponse {
            progress: progress.into(),
            told_seq: request.seq - 1,
            heard_seq: request.seq,
            waiting: 3,
        }))
    }
}
