//! The table of targets: laps in turn on the product and on a peer.

use loadtest::{
    outcome::Stretch,
    peer::Peer,
    scenario::{Options, Scenario, duel, over_laps},
    schedule::Phase,
    stage::Servers,
};

#[tokio::test(flavor = "multi_thread")]
async fn everyone_has_the_same_laps_in_turn() {
    let ours = Servers::start(1, &[]).await.expect("the product starts");
    let peer = Peer::Tungstenite.start().await.expect("the peer starts");
    let theirs = Servers::of_peer(peer);
    let options = Options {
        connections: 24,
        rooms: 3,
        rate: 0.0,
        seconds: 0.0,
        body: 64,
    };
    let phases = [
        ("slow", Phase::steady(20.0, 0.5)),
        ("fast", Phase::steady(60.0, 0.5)),
    ];
    let outcomes = duel(Scenario::HotRoom, &[&ours, &theirs], &options, &phases, 2).await;
    for outcome in outcomes.expect("everyone has their turn") {
        assert!(outcome.is_good(), "{}", outcome.markdown());
        let laps: Vec<_> = outcome
            .stretches
            .iter()
            .map(|it| it.label.as_str())
            .collect();
        assert_eq!(laps, ["slow", "fast", "slow", "fast"]);
        let tally = outcome.tally.as_ref().expect("people talked");
        assert_eq!((tally.expected, tally.received), (80 * 8, 80 * 8));
        assert!(over_laps(&outcome, "fast", Stretch::socket_us) > 0.0);
        assert!(outcome.memory.is_some(), "{}", outcome.markdown());
    }
    ours.close().await.expect("the product stops");
    theirs.close().await.expect("the peer stops");
}
