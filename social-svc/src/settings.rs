//! What people decide about themselves, and what holds for those who have not.

use rpc::Caller;
use serde::Deserialize;
use sqlx::PgPool;

use crate::{
    App, Error, db, events,
    mutation::{self, Keyed, retrying},
};

/// Who may open and write direct conversations with a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectFrom {
    /// Friends.
    Friends,
    /// Friends, and whoever is in a room with them.
    Shared,
    /// Everyone.
    Anyone,
}

/// The settings of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Who may write to them.
    pub direct_from: DirectFrom,
}

/// A request to change settings; what is absent stays.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// Idempotency key.
    pub key: String,
    /// Who may write to them.
    pub direct_from: Option<DirectFrom>,
}

impl DirectFrom {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Friends => "friends",
            Self::Shared => "shared",
            Self::Anyone => "anyone",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Friends, Self::Shared, Self::Anyone]
            .into_iter()
            .find(|each| each.as_str() == text)
    }

    /// Reads the stored name. What is not known to be open is closed.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self::parse(text).unwrap_or(Self::Friends)
    }
}

/// Writes what holds for people who have not chosen to where `social.may_message` finds it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn publish_policy(
    db: &PgPool,
    direct_from: DirectFrom,
) -> Result<(), sqlx::Error> {
    db::settings::update_policy(db, direct_from).await
}

/// Returns the caller's settings.
///
/// # Errors
/// None but the database's.
pub async fn get(app: &App, caller: &Caller) -> Result<Settings, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        let found = db::settings::get_setting(&mut conn, &caller.tenant, caller.user_id).await?;
        Ok(found.effective())
    })
    .await
}

/// Changes the caller's settings.
///
/// # Errors
/// `Conflict`.
pub async fn update(app: &App, caller: &Caller, change: SettingsChange) -> Result<Settings, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| update_once(&app, &caller, &change)).await }).await
}

async fn update_once(
    app: &App,
    caller: &Caller,
    change: &SettingsChange,
) -> Result<Settings, Error> {
    let keyed = change.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        let direct_from = events::direct_from_in(first)?;
        return Ok(Settings { direct_from });
    }
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let found = db::settings::get_setting(&mut mutation.tx, tenant, own).await?;
    let Some(direct_from) = change
        .direct_from
        .filter(|chosen| found.chosen != Some(*chosen))
    else {
        return Ok(found.effective());
    };
    let event = events::settings_updated(caller, direct_from, &keyed);
    mutation.record(vec![event]).await?;
    db::settings::insert_setting(&mut mutation.tx, tenant, own, direct_from).await?;
    mutation::commit(app, mutation).await?;
    Ok(Settings { direct_from })
}

/// What is stored for a person.
pub(crate) struct StoredSetting {
    /// What they chose.
    pub(crate) chosen: Option<DirectFrom>,
    /// What holds for those who chose nothing.
    pub(crate) policy: DirectFrom,
}

impl StoredSetting {
    fn effective(&self) -> Settings {
        Settings {
            direct_from: self.chosen.unwrap_or(self.policy),
        }
    }
}

impl SettingsChange {
    fn keyed(&self) -> Keyed {
        let chosen = self.direct_from.map_or("", DirectFrom::as_str);
        Keyed::new(&self.key, "settings.update", &[chosen.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::DirectFrom;

    #[test]
    fn what_is_not_known_is_closed() {
        for name in ["friends", "shared", "anyone"] {
            assert_eq!(DirectFrom::from_stored(name).as_str(), name);
        }
        assert_eq!(DirectFrom::parse("all"), None);
        assert_eq!(DirectFrom::from_stored("all"), DirectFrom::Friends);
    }
}
