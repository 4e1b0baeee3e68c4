//! A gateway that is replaced under its clients, as a rolling update does it.

use std::time::{Duration, Instant};

use devstack::{fleet::Kind, wait};
use futures::future::join_all;
use serde_json::json;
use testkit::Person;

use crate::stage::Stage;

/// From "not ready" to the first goodbye, for all of them, and until the process must be gone. The first is long enough
/// to look and to connect in, and with the second less than a client waits for its goodbye.
const LAG: Duration = Duration::from_millis(5_000);
const DRAIN: Duration = Duration::from_millis(4_000);
const GRACE: Duration = Duration::from_millis(8_000);
const DEVICES: usize = 8;
/// So few get a goodbye each 50 ms; half of that, for a machine that is busy.
const PACED: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_gateway_that_is_replaced_sends_its_clients_on_one_by_one_and_nobody_misses_anything() {
    let mut stage = Stage::open().await;
    let [lag, drain, grace] = [LAG, DRAIN, GRACE].map(|span| span.as_millis().to_string());
    let settings = [
        ("HUBBUB_SHUTDOWN__LAG_MS", lag.as_str()),
        ("HUBBUB_GATEWAY__DRAIN_MS", drain.as_str()),
        ("HUBBUB_SHUTDOWN__GRACE_MS", grace.as_str()),
    ];
    stage.start_gateway_with(0, &settings).await;
    let ada = Person::sign_up(&stage.http(1), "ada").await;
    let grace_hopper = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut writer = grace_hopper.connect(&stage.ws(1)).await;
    writer
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    let mut devices = Vec::new();
    for _ in 0..DEVICES {
        devices.push(ada.connect(&stage.ws(0)).await);
    }

    let begun = Instant::now();
    stage.stop_gateway(0);
    let ready = format!("{}/readyz", stage.internal(Kind::Gateway));
    let client = reqwest::Client::new();
    let turned = wait::until("the gateway to be not ready", LAG, async || {
        let answer = client.get(&ready).send().await.ok()?;
        (answer.status() == 503).then_some(())
    });
    turned.await.expect("readiness goes first");
    // Whoever still comes is served until load balancers have noticed.
    let late = ada.connect(&stage.ws(0)).await;
    assert!(begun.elapsed() < LAG, "the machine is too slow to tell");
    devices.push(late);
    let said = async {
        let mut last = 0;
        for number in 0..20 {
            let body = json!({"room": room, "body": number.to_string()});
            let sent = writer.send("message.send", body).await.expect("sent");
            last = sent["seq"].as_i64().expect("a seq");
        }
        last
    };
    let goodbyes = join_all(devices.iter_mut().map(async |device| {
        let bye = device.expect("bye").await;
        let at = begun.elapsed();
        assert_eq!(
            (&bye.data["code"], &bye.data["reconnect"]),
            (&json!(4001), &json!("resume"))
        );
        assert!(bye.data["retryAfterMs"].is_u64(), "{}", bye.data);
        assert_eq!(device.closed().await.code, 4001);
        at
    }));
    let (goodbyes, head) = tokio::join!(goodbyes, said);
    let (first, last) = (goodbyes.iter().min(), goodbyes.iter().max());
    let (first, last) = (*first.expect("some"), *last.expect("some"));
    assert!(first >= LAG, "the first goodbye after {first:?}");
    assert!(last - first >= PACED, "all at once: {goodbyes:?}");

    let gone = wait::until("the gateway to end", GRACE, async || {
        (stage.alive(Kind::Gateway) == 1).then_some(())
    });
    gone.await.expect("it ends by itself");
    assert!(begun.elapsed() < LAG + GRACE, "took {:?}", begun.elapsed());
    for device in &devices {
        let mut resumed = ada.resume(&stage.ws(1), device).await;
        assert_eq!(resumed.welcome["resumed"], true);
        let (mut told, _) = device.cursors[&room];
        while told < head {
            let next = resumed.expect_in(&room, "message.new").await;
            assert_eq!(next.seq, Some(told + 1), "nothing is skipped");
            told += 1;
        }
        resumed.close().await;
    }
}
