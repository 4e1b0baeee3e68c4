//! What two people are to each other, and what follows from it: the rules of friends and blocks without their storage.

/// How far a block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The blocker does not see the blocked.
    OneWay,
    /// Neither sees the other.
    Mutual,
}

/// A friend request that was made and not answered by a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It waits for the one who was asked.
    Waiting,
    /// It was declined. For the asker, who is not told, it waits.
    Declined {
        /// Whether it was so long ago that a new one counts.
        is_stale: bool,
    },
    /// It was declined, and then taken back by the asker.
    Withdrawn {
        /// Whether it was declined so long ago that a new one counts.
        is_stale: bool,
    },
}

/// Who of two people blocks the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The caller's block of the other.
    pub mine: Option<Reach>,
    /// The other's block of the caller.
    pub theirs: Option<Reach>,
}

/// What a person, the caller, and another one are to each other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bond {
    /// Whether they are friends.
    pub are_friends: bool,
    /// What the caller asked the other.
    pub sent: Option<Asked>,
    /// What the other asked the caller.
    pub received: Option<Asked>,
    /// Who blocks whom.
    pub blocks: Blocks,
    /// Whether what the caller asks is kept from the other.
    pub is_sent_hidden: bool,
    /// Whether what the other asks is kept from the caller.
    pub is_received_hidden: bool,
}

/// What becomes of a friend request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Refused: they are friends.
    AlreadyFriends,
    /// Refused: the caller blocks the other.
    UnblockFirst,
    /// It waits already, as far as the caller knows.
    Nothing,
    /// The other asked first: they are friends now.
    Befriend,
    /// It waits from now on.
    Ask {
        /// Whether the one who is asked gets to know.
        is_told: bool,
    },
    /// It waits as far as the caller knows: the one who is asked declined it a short while ago.
    Pretend,
}

impl Reach {
    /// Reads the stored form.
    #[must_use]
    pub fn from_stored(is_mutual: bool) -> Self {
        if is_mutual {
            Self::Mutual
        } else {
            Self::OneWay
        }
    }

    /// Returns the stored form.
    #[must_use]
    pub fn is_mutual(self) -> bool {
        self == Self::Mutual
    }
}

impl Asked {
    /// Whether the asker believes that it waits.
    #[must_use]
    pub fn waits_for_asker(self) -> bool {
        !matches!(self, Self::Withdrawn { .. })
    }
}

impl Blocks {
    /// Whether the caller must not see the other's doings.
    #[must_use]
    pub fn hide_other(self) -> bool {
        self.mine.is_some() || self.theirs == Some(Reach::Mutual)
    }

    /// Whether the other must not see the caller's doings.
    #[must_use]
    pub fn hide_caller(self) -> bool {
        self.theirs.is_some() || self.mine == Some(Reach::Mutual)
    }
}

impl Bond {
    /// Decides what becomes of a request by the caller.
    #[must_use]
    pub fn on_request(&self) -> Step {
        if self.are_friends {
            return Step::AlreadyFriends;
        }
        if self.blocks.mine.is_some() {
            return Step::UnblockFirst;
        }
        if self.received.is_some_and(Asked::waits_for_asker) {
            return Step::Befriend;
        }
        match self.sent {
            Some(Asked::Waiting | Asked::Declined { is_stale: false }) => Step::Nothing,
            Some(Asked::Withdrawn { is_stale: false }) => Step::Pretend,
            Some(Asked::Declined { is_stale: true } | Asked::Withdrawn { is_stale: true })
            | None => Step::Ask {
                is_told: !self.is_sent_hidden,
            },
        }
    }

    /// Whether the caller sees a request by the other, and may answer it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.received == Some(Asked::Waiting) && !self.is_received_hidden
    }

    /// Whether the other sees a request by the caller.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.sent == Some(Asked::Waiting) && !self.is_sent_hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Step = Step::Ask { is_told: true };

    #[test]
    fn a_request_to_a_stranger_waits_and_a_hidden_one_waits_untold() {
        assert_eq!(Bond::default().on_request(), ASK);
        let hidden = Bond {
            is_sent_hidden: true,
            ..Bond::default()
        };
        assert_eq!(hidden.on_request(), Step::Ask { is_told: false });
        assert!(
            !Bond {
                sent: Some(Asked::Waiting),
                ..hidden
            }
            .is_asking()
        );
    }

    #[test]
    fn a_decline_is_not_told_and_cannot_be_pressed() {
        let sent = |sent| {
            Bond {
                sent: Some(sent),
                ..Bond::default()
            }
            .on_request()
        };
        assert_eq!(sent(Asked::Waiting), Step::Nothing);
        assert_eq!(sent(Asked::Declined { is_stale: false }), Step::Nothing);
        assert_eq!(sent(Asked::Withdrawn { is_stale: false }), Step::Pretend);
        assert_eq!(sent(Asked::Declined { is_stale: true }), ASK);
        assert_eq!(sent(Asked::Withdrawn { is_stale: true }), ASK);
    }

    #[test]
    fn crossing_requests_make_friends_unless_the_other_took_theirs_back() {
        let received = |received| {
            Bond {
                received: Some(received),
                ..Bond::default()
            }
            .on_request()
        };
        assert_eq!(received(Asked::Waiting), Step::Befriend);
        assert_eq!(
            received(Asked::Declined { is_stale: false }),
            Step::Befriend
        );
        assert_eq!(received(Asked::Withdrawn { is_stale: false }), ASK);
    }

    #[test]
    fn every_edge_of_a_block_counts() {
        use Reach::{Mutual, OneWay};
        let hides = |mine, theirs| {
            let blocks = Blocks { mine, theirs };
            (blocks.hide_other(), blocks.hide_caller())
        };
        assert_eq!(hides(None, None), (false, false));
        assert_eq!(hides(Some(OneWay), None), (true, false));
        assert_eq!(hides(Some(Mutual), None), (true, true));
        assert_eq!(hides(None, Some(OneWay)), (false, true));
        assert_eq!(hides(None, Some(Mutual)), (true, true));
        assert_eq!(hides(Some(OneWay), Some(OneWay)), (true, true));
    }
}
