//! Every scenario with very little load, against the whole product and against the servers it is compared with. What is
//! checked is that everything is accounted for and every figure is there; how fast it was says nothing here.

use crate::fake::{Fake, Fault};
use loadtest::{
    outcome::Outcome,
    peer::Peer,
    scenario::{Options, Scenario, plot},
    stage::Servers,
};

pub(crate) async fn ask(scenario: Scenario, servers: &Servers, options: Options) -> Outcome {
    let outcome = scenario.run(servers, &options).await;
    let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error:#}", scenario.name()));
    assert!(outcome.is_good(), "{}", outcome.markdown());
    outcome
}

/// Checks that each of these figures is in the outcome, is a number, and is in what is written of it.
pub(crate) fn has(outcome: &Outcome, ids: &[&str]) {
    let text = outcome.markdown();
    for id in ids {
        let measure = outcome.measures.iter().find(|it| it.id == *id);
        let measure = measure.unwrap_or_else(|| panic!("no {id}: {text}"));
        assert!(measure.value.is_finite(), "{text}");
        assert!(
            text.contains(&format!("| {id} | {} |", measure.metric)),
            "{text}"
        );
    }
}

pub(crate) fn tiny(connections: usize, rooms: usize, rate: f64) -> Options {
    Options {
        connections,
        rooms,
        rate,
        seconds: 1.0,
        body: 64,
    }
}

/// Every message that was asked for was acknowledged and came to each of so many members.
fn is_whole(outcome: &Outcome, messages: u64, members: u64) {
    let acked: u64 = outcome.stretches.iter().map(|it| it.traffic.acked).sum();
    let tally = outcome.tally.as_ref().expect("people talked");
    assert_eq!(
        (acked, tally.expected, tally.received),
        (messages, messages * members, messages * members),
        "{}",
        outcome.markdown()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_accounts_for_everything_and_has_its_figures() {
    let servers = Servers::start(2, &[]).await.expect("the product starts");
    let outcome = ask(Scenario::HotRoom, &servers, tiny(24, 1, 20.0)).await;
    is_whole(&outcome, 20, 24);
    has(&outcome, &["P1", "P4", "P11", "generator"]);
    let outcome = ask(Scenario::Broadcast, &servers, tiny(24, 1, 20.0)).await;
    is_whole(&outcome, 20, 24);
    has(&outcome, &["P13", "claim"]);
    let outcome = ask(Scenario::Burst, &servers, tiny(24, 1, 20.0)).await;
    is_whole(&outcome, 60, 24);
    has(&outcome, &["P1", "P2", "P3", "P6"]);
    let outcome = ask(Scenario::LoginBesideChat, &servers, tiny(16, 2, 20.0)).await;
    is_whole(&outcome, 80, 8);
    has(&outcome, &["P19"]);
    let log_ins = outcome.measure("log-ins").expect("they are counted");
    assert!(log_ins.value > 0.0, "{}", outcome.markdown());
    let outcome = ask(Scenario::Churn, &servers, tiny(8, 1, 20.0)).await;
    has(&outcome, &["P7", "P8", "P15", "claim"]);
    assert!(outcome.notes[0].starts_with("20 connections came and went"));
    servers.close().await.expect("the product stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_do_not_read_fill_their_queue_and_cost_nobody_a_message() {
    // The kernels take about 70 kB of what is not read, and a queue as small as this the next ten messages.
    let small = [("HUBBUB_GATEWAY__SEND_QUEUE_BYTES", "32768")];
    let servers = Servers::start(1, &small).await;
    let servers = servers.expect("the product starts");
    let enough = Options {
        body: 3_000,
        ..tiny(24, 1, 60.0)
    };
    let outcome = ask(Scenario::SlowReaders, &servers, enough).await;
    has(&outcome, &["P18"]);
    let full = outcome.measure("queues that met their limit");
    let full = full.expect("the gateway tells").value;
    assert!(full >= 1.0, "{}", outcome.markdown());
    // One of 24 does not read, and sends nothing while it does not; nothing is owed to it.
    let tally = outcome.tally.as_ref().expect("people talked");
    assert_eq!((tally.expected % 23, tally.lost()), (0, 0), "{tally:?}");
    assert!(outcome.notes[0].starts_with("1 connections stopped reading"));
    servers.close().await.expect("the product stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_too_much_cost_nobody_a_message() {
    let servers = Servers::start(1, &[]).await.expect("the product starts");
    let outcome = ask(Scenario::Ramp, &servers, tiny(24, 3, 100.0)).await;
    has(&outcome, &["P22"]);
    let svg = plot(&[&outcome]).svg();
    assert!(
        svg.contains("Hubbub p99") && svg.contains("<circle"),
        "{svg}"
    );
    let outcome = ask(Scenario::Overload, &servers, tiny(24, 3, 100.0)).await;
    has(&outcome, &["P23"]);
    for metric in ["deliveries lost", "rooms in disorder"] {
        let measure = outcome.measure(metric).expect("it is measured");
        assert!(measure.value.abs() < f64::EPSILON, "{}", outcome.markdown());
    }
    servers.close().await.expect("the product stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bots_drive_the_peers() {
    for peer in Peer::ALL {
        let running = peer.start().await;
        let running = running.unwrap_or_else(|error| panic!("{}: {error:#}", peer.name()));
        let servers = Servers::of_peer(running);
        let outcome = ask(Scenario::HotRoom, &servers, tiny(24, 1, 20.0)).await;
        is_whole(&outcome, 20, 24);
        has(&outcome, &["P1"]);
        assert_eq!(outcome.server, peer.name());
        let churn = ask(Scenario::Churn, &servers, tiny(8, 1, 20.0)).await;
        has(&churn, &["P7", "P8"]);
        servers.close().await.expect("the peer stops");
    }
}

/// Asks for a hot room on a gateway that breaks one promise at its thirtieth message.
async fn broken(fault: Fault) -> Outcome {
    let fake = Fake::start(fault).await;
    let servers = Servers::open(fake.targets(1), None, 0)
        .await
        .expect("given gateways need no start");
    let outcome = Scenario::HotRoom.run(&servers, &tiny(24, 1, 40.0)).await;
    let outcome = outcome.expect("the run goes through");
    assert!(!outcome.is_good(), "{}", outcome.markdown());
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_loses_or_doubles_is_counted() {
    let lost = broken(Fault::DropDelivery).await;
    let tally = lost.tally.as_ref().expect("people talked");
    assert_eq!((tally.expected, tally.lost()), (40 * 24, 1), "{tally:?}");
    let doubled = broken(Fault::DoubleDelivery).await;
    let tally = doubled.tally.as_ref().expect("people talked");
    assert_eq!((tally.doubled, tally.lost()), (1, 0), "{tally:?}");
    let text = doubled.markdown();
    assert!(
        text.contains("1 doubled") && text.contains("must: **no**"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_early_is_trouble() {
    let outcome = broken(Fault::CloseConnection).await;
    assert!(
        outcome
            .troubles
            .iter()
            .any(|it| it.contains("1 connections ended")),
        "{}",
        outcome.markdown()
    );
}
