//! One message, one trace: from the sender's frame over the bus to the SQL, and out to every gateway that delivers it.

use std::collections::BTreeSet;

use devstack::wait;
use serde_json::json;
use testkit::Person;

use crate::{
    spans::{Spans, Told},
    stage::Stage,
};

/// Every span of the trace with the one above it: what Jaeger draws the trace and the map of services from.
const WANTED: [(&str, &str); 6] = [
    ("gateway server message.send", ""),
    (
        "gateway client hubbub.room.v1.RoomService/SendMessage",
        "gateway server message.send",
    ),
    (
        "room-svc server hubbub.room.v1.RoomService/SendMessage",
        "gateway client hubbub.room.v1.RoomService/SendMessage",
    ),
    (
        "room-svc client stream.append",
        "room-svc server hubbub.room.v1.RoomService/SendMessage",
    ),
    (
        "room-svc producer publish evt",
        "room-svc client stream.append",
    ),
    (
        "gateway consumer deliver evt",
        "room-svc producer publish evt",
    ),
];

#[tokio::test]
async fn a_message_s_trace_leads_from_the_frame_to_the_sql_and_out_to_both_gateways() {
    let (spans, endpoint) = Spans::start().await;
    let stage = Stage::with_env(&[
        ("HUBBUB_TELEMETRY__OTLP_ENDPOINT", &endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ("OTEL_RESOURCE_ATTRIBUTES", "cloud.region=eu-central-1"),
    ])
    .await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut sender = ada.connect(&stage.ws(0)).await;
    let mut receiver = bob.connect(&stage.ws(1)).await;
    let joined = receiver.send("room.join", json!({"room": room})).await;
    joined.expect("joined");
    let data = json!({"room": room, "body": "follow me"});
    sender.send("message.send", data).await.expect("sent");
    receiver.expect("message.new").await;

    let whole = wait::until("the whole trace", testkit::PATIENCE, async || {
        whole_trace(&spans.all())
    });
    let trace = whole.await.unwrap_or_else(|error| {
        let seen: BTreeSet<_> = spans.all().iter().map(Told::summary).collect();
        panic!("{error}: {seen:#?}");
    });
    let append = trace.iter().find(|it| it.span.name == "stream.append");
    let append = append.expect("it is wanted");
    for key in ["db.system.name", "peer.service"] {
        assert_eq!(
            append.attribute(key).as_deref(),
            Some("postgresql"),
            "{key}"
        );
    }
    for told in trace.iter().filter(|it| it.span.name.ends_with(" evt")) {
        let system = told.attribute("messaging.system");
        assert_eq!(system.as_deref(), Some("nats"), "{}", told.summary());
    }
    assert!(trace.iter().all(|it| it.region == "eu-central-1"));
    // A name that holds an id would make a service map of its own for every message.
    assert!(trace.iter().all(|it| !it.span.name.contains(&room)));
}

/// The trace that holds everything wanted, each span under the one it belongs under, and two deliveries.
fn whole_trace(all: &[Told]) -> Option<Vec<Told>> {
    let roots = all.iter().filter(|it| it.summary() == WANTED[0].0);
    roots
        .map(|root| -> Vec<Told> {
            let of_trace = all
                .iter()
                .filter(|it| it.span.trace_id == root.span.trace_id);
            of_trace.cloned().collect()
        })
        .find(|trace| {
            let links: Vec<_> = trace
                .iter()
                .map(|it| (it.summary(), above(trace, it)))
                .collect();
            let count = |(name, above): (&str, &str)| {
                let fits = |(is, under): &&(String, String)| is == name && under == above;
                links.iter().filter(fits).count()
            };
            // Both gateways watch the room, the sender's too.
            WANTED.iter().all(|link| count(*link) > 0) && count(WANTED[5]) == 2
        })
}

fn above(trace: &[Told], told: &Told) -> String {
    let parent = trace
        .iter()
        .find(|it| it.span.span_id == told.span.parent_span_id);
    parent.map(Told::summary).unwrap_or_default()
}
