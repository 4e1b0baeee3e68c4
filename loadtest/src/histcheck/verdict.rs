//! The promises, and what a check found about each.

use serde::Serialize;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    /// C1: every acknowledged message is in the final read and reached every device that was to see it.
    Lost,
    /// C2: nothing that was refused or never sent appears; nothing is shown that is not stored.
    Phantom,
    /// C3: one message has one place; a device gets each place once.
    Duplicate,
    /// C4: each device is told seq after seq but for what is hidden from it, and the server's `prev` is what it was
    /// told before.
    Order,
    /// C5: a place holds the same event for every observer.
    Agreement,
    /// C6: a message acknowledged before another was sent stands before it.
    RealTime,
    /// C7: a sender's messages stand, and are acknowledged, in the order they were sent.
    SenderOrder,
    /// C8: a device is told of a room only while its user is a member.
    Entitlement,
    /// C9: after a denial is acknowledged nothing more is accepted from the person, and soon nothing reaches them.
    Revocation,
    /// C10: soon after a block is acknowledged nothing of the blocked person is shown.
    Block,
    /// C11: after the last fault everyone is soon whole again, and every send is answered.
    Liveness,
    /// C12: a device whose view was given up was shown a part of the true order, and that happens rarely.
    Honesty,
}

impl Check {
    /// Every check, in the order of the report.
    pub const ALL: [Self; 12] = [
        Self::Lost,
        Self::Phantom,
        Self::Duplicate,
        Self::Order,
        Self::Agreement,
        Self::RealTime,
        Self::SenderOrder,
        Self::Entitlement,
        Self::Revocation,
        Self::Block,
        Self::Liveness,
        Self::Honesty,
    ];

    /// Returns the short name of the report, such as `C1 lost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "C1 lost",
            Self::Phantom => "C2 phantom",
            Self::Duplicate => "C3 duplicate",
            Self::Order => "C4 order",
            Self::Agreement => "C5 agreement",
            Self::RealTime => "C6 real time",
            Self::SenderOrder => "C7 sender order",
            Self::Entitlement => "C8 entitlement",
            Self::Revocation => "C9 revocation",
            Self::Block => "C10 block",
            Self::Liveness => "C11 liveness",
            Self::Honesty => "C12 honesty",
        }
    }
}

/// How many violations of one check are described in words; the rest are only counted.
pub(super) const EXAMPLES: usize = 5;

/// What was found wrong with one promise.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Which promise.
    pub check: Check,
    /// How often it was broken.
    pub violations: u64,
    /// The first few, in words.
    pub examples: Vec<String>,
}

/// The result of [`check`](super::check()): one finding per promise.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    findings: Vec<Finding>,
}

impl Verdict {
    pub(super) fn new() -> Self {
        let clean = |check| Finding {
            check,
            violations: 0,
            examples: Vec::new(),
        };
        Self {
            findings: Check::ALL.map(clean).into(),
        }
    }

    pub(super) fn add(&mut self, check: Check, example: impl FnOnce() -> String) {
        let finding = &mut self.findings[check as usize];
        finding.violations += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example());
        }
    }

    /// Returns one finding per check, in the order of [`Check::ALL`].
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the finding of one check.
    #[must_use]
    pub fn of(&self, check: Check) -> &Finding {
        &self.findings[check as usize]
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|finding| finding.violations == 0)
    }
}
