//! What an operator relies on: the admin port, health, metrics.

use devstack::fleet::Kind;
use serde_json::json;
use testkit::Person;

use crate::stage::Stage;

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
        let metrics = reqwest::get(format!("{url}/metrics")).await;
        let metrics = metrics.expect("an answer").text().await.expect("a body");
        let has = |name: &str| metrics.lines().any(|line| line.starts_with(name));
        assert!(has("runtime_tasks "), "{service:?}: {metrics}");
        let has_pool = has("pg_pool_connections ") && has("pg_pool_connections_busy ");
        assert_eq!(has_pool, service != Kind::Gateway, "{service:?}: {metrics}");
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
async fn the_trace_that_a_client_quotes_leads_to_the_service_s_log() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let wrong = json!({"username": "ada", "password": "not what she chose"});
    let (status, refused) = ada.post("/v1/login", wrong).await;
    let trace = refused["trace"].as_str().unwrap_or_default();
    assert_eq!((status, trace.len()), (401, 32), "{refused}");
    let line = stage.log_line(Kind::Auth, "authentication_failed").await;
    assert_eq!(line["trace_id"], trace, "{line}");
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

#[tokio::test]
async fn what_crashes_is_started_again_and_the_talk_goes_on() {
    let mut stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let made = ada.post("/v1/rooms", json!({"name": "tea"})).await;
    assert_eq!(made.0, 201, "{made:?}");
    stage.crash_under_supervision().await;
    for kind in Kind::ALL {
        let expected = if kind == Kind::Gateway { 2 } else { 1 };
        assert_eq!(stage.alive(kind), expected, "{kind:?}");
    }
    let mut socket = ada.connect(&stage.ws(0)).await;
    let data = json!({"room": "#tea", "body": "still here"});
    let sent = socket.send("message.send", data).await;
    sent.expect("the message is stored");
}
