//! Scenarios that look behind the sockets, with very little load: stores, the bus, memory. What is checked is that
//! everything is accounted for and every figure is there.

use loadtest::{
    outcome::Outcome,
    scenario::{Options, Scenario, growth},
    stage::Servers,
};

use crate::scenarios::{ask, has, tiny};

async fn start(scenario: Scenario) -> Servers {
    let servers = Servers::start(1, scenario.settings()).await;
    servers.expect("the product starts")
}

/// How many messages were stored in all, and how many came to somebody.
fn stored(outcome: &Outcome) -> (u64, u64) {
    let acked = outcome.stretches.iter().map(|it| it.traffic.acked).sum();
    let tally = outcome.tally.as_ref().expect("people talked");
    assert_eq!(tally.expected, tally.received, "{}", outcome.markdown());
    (acked, tally.received)
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_are_compared_with_single_inserts_and_one_room_with_many() {
    let servers = start(Scenario::Durable).await;
    let outcome = ask(Scenario::Durable, &servers, tiny(3, 3, 60.0)).await;
    // Calm once, five times as long, and five turns, by 3 and by 12 senders; everyone alone in their room.
    assert_eq!(stored(&outcome), (2 * 5 * (20 + 60), 2 * 5 * (20 + 60)));
    has(&outcome, &["P9", "P10", "P11"]);
    for metric in [
        "waiting senders: p99 ÷ single inserts'",
        "waiting senders: messages/s ÷ single inserts'",
        "waiting senders, the log alone: p99 ÷ single inserts'",
        "waiting senders, the log alone: messages/s ÷ single inserts'",
    ] {
        let measure = outcome.measure(metric).expect("it is measured");
        assert!(measure.value > 0.0 && measure.limit.is_some(), "{metric}");
    }
    assert!(outcome.memory.is_some() && outcome.troubles.is_empty());

    let outcome = ask(Scenario::Spread, &servers, tiny(4, 6, 40.0)).await;
    assert_eq!(stored(&outcome), (2 * 5 * 40, 2 * 5 * 40 * 4));
    has(&outcome, &["P12"]);
    let many = outcome.tally.as_ref().expect("people talked").rooms;
    assert_eq!(many, 1 + 6, "in every room somebody said something");

    let options = tiny(4, 1, 20.0);
    let grown = growth::rooms(&servers, &options, &[2, 12]).await;
    let grown = grown.expect("the run goes through");
    assert!(grown.outcome.is_good(), "{}", grown.outcome.markdown());
    // Everyone in one of two rooms, and in six of twelve: two members each.
    assert_eq!(stored(&grown.outcome), (2 * 5 * 20, 2 * 5 * 20 * 2));
    has(&grown.outcome, &["P12"]);
    assert_eq!(grown.plot.svg().matches("<circle").count(), 4);
    servers.close().await.expect("the product stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bus_tells_what_it_carries() {
    let servers = start(Scenario::Bus).await;
    let outcome = ask(Scenario::Bus, &servers, tiny(24, 3, 200.0)).await;
    assert_eq!(stored(&outcome), (10 + 200, (10 + 200) * 8));
    has(&outcome, &["P16"]);
    let of = |metric| outcome.measure(metric).expect("it is measured").value;
    let calm = of("bus messages per message, one at a time");
    // A question, its answer, and word of what was stored; a little more or less of what goes anyway.
    assert!((2.0..8.0).contains(&calm), "{}", outcome.markdown());
    let many = of("bus messages per message, as many as go");
    assert!(many > 0.0 && many < calm + 1.0, "{}", outcome.markdown());
    servers.close().await.expect("the product stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_are_weighed_and_hear_nothing_of_those_who_talk() {
    let servers = start(Scenario::Idle).await;
    let options = Options {
        seconds: 1.0,
        ..tiny(24, 5, 20.0)
    };
    let outcome = ask(Scenario::Idle, &servers, options).await;
    // Twenty people in two rooms talk.
    assert_eq!(stored(&outcome), (60, 60 * 10));
    has(&outcome, &["P5", "P11", "P17", "P20"]);
    let held = outcome.measure("connections held").expect("it is counted");
    assert!((held.value - 24.0).abs() < 0.5, "{}", outcome.markdown());
    let text = outcome.markdown();
    assert!(text.contains("meant for 8000 and more"), "{text}");
    assert_eq!(growth::connections(&[outcome]).lines.len(), 3);

    let grown = growth::rates(&servers, &tiny(24, 1, 10.0)).await;
    let grown = grown.expect("the run goes through");
    assert!(grown.outcome.is_good(), "{}", grown.outcome.markdown());
    assert_eq!(stored(&grown.outcome), (50, 50 * 24));
    has(&grown.outcome, &["P3"]);
    assert_eq!(grown.plot.svg().matches("<circle").count(), 10);
    servers.close().await.expect("the product stops");
}
