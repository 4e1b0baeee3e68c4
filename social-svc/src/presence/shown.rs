//! What others see of a person.

use time::OffsetDateTime;

use crate::times::millis;

/// The status a person chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it is.
    #[default]
    Online,
    /// Away, whatever their devices do.
    Away,
    /// Not to be disturbed.
    Dnd,
    /// Offline for everyone else.
    Invisible,
}

/// Whether a person is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// Nowhere.
    Gone,
    /// On devices that show something else.
    OutOfView,
    /// On a device they look at.
    InView,
}

/// How a person chose to be seen, and when they last were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The status.
    pub mood: Mood,
    /// What they wrote with it.
    pub text: String,
    /// When status and text end.
    pub until: Option<OffsetDateTime>,
    /// When they were last online as far as others know.
    pub last_seen_at: Option<OffsetDateTime>,
}

/// What others see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `online`, `away`, `dnd` or `offline`.
    pub status: &'static str,
    /// Their text; empty when there is none.
    pub text: String,
    /// When they were last online, milliseconds since the epoch; 0 while they are, or when unknown.
    pub last_seen_ms: i64,
}

impl Mood {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Invisible => "invisible",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Online, Self::Away, Self::Dnd, Self::Invisible]
            .into_iter()
            .find(|each| each.as_str() == text)
    }

    /// Reads the stored name. What is not known shows nothing.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self::parse(text).unwrap_or(Self::Invisible)
    }
}

impl Liveness {
    /// Whether the person is connected at all.
    #[must_use]
    pub fn is_live(self) -> bool {
        self != Self::Gone
    }
}

impl Chosen {
    /// Whether everyone else sees them offline by choice.
    #[must_use]
    pub fn is_invisible(&self, now: OffsetDateTime) -> bool {
        self.mood == Mood::Invisible && self.is_in_force(now)
    }

    fn is_in_force(&self, now: OffsetDateTime) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl Shown {
    /// What is seen of somebody who may not be seen, or does not exist.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            status: "offline",
            text: String::new(),
            last_seen_ms: 0,
        }
    }
}

/// Returns what others see of a person. A choice that has ended is none; who is offline says nothing.
#[must_use]
pub fn shown(liveness: Liveness, chosen: &Chosen, now: OffsetDateTime) -> Shown {
    let is_in_force = chosen.is_in_force(now);
    let mood = if is_in_force {
        chosen.mood
    } else {
        Mood::Online
    };
    let status = match (mood, liveness) {
        (Mood::Invisible, _) | (_, Liveness::Gone) => {
            return Shown {
                last_seen_ms: chosen.last_seen_at.map_or(0, millis),
                ..Shown::nothing()
            };
        }
        (Mood::Dnd, _) => "dnd",
        (Mood::Online, Liveness::InView) => "online",
        (Mood::Away, _) | (Mood::Online, Liveness::OutOfView) => "away",
    };
    let text = if is_in_force {
        chosen.text.clone()
    } else {
        String::new()
    };
    Shown {
        status,
        text,
        last_seen_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn seen(
        liveness: Liveness,
        mood: Mood,
        until: Option<Duration>,
    ) -> (&'static str, String, i64) {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let chosen = Chosen {
            mood,
            text: "tea".into(),
            until: until.map(|until| now + until),
            last_seen_at: Some(OffsetDateTime::UNIX_EPOCH + Duration::seconds(7)),
        };
        let Shown {
            status,
            text,
            last_seen_ms,
        } = shown(liveness, &chosen, now);
        (status, text, last_seen_ms)
    }

    #[test]
    fn a_choice_holds_while_someone_is_connected_and_has_not_ended() {
        use Liveness::{Gone, InView, OutOfView};
        let told = |status| (status, String::from("tea"), 0);
        assert_eq!(seen(InView, Mood::Online, None), told("online"));
        assert_eq!(seen(OutOfView, Mood::Online, None), told("away"));
        assert_eq!(seen(InView, Mood::Away, None), told("away"));
        assert_eq!(seen(OutOfView, Mood::Dnd, None), told("dnd"));
        let later = Some(Duration::minutes(1));
        assert_eq!(seen(InView, Mood::Dnd, later), told("dnd"));
        let over = Some(Duration::minutes(-1));
        for mood in [Mood::Dnd, Mood::Invisible] {
            assert_eq!(seen(InView, mood, over), ("online", String::new(), 0));
        }
        let offline = ("offline", String::new(), 7_000);
        assert_eq!(seen(Gone, Mood::Dnd, None), offline);
        assert_eq!(seen(InView, Mood::Invisible, None), offline);
        assert_eq!(seen(Gone, Mood::Invisible, None), offline);
    }
}
