//! The fault lab: it finds nothing wrong with the product, and finds it out when a protection is missing.

use std::time::Duration;

use loadtest::{
    faultlab::{self, Options, Protection, nemesis, verdict::Row},
    histcheck::Check,
};

/// Dice to throw. What a missing protection lets happen is a race, which may be won by chance once.
const SEEDS: [u64; 3] = [7, 8, 9];

async fn lab(names: &[&str], without: Option<Protection>, seed: u64) -> Vec<Row> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let options = Options {
        nemeses: nemesis::named(&names).expect("they are nemeses"),
        span: Duration::ZERO,
        seed,
        without,
        is_clustered: false,
        journals: None,
    };
    faultlab::run(&options).await.expect("the lab works")
}

/// Whether the lab finds one of these promises broken when a protection is missing.
async fn sees(name: &str, without: Protection, checks: &[Check]) -> bool {
    for seed in SEEDS {
        let rows = lab(&[name], Some(without), seed).await;
        let violations = |check: &Check| rows[0].verdict.of(*check).violations;
        if checks.iter().map(violations).sum::<u64>() > 0 {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_loses_and_a_gateway_that_dies_break_no_promise() {
    for row in lab(&["n7", "n2"], None, SEEDS[0]).await {
        assert!(row.is_kept(), "{row:?}");
        assert!(
            row.measured.acked > 100 && row.measured.deliveries > 1_000,
            "{row:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_announced_heads_a_lost_event_stays_lost_and_the_lab_sees_it() {
    assert!(sees("n7", Protection::Heads, &[Check::Lost]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_signs_of_life_nobody_learns_what_a_parted_bus_held_back_and_the_lab_sees_it() {
    // Heads are compared without a reason now and then: too late, but perhaps before the lab gives up.
    let checks = [Check::Lost, Check::Liveness];
    assert!(sees("n5c", Protection::Beats, &checks).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_idempotency_keys_a_repeat_is_stored_twice_and_the_lab_sees_it() {
    assert!(sees("n1f", Protection::Keys, &[Check::Duplicate]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_a_message_is_stored_after_its_author_s_ban_and_the_lab_sees_it() {
    assert!(sees("n22r", Protection::Lock, &[Check::Revocation]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lease_a_gateway_that_was_cut_off_serves_the_banned_and_the_lab_sees_it() {
    assert!(sees("n5", Protection::Lease, &[Check::Revocation]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_runs_of_the_server_a_restored_log_is_taken_for_the_old_one_and_the_lab_sees_it() {
    assert!(sees("n24", Protection::Eras, &[Check::Honesty]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_them_neither_happens_and_conflicts_wrong_clocks_and_no_descriptors_break_nothing() {
    for row in lab(&["n5", "n12", "n17", "n20", "n22r"], None, SEEDS[0]).await {
        assert!(!row.is_broken(), "{row:?}");
    }
}

#[test]
fn an_unknown_nemesis_is_refused_with_those_there_are() {
    let error = nemesis::named(&["n0".to_owned()]).expect_err("there is no n0");
    assert!(error.to_string().contains("n7"), "{error}");
}
