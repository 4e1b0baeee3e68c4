//! Arbitrary histories of devices that are connected from beginning to end.

use proptest::prelude::*;

use super::{
    super::*,
    broken, id_of,
    load::{BOTS, ROOMS, deliver, honest},
};

proptest! {
    /// Whatever single delivery is dropped, doubled or changed, the history is no longer clean.
    #[test]
    fn no_single_fault_passes(observer in 0..BOTS as usize, at in 0_usize..20, fault in 0..5) {
        let mut history = honest(114);
        let deliveries = &mut history.observers[observer].deliveries;
        // 0 is the join, which nobody acknowledged: as the first one its loss shows as a hole.
        let delivery = deliveries[at];
        match fault {
            0 => drop(deliveries.remove(at)),
            1 => deliveries.insert(at, delivery),
            2 => deliveries[at].id.0[9] ^= 1,
            3 => deliveries[at].seq += 1,
            _ => deliveries[at].room = (delivery.room + 1) % ROOMS,
        }
        prop_assert!(!check(&history).is_clean());
    }

    /// Any interleaving of concurrent senders that a correct server could choose passes.
    #[test]
    fn any_order_of_concurrent_sends_is_clean(seed in proptest::collection::vec(0..BOTS, 1..80)) {
        let mut history = honest(0);
        let mut heads = [3; ROOMS as usize];
        for (message, bot) in seed.iter().copied().enumerate() {
            let room = bot % ROOMS;
            let seq = heads[room as usize] + 1;
            // Everything is sent at once and answered later: no order in time can be proved.
            let outcome = Outcome::Acked { seq, id: id_of(room, seq), at_us: 1_000_000 + message as u64, duplicate: false };
            history.sends.push(Send { bot, room, invoked_us: message as u64, resolved_us: 0, outcome });
            history.finals[room as usize].push(Entry { seq, id: id_of(room, seq), message: message as u32 });
            deliver(&mut history, room, &mut heads, message as u32);
        }
        prop_assert_eq!(broken(&history), vec![]);
    }

    /// Arbitrary rubbish never makes the checker panic.
    #[test]
    fn rubbish_is_survived(
        sends in proptest::collection::vec((0_u32..8, 0_u32..5, any::<u64>(), any::<u32>()), 0..20),
        deliveries in proptest::collection::vec((0_u32..5, any::<u32>(), any::<u32>(), any::<u32>()), 0..40),
    ) {
        let mut history = honest(12);
        history.sends.extend(sends.iter().map(|&(bot, room, invoked_us, seq)| Send {
            bot, room, invoked_us, resolved_us: 0,
            outcome: Outcome::Acked { seq, id: Id([3; 16]), at_us: invoked_us, duplicate: false },
        }));
        history.observers[0].deliveries.extend(deliveries.iter().map(|&(room, seq, prev, message)| Delivery {
            id: Id([4; 16]), room, seq, prev, message, latency_us: 0, at_us: 0,
        }));
        let _ = check(&history);
    }
}
