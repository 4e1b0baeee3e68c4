//! Whatever happens in the [town](super::town) passes, and nothing makes the checker panic.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use super::{
    super::*,
    broken,
    town::{DEVICES, ROOMS, town},
};

fn happenings() -> impl Strategy<Value = Vec<(u8, u8, u8, u16)>> {
    proptest::collection::vec((0..24_u8, 0..12_u8, 0..12_u8, 0..4_000_u16), 0..150)
}

pub(super) fn history_of(happenings: &[(u8, u8, u8, u16)]) -> History {
    let mut town = town();
    for &happening in happenings {
        town.happen(happening);
    }
    town.finish()
}

proptest! {
    #![proptest_config(Config::with_cases(512))]

    #[test]
    fn whatever_happens_passes(happenings in happenings()) {
        let history = history_of(&happenings);
        let verdict = check(&history);
        prop_assert!(verdict.is_clean(), "{:#?}", verdict.findings());
    }

    /// A message that a device is told again, under another id, after something else or as part of another room never
    /// passes, whatever happened around it.
    #[test]
    fn no_single_change_passes(
        happenings in happenings(),
        device in 0..DEVICES as usize,
        at in any::<proptest::sample::Index>(),
        change in 0..4,
    ) {
        let mut history = history_of(&happenings);
        let deliveries = &mut history.observers[device].deliveries;
        let is_message = |&at: &usize| deliveries[at].message != NOT_A_MESSAGE;
        let messages: Vec<usize> = (0..deliveries.len()).filter(is_message).collect();
        prop_assume!(!messages.is_empty());
        let at = messages[at.index(messages.len())];
        let delivery = deliveries[at];
        match change {
            0 => deliveries.push(delivery),
            1 => deliveries[at].id.0[9] ^= 1,
            2 => deliveries[at].prev += 1,
            _ => deliveries[at].room = (delivery.room + 1) % ROOMS,
        }
        prop_assert_ne!(broken(&history), vec![]);
    }

    /// Arbitrary turns, denials, blocks and faults never make the checker panic.
    #[test]
    fn rubbish_is_survived(
        happenings in happenings(),
        turns in proptest::collection::vec((0..9_usize, any::<u64>(), 0..5_u32, any::<u32>(), 0..5_u8), 0..20),
        times in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 0..6),
    ) {
        let mut history = history_of(&happenings);
        let kind = |room, seq, kind| match kind {
            0 => TurnKind::Restart { room, seq, snapshot: vec![(seq, Id([1; 16])), (3, Id([2; 16]))] },
            1 => TurnKind::Joined { room, seq },
            2 => TurnKind::Left { room, seq },
            3 => TurnKind::Connected { gateway: seq },
            _ => TurnKind::Disconnected,
        };
        history.observers[0].turns.extend(turns.iter().map(|&(before, at_us, room, seq, number)| Turn {
            before, at_us, what: kind(room, seq, number),
        }));
        for &(first, second, third) in &times {
            history.faults.push(Window { from_us: first, healed_us: second });
            let lifted_us = (third % 2 == 0).then_some(third);
            let user = (third % 4) as u32;
            history.denials.push(Denial {
                user, scope: Scope::Room(0), asked_us: first, acked_us: second, lifted_us, grace_us: third,
            });
            history.blocks.push(Block {
                by: user, of: 1, asked_us: first, acked_us: second, lifted_us, grace_us: third,
            });
        }
        let _ = check(&history);
    }
}

/// The town would prove little if some of it never happened.
#[test]
fn everything_happens() {
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let tree = happenings().new_tree(&mut runner).expect("a value");
        let history = history_of(&tree.current());
        seen.extend(history.sends.iter().map(|send| match send.outcome {
            Outcome::NotSent => "not sent",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
            Outcome::Acked { duplicate, .. } => ["acked", "repeated"][usize::from(duplicate)],
        }));
        for observer in &history.observers {
            seen.extend(observer.turns.iter().map(|turn| match turn.what {
                TurnKind::Restart { .. } => "restart",
                TurnKind::Joined { .. } => "joined",
                TurnKind::Left { seq: u32::MAX, .. } => "left somewhere",
                TurnKind::Left { .. } => "left",
                TurnKind::Connected { .. } => "connected",
                TurnKind::Disconnected => "disconnected",
            }));
            let hole = observer.deliveries.iter().find(|it| it.prev + 1 < it.seq);
            seen.extend(hole.map(|_| "hidden or away"));
        }
        seen.extend(
            history
                .denials
                .iter()
                .map(|no| match (no.scope, no.lifted_us) {
                    (Scope::Everything, None) => "banned",
                    (Scope::Everything, Some(_)) => "unbanned",
                    (Scope::Room(_), None) => "kicked",
                    (Scope::Room(_), Some(_)) => "back",
                }),
        );
        let blocks = history.blocks.iter();
        seen.extend(blocks.map(|it| ["blocked", "unblocked"][usize::from(it.lifted_us.is_some())]));
        seen.extend(history.faults.first().map(|_| "fault"));
    }
    assert_eq!(seen.len(), 19, "{seen:?}");
}
