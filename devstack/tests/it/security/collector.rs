//! Takes the traces of a whole fleet and keeps them as text.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tonic::{Request, Response, Status};

/// Where a fleet sends its traces.
#[derive(Clone, Default)]
pub(super) struct Collector(Arc<Mutex<String>>);

impl Collector {
    /// Starts to listen and returns where.
    pub(super) async fn start() -> (Self, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let collector = Self::default();
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()));
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        tokio::spawn(server.serve_with_incoming(incoming));
        (collector, endpoint)
    }

    /// Everything so far: names, attributes, events.
    pub(super) fn text(&self) -> String {
        self.0.lock().expect("lock").clone()
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let text = format!("{:?}\n", request.into_inner());
        self.0.lock().expect("lock").push_str(&text);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
