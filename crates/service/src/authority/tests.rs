//! Every connection of a process over TLS, against real servers: with the right authority, and refused with another
//! authority, with another name, and in clear.

mod files;

use std::path::PathBuf;

use devstack::stores::login_url;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use opentelemetry_sdk::{testing::trace::new_test_export_span_data, trace::SpanExporter};
use secrecy::SecretString;
use testkit::tls::{self, Authority, Secured};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    transport::{Identity, Server, ServerTlsConfig},
};

use crate::{RedisSettings, bus, config::NatsSettings, database, telemetry};

/// Servers are certified for this name, and listen at the address behind it.
const NAME: &str = "localhost";
const OTHER_NAME: &str = "127.0.0.1";
/// What rustls says of a certificate by somebody else, and of one for somebody else.
const STRANGER: &str = "invalid peer certificate";
const MISNAMED: &str = "not valid for name";

#[tokio::test]
async fn postgres_is_believed_by_its_certificate_alone() {
    let authority = Authority::new();
    let server = tls::postgres(&authority.certify(NAME)).await;
    let role = proto::database::LOGINS[0].role;
    let plain = login_url(server.folder(), role, server.port).expect("an address");
    let password = plain
        .split([':', '@'])
        .nth(2)
        .expect("a password")
        .to_owned();
    let at = |host: &str, rest: String| plain.replace("127.0.0.1", host) + "?" + &rest;
    let verified = |believed: &Authority| {
        let file = believed.written(server.folder());
        format!("sslmode=verify-full&sslrootcert={}", file.display())
    };
    let right = verified(&authority);
    assert_eq!(obstacle(at(NAME, right.clone())).await, None);
    for (address, why) in [
        (at(NAME, verified(&Authority::new())), STRANGER),
        (at(OTHER_NAME, right), MISNAMED),
        (at(OTHER_NAME, "sslmode=disable".into()), "no encryption"),
    ] {
        let said = obstacle(address).await.expect("refused");
        assert!(said.contains(why), "{said}");
        assert!(!said.contains(&password), "{said}");
    }
}

/// Why a service could not work with such an address; `None` if it can, which it has then shown.
async fn obstacle(address: String) -> Option<String> {
    let settings = pg::Settings {
        url: SecretString::from(address),
        migrate_url: None,
        migrates_at_start: false,
        max_connections: 1,
    };
    let pool = pg::connect(&settings, "test").await.expect("an address");
    match pool.acquire().await {
        Ok(_) => None,
        Err(error) => Some(database::obstacle(&error)),
    }
}

#[tokio::test]
async fn redis_is_believed_by_its_certificate_alone() {
    let authority = Authority::new();
    let server = tls::redis(&authority.certify(NAME)).await;
    let ask = async |scheme: &str, host: &str, believed: &Authority| {
        let settings = RedisSettings {
            url: format!("{scheme}://{host}:{}", server.port).into(),
            ca_file: match scheme {
                "rediss" => believed.written(server.folder()),
                _ => PathBuf::new(),
            },
        };
        let client = settings.client().expect("settings");
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING")
            .query_async::<String>(&mut connection)
            .await
    };
    assert_eq!(ask("rediss", NAME, &authority).await.expect("PONG"), "PONG");
    for (host, believed, why) in [
        (NAME, &Authority::new(), STRANGER),
        (OTHER_NAME, &authority, MISNAMED),
    ] {
        let error = ask("rediss", host, believed).await.expect_err("refused");
        assert!(error.to_string().contains(why), "{error}");
    }
    ask("redis", NAME, &authority).await.expect_err("in clear");
}

#[tokio::test]
async fn the_bus_is_believed_by_its_certificate_alone() {
    let authority = Authority::new();
    let server = tls::nats(&authority.certify(NAME)).await;
    let settings = |host: &str, believed: &Authority| NatsSettings {
        url: format!("nats://{host}:{}", server.port),
        nkey_file: PathBuf::new(),
        ca_file: believed.written(server.folder()),
    };
    let right = bus::connect("room-svc", &settings(NAME, &authority)).await;
    right.expect("settings").flush().await.expect("connected");
    for (settings, refusals) in [
        (settings(NAME, &Authority::new()), 1),
        (settings(OTHER_NAME, &authority), 2),
    ] {
        // It is tried again for ever: what the client says to the server shows why it does not come in.
        let client = bus::connect("room-svc", &settings).await.expect("settings");
        is_refused(&server, refusals).await;
        let state = client.connection_state();
        assert_ne!(state, async_nats::connection::State::Connected);
        drop(client);
    }
}

#[tokio::test]
async fn the_bus_is_not_told_anything_in_clear() {
    let open = testkit::nats().await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = NatsSettings {
        url: open.url.clone(),
        nkey_file: PathBuf::new(),
        ca_file: Authority::new().written(folder.path()),
    };
    let client = bus::connect("room-svc", &settings).await.expect("settings");
    let waited = tokio::time::timeout(testkit::PATIENCE / 4, client.flush()).await;
    assert!(
        !matches!(waited, Ok(Ok(()))),
        "a server without TLS was let pass"
    );
}

/// Waits until the server has seen so many clients turn away from its certificate.
async fn is_refused(server: &Secured, wanted: usize) {
    let refused = devstack::wait::until("a refusal", testkit::PATIENCE, async || {
        let seen = server.log().matches("TLS handshake error").count();
        (seen >= wanted).then_some(())
    });
    refused
        .await
        .unwrap_or_else(|error| panic!("{error}: {}", server.log()));
}

struct Collector;

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        _: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test]
async fn the_collector_is_believed_by_its_certificate_alone() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let certified = authority.certify(NAME);
    let identity = Identity::from_pem(&certified.certificate, &certified.key);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = Server::builder()
        .tls_config(ServerTlsConfig::new().identity(identity))
        .expect("a certificate")
        .add_service(TraceServiceServer::new(Collector));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let export = async |endpoint: String, believed: Option<&Authority>| {
        let file = believed
            .map(|it| it.written(folder.path()))
            .unwrap_or_default();
        let exporter = telemetry::exporter(&endpoint, &file).expect("settings");
        exporter.export(vec![new_test_export_span_data()]).await
    };
    let at = |scheme: &str, host: &str| format!("{scheme}://{host}:{port}");
    let taken = export(at("https", NAME), Some(&authority)).await;
    taken.expect("the collector takes it");
    let stranger = Authority::new();
    for (endpoint, believed) in [
        (at("https", NAME), Some(&stranger)),
        (at("https", NAME), None),
        (at("https", OTHER_NAME), Some(&authority)),
        (at("http", NAME), None),
    ] {
        let what = format!("{endpoint} {}", believed.is_some());
        assert!(export(endpoint, believed).await.is_err(), "{what}");
    }
    let file = authority.written(folder.path());
    let error = telemetry::exporter(&at("http", NAME), &file).expect_err("nothing to verify");
    assert!(
        error.to_string().contains("telemetry.otlp_endpoint"),
        "{error}"
    );
}
