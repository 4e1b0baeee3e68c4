//! What an operator relies on: one trace, the admin port, health, metrics.

use std::sync::Arc;

use devstack::fleet::Kind;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value as Any,
};
use serde_json::json;
use testkit::Person;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

use crate::stage::Stage;

struct Collector(mpsc::UnboundedSender<(String, opentelemetry_proto::tonic::trace::v1::Span)>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for group in request.into_inner().resource_spans {
            let service = group
                .resource
                .iter()
                .flat_map(|resource| &resource.attributes);
            let service = service
                .filter(|attribute| attribute.key == "service.name")
                .find_map(
                    |attribute| match attribute.value.as_ref()?.value.as_ref()? {
                        Any::StringValue(name) => Some(name.clone()),
                        _ => None,
                    },
                )
                .unwrap_or_default();
            for span in group.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                let _ = self.0.send((service.clone(), span));
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test]
async fn one_trace_leads_from_the_frame_to_the_sql() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, mut spans) = mpsc::unbounded_channel();
    let server = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::from_arc(Arc::new(Collector(sender))));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(server.serve_with_incoming(incoming));
    let stage = Stage::with_env(&[
        ("HUBBUB_TELEMETRY__OTLP_ENDPOINT", &endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
    ])
    .await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut socket = ada.connect(&stage.ws(0)).await;
    socket
        .send("message.send", json!({"room": room, "body": "follow me"}))
        .await
        .expect("sent");

    let mut seen = Vec::new();
    let found = tokio::time::timeout(std::time::Duration::from_secs(15), async {
        loop {
            seen.push(spans.recv().await.expect("the collector runs"));
            let traces = seen
                .iter()
                .filter(|(service, span)| service == "room-svc" && span.name == "stream.append");
            for trace in traces.map(|(_, span)| span.trace_id.clone()) {
                let of_trace = |service: &str, part: &str| {
                    seen.iter().any(|(name, span)| {
                        name == service && span.trace_id == trace && span.name.contains(part)
                    })
                };
                let is_whole = of_trace("gateway", "message.send")
                    && of_trace("gateway", "RoomService/SendMessage")
                    && of_trace("room-svc", "RoomService/SendMessage");
                if is_whole {
                    return;
                }
            }
        }
    });
    if found.await.is_err() {
        let names: Vec<_> = seen
            .iter()
            .map(|(service, span)| format!("{service}: {}", span.name))
            .collect();
        panic!("no trace holds frame, call, service and SQL: {names:#?}");
    }
}

#[tokio::test]
async fn grpcurl_lists_the_services_and_calls_one_as_admin() {
    let stage = Stage::open().await;
    let port = stage.admin_port(Kind::Auth);
    let list = stage.grpcurl(&["-plaintext", &port, "list"]).await;
    for name in [
        "hubbub.auth.v1.AuthService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    ] {
        assert!(list.1.contains(name), "{}", list.1);
    }
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let admin = stage.admin().await;
    let set_role = "hubbub.auth.v1.AuthService/SetRole";
    let request = json!({"user_id": ada.id(), "role": "ROLE_ADMIN"}).to_string();
    let without = stage
        .grpcurl(&["-plaintext", "-d", &request, &port, set_role])
        .await;
    assert!(
        !without.0 && without.1.contains("TOKEN_MISSING"),
        "{}",
        without.1
    );
    let as_user = format!("authorization: Bearer {}", ada.account.token);
    let refused = stage
        .grpcurl(&[
            "-plaintext",
            "-H",
            &as_user,
            "-d",
            &request,
            &port,
            set_role,
        ])
        .await;
    assert!(
        !refused.0 && refused.1.contains("ADMIN_REQUIRED"),
        "{}",
        refused.1
    );
    let as_admin = format!("authorization: Bearer {}", admin.account.token);
    let done = stage
        .grpcurl(&[
            "-plaintext",
            "-H",
            &as_admin,
            "-d",
            &request,
            &port,
            set_role,
        ])
        .await;
    assert!(done.0 && done.1.contains("ROLE_ADMIN"), "{}", done.1);
    let internal = stage
        .grpcurl(&[
            "-plaintext",
            "-H",
            &as_admin,
            "-d",
            "{}",
            &port,
            "hubbub.stream.v1.StreamService/Heads",
        ])
        .await;
    assert!(
        !internal.0 && internal.1.contains("PERMISSION_DENIED"),
        "{}",
        internal.1
    );
}

#[tokio::test]
async fn health_and_metrics_stand_on_the_internal_port() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let _socket = ada.connect(&stage.ws(0)).await;
    for service in Kind::ALL {
        let url = stage.internal(service);
        for path in ["/livez", "/readyz", "/metrics"] {
            let response = reqwest::get(format!("{url}{path}"))
                .await
                .expect("an answer");
            assert_eq!(response.status(), 200, "{service:?}{path}");
        }
    }
    let metrics = reqwest::get(format!("{}/metrics", stage.internal(Kind::Gateway)))
        .await
        .expect("an answer");
    let metrics = metrics.text().await.expect("a body");
    assert!(
        metrics.contains("connection_established_total{"),
        "{metrics}"
    );
    // Nothing internal is reachable where clients are.
    let public = reqwest::get(format!("{}/metrics", stage.http(0)))
        .await
        .expect("an answer");
    assert_eq!(public.status(), 404);
}

#[tokio::test]
async fn the_log_tells_a_connection_s_life_without_secrets() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let url = format!("{}?session={}", stage.ws(0), ada.account.session);
    let mut socket = testkit::Socket::open(&url, &[testkit::SUBPROTOCOL], &[])
        .await
        .expect("upgraded");
    socket.hello(json!({})).await.expect("welcome");
    socket.close().await;
    let line = stage
        .log_line(Kind::Gateway, "connection_disconnected")
        .await;
    for field in [
        "connection_id",
        "user_id",
        "tenant_id",
        "trace_id",
        "duration_seconds",
    ] {
        assert!(line.get(field).is_some(), "{field} is missing: {line}");
    }
    assert!(line["duration_seconds"].is_f64(), "{line}");
    for service in Kind::ALL {
        let log = stage.log(service);
        for secret in [testkit::PASSWORD, &ada.account.session, &ada.account.token] {
            assert!(!log.contains(secret), "{service:?} logged a secret");
        }
    }
}

#[tokio::test]
async fn every_process_stops_though_the_bus_is_gone() {
    let mut stage = Stage::with_env(&[("HUBBUB_SHUTDOWN__GRACE_MS", "3000")]).await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let _socket = ada.connect(&stage.ws(0)).await;
    stage.kill_bus().await;
    let patience = std::time::Duration::from_secs(20);
    assert_eq!(stage.stubborn(patience).await, Vec::<String>::new());
}
