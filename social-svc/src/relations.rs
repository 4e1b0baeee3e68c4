//! How many friends, blocks and unread notifications a person has.

use rpc::Caller;

use crate::{App, Error, db};

/// The numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relations {
    /// Friends.
    pub friends: i64,
    /// People whom they block.
    pub blocked: i64,
    /// Unread notifications; 1,000 for more.
    pub unread: i64,
}

/// Counts what the caller has.
///
/// # Errors
/// None but the database's.
pub async fn count(app: &App, caller: &Caller) -> Result<Relations, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let (tenant, own) = (&caller.tenant, caller.user_id);
        Ok(Relations {
            friends: db::friends::count_friends(&db, tenant, own).await?,
            blocked: db::blocks::count_blocks(&db, tenant, own).await?,
            unread: db::notifications::count_unread(&db, tenant, own).await?,
        })
    })
    .await
}
