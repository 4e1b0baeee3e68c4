//! A gateway dies under a thousand devices.

use loadtest::storm::{self, Options, gauges::Frequent};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_come_back_to_the_other_gateway_with_everything_they_missed() {
    let options = Options {
        devices: 1_000,
        per_account: 10,
        rooms: 20,
        rooms_per_account: 2,
        rate: 20.0,
    };
    let outcome = storm::run(&options).await;
    let outcome = outcome.expect("the storm is carried out");
    let story = format!("{}{}", outcome.table(), outcome.statements());
    assert_eq!(outcome.back, 1_000, "{story}");
    assert!(outcome.last_s <= 30.0, "{story}");
    let broken = outcome.lost + outcome.holes + outcome.repeats + outcome.given_up;
    assert_eq!((broken, outcome.without_retry_after), (0, 0), "{story}");
    assert!(outcome.acked > 50 && outcome.deliveries > 1_000, "{story}");
    // Who comes back is looked up together with all who come at the same time. Were each looked up alone, one statement
    // at least would run a thousand times; together they are a tenth of that, and half of it on a very slow machine.
    assert!(!outcome.frequent.is_empty(), "{story}");
    // What people write meanwhile is looked up and stored as ever.
    let most = 500.0 + options.rate * outcome.last_s;
    let is_shared = |it: &Frequent| it.calls as f64 <= most;
    assert!(outcome.frequent.iter().all(is_shared), "{story}");
}
