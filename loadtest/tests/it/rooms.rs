//! The scenario `rooms`, from sign-up to verdict.

use loadtest::{histcheck::Check, plan::Plan, report::Report, rooms, stage::Servers};

use crate::fake::{Fake, Fault};

async fn run(fault: Fault) -> Report {
    let fake = Fake::start(fault).await;
    let servers = Servers::open(fake.targets(2), None, 0)
        .await
        .expect("given gateways need no start");
    let plan = Plan::new(20, None, 2, 1, 2).with_load(100.0, 1);
    rooms::run(&servers, plan, 64)
        .await
        .expect("the run goes through")
}

fn broken(report: &Report) -> Vec<Check> {
    let verdict = report.verdict.as_ref().expect("rooms are checked");
    Check::ALL
        .into_iter()
        .filter(|&check| verdict.of(check).violations > 0)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_server_passes() {
    let report = run(Fault::None).await;
    assert!(report.is_good(), "{report:?}");
    let traffic = report.traffic.as_ref().expect("messages were sent");
    assert_eq!(
        (traffic.planned, traffic.acked, traffic.deliveries),
        (100, 100, 1_000)
    );
    assert!(traffic.delivery.p50_ms > 0.0);
    let text = loadtest::markdown::render(&report);
    assert!(
        text.contains("C1 lost: ok") && text.contains("Verdict: **pass**"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_delivery_is_found() {
    let report = run(Fault::DropDelivery).await;
    assert!(broken(&report).contains(&Check::Lost), "{report:?}");
    assert!(!report.is_good());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubled_delivery_is_found() {
    assert_eq!(
        broken(&run(Fault::DoubleDelivery).await),
        [Check::Duplicate]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_message_that_is_not_stored_is_found() {
    assert_eq!(broken(&run(Fault::ForgetStored).await), [Check::Lost]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_counted_and_not_held_against_the_server() {
    let report = run(Fault::RefuseSend).await;
    assert!(report.is_good(), "{report:?}");
    let traffic = report.traffic.as_ref().expect("messages were sent");
    assert_eq!((traffic.refused["RATE_LIMITED"], traffic.acked), (1, 99));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_connection_is_trouble() {
    let report = run(Fault::CloseConnection).await;
    assert!(
        report
            .troubles
            .iter()
            .any(|trouble| trouble.contains("1 connections ended")),
        "{report:?}"
    );
    assert!(!report.is_good());
}
