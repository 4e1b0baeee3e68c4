//! Everything this service holds of a person, for that person.

use ::rpc::Caller;
use serde::Serialize;

use crate::{
    App, Error,
    accounts::Role,
    addresses::{KEPT_DAYS, Sighting},
    db::{accounts, addresses, sessions as session_rows},
    sessions,
};

/// Most sessions and addresses in one export, latest first: it must fit into one message.
const LIMIT: i64 = 200;

/// What is exported.
#[derive(Debug, Serialize)]
struct Export {
    account: Holder,
    sessions: Vec<StoredSession>,
    addresses: Vec<Sighting>,
}

/// The account itself. The password's hash is of use to nobody but a thief.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Holder {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) created_at: i64,
}

/// A session as it is stored, also one that has ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredSession {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<i64>,
    pub(crate) agent: String,
}

/// Returns the caller's data as one JSON object.
pub(crate) async fn export(app: &App, caller: &Caller) -> Result<Vec<u8>, Error> {
    sessions::of_caller(app, caller).await?;
    let (tenant, user_id) = (&caller.tenant, caller.user_id);
    let account = accounts::find_holder(&app.db, tenant, user_id)
        .await?
        .ok_or(Error::UserNotFound)?;
    let export = Export {
        account,
        sessions: session_rows::list_stored_sessions(&app.db, tenant, user_id, LIMIT).await?,
        addresses: addresses::list_sightings(&app.db, tenant, user_id, KEPT_DAYS, LIMIT).await?,
    };
    serde_json::to_vec(&export).map_err(|error| Error::Internal(error.into()))
}
