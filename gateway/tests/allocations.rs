//! A message that goes to many is written once: what the fan-out allocates does not depend on how many hear it.
//!
//! A program of its own, because it counts what the process's allocator is asked for.

#[path = "../benches/hot_path/crowd.rs"]
mod crowd;

use allocation_counter::{AllocationInfo, measure};

use crowd::Crowd;

const SIZES: [usize; 3] = [1, 100, 1_000];

/// What was asked of the allocator: how often, and how many bytes.
fn asked(info: &AllocationInfo) -> (u64, u64) {
    (info.count_total, info.bytes_total)
}

/// Everyone's queue has room for what comes: a queue that was never used makes that room once, with its first frame.
fn warm(members: usize) -> Crowd {
    let crowd = Crowd::of(members);
    let first = [crowd.message(), crowd.message()];
    crowd.deliver(&first);
    assert_eq!(crowd.drain(), 2 * members);
    crowd
}

#[test]
fn one_event_costs_as_many_allocations_for_a_thousand_members_as_for_one() {
    let costs = SIZES.map(|members| {
        let crowd = warm(members);
        let event = [crowd.message()];
        let delivered = measure(|| crowd.deliver(&event));
        let drained = measure(|| assert_eq!(crowd.drain(), members));
        assert_eq!(asked(&drained), (0, 0), "taken out by {members} members");
        asked(&delivered)
    });
    assert!(costs[0].0 > 0, "the frame itself is allocated: {costs:?}");
    assert_eq!(costs, [costs[0]; 3], "for {SIZES:?} members");
}

#[test]
fn a_batch_and_a_whisper_cost_the_same_for_everyone_too() {
    let costs = SIZES.map(|members| {
        let crowd = warm(members);
        let batch = [crowd.message(), crowd.message()];
        let batch = measure(|| crowd.deliver(&batch));
        assert_eq!(crowd.drain(), 2 * members);
        let whisper = crowd.whisper();
        let whisper = measure(|| crowd.hear(whisper));
        assert_eq!(crowd.drain(), members);
        (asked(&batch), asked(&whisper))
    });
    assert_eq!(costs, [costs[0]; 3], "for {SIZES:?} members");
}
