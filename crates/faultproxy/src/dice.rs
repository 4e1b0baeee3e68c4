//! Random generators that can be had again.

use rand::{SeedableRng, rngs::SmallRng};

/// What a generator is for. Each purpose has its own, so that one does not shift another's sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    JitterToUpstream,
    JitterToClient,
    Resets,
    Messages,
}

/// An odd number with its bits well spread (2⁶⁴ divided by the golden ratio), so that neighbouring seeds do not share
/// generators of neighbouring connections.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const PURPOSES: u64 = 4;

/// Makes the generator of one connection and purpose.
pub(crate) fn dice(seed: u64, connection: u64, purpose: Purpose) -> SmallRng {
    let number = connection
        .wrapping_mul(PURPOSES)
        .wrapping_add(purpose as u64);
    SmallRng::seed_from_u64(seed.wrapping_mul(SPREAD).wrapping_add(number))
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_nothing_else_does() {
        let roll = |seed, connection, purpose| dice(seed, connection, purpose).random::<u64>();
        let expected = roll(1, 7, Purpose::Messages);
        assert_eq!(roll(1, 7, Purpose::Messages), expected);
        assert_ne!(roll(2, 7, Purpose::Messages), expected);
        assert_ne!(roll(1, 8, Purpose::Messages), expected);
        assert_ne!(roll(1, 7, Purpose::Resets), expected);
    }
}
