//! What gateways act on: the bans that concern sockets and what others see.

use proto::id::{BanId, UserId};

use crate::{App, Error, bans::Mode, db};

/// A range that gateways refuse or count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnforcedRange {
    /// Whose installation.
    pub tenant: String,
    /// The ban.
    pub ban_id: BanId,
    /// The range in its shortest form.
    pub cidr: String,
    /// Refuse or count.
    pub mode: Mode,
    /// Until when.
    pub until_ms: i64,
}

/// An account that gateways hide from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowedUser {
    /// Whose installation.
    pub tenant: String,
    /// The account.
    pub user_id: UserId,
}

/// What gateways act on, of all tenants.
#[derive(Debug, Clone)]
pub struct Enforced {
    /// Ranges in force.
    pub ranges: Vec<EnforcedRange>,
    /// Accounts that are banned in shadow.
    pub shadowed: Vec<ShadowedUser>,
}

/// Lists what gateways refuse and hide.
///
/// # Errors
/// None but the database's.
pub async fn list(app: &App) -> Result<Enforced, Error> {
    let db = app.db.clone();
    pg::unit(async move {
        Ok(Enforced {
            ranges: db::bans::list_enforced_ranges(&db).await?,
            shadowed: db::bans::list_shadowed_users(&db).await?,
        })
    })
    .await
}
