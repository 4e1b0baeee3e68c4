//! Takes the spans of a whole fleet, as a collector of traces does.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value as Any},
    trace::v1::{Span, span::SpanKind},
};
use tonic::{Request, Response, Status};

/// A span and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// `service.name` of the process.
    pub(crate) service: String,
    /// `cloud.region` of the process.
    pub(crate) region: String,
    /// What it sent.
    pub(crate) span: Span,
}

impl Told {
    /// The text of an attribute.
    pub(crate) fn attribute(&self, key: &str) -> Option<String> {
        text_of(&self.span.attributes, key)
    }

    /// `gateway server message.send`: all that a map of services is drawn from.
    pub(crate) fn summary(&self) -> String {
        let kind = SpanKind::try_from(self.span.kind).unwrap_or_default();
        let kind = kind.as_str_name().trim_start_matches("SPAN_KIND_");
        format!(
            "{} {} {}",
            self.service,
            kind.to_lowercase(),
            self.span.name
        )
    }
}

/// Where a fleet sends its spans, in the order in which they came.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<Vec<Told>>>);

impl Spans {
    /// Starts to listen and returns where.
    pub(crate) async fn start() -> (Self, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let spans = Self::default();
        let server =
            tonic::transport::Server::builder().add_service(TraceServiceServer::new(spans.clone()));
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        tokio::spawn(server.serve_with_incoming(incoming));
        (spans, endpoint)
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().expect("lock").clone()
    }
}

fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

#[tonic::async_trait]
impl TraceService for Spans {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut all = self.0.lock().expect("lock");
        for group in request.into_inner().resource_spans {
            let attributes = group.resource.map(|resource| resource.attributes);
            let attributes = attributes.unwrap_or_default();
            let own = |key: &str| text_of(&attributes, key).unwrap_or_default();
            let (service, region) = (own("service.name"), own("cloud.region"));
            let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
            all.extend(spans.map(|span| Told {
                service: service.clone(),
                region: region.clone(),
                span,
            }));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
