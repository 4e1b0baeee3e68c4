//! The audit log: what an act leaves behind, reading it, and recomputing its chain.

use proto::id::{Tenant, UserId};
use rpc::Caller;
use serde_json::{Map, Value};
use sqlx::PgPool;

use crate::{
    App, Error, db,
    pages::{Page, Paging},
};

/// How many rows are recomputed in one statement.
const VERIFY_PAGE: i64 = 2_000;

/// What is written of an act. Detail holds ids, numbers and ranges, nothing that a person wrote: rows stay for ever.
#[derive(Debug, Clone)]
pub struct Act {
    /// `ban.create`, `mute`, …
    pub action: &'static str,
    /// The id of what was acted upon.
    pub subject: String,
    /// A JSON object.
    pub detail: Value,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Place in the tenant's log, from 1.
    pub seq: i64,
    /// When.
    pub at_ms: i64,
    /// Who; `None` for the system.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// A JSON object.
    pub detail: String,
    /// The seal, in hexadecimal.
    pub hash: String,
}

/// Which rows are asked for; an empty filter lets all pass.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Only of this actor.
    pub actor: Option<UserId>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Only of this action.
    pub action: Option<String>,
}

/// The result of recomputing a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How many rows there are.
    pub rows: i64,
    /// The first seq whose row is missing or not what was sealed.
    pub first_broken: Option<i64>,
}

/// How far a chain has been followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

/// What one page of a chain holds.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) rows: i64,
    pub(crate) first_broken: Option<i64>,
    /// `None` when there was nothing to follow.
    pub(crate) last: Option<Link>,
}

impl Act {
    /// Makes a row without detail.
    pub(crate) fn new(action: &'static str, subject: &impl ToString) -> Self {
        Self {
            action,
            subject: subject.to_string(),
            detail: Value::Object(Map::new()),
        }
    }

    /// Adds the fields of an object to the detail.
    #[must_use]
    pub(crate) fn with(mut self, fields: Value) -> Self {
        if let (Value::Object(detail), Value::Object(fields)) = (&mut self.detail, fields) {
            detail.extend(fields);
        }
        self
    }
}

/// Lists rows, newest first.
///
/// # Errors
/// `AdminRequired`.
pub async fn list(
    app: &App,
    caller: &Caller,
    search: Search,
    paging: Paging<i64>,
) -> Result<Page<AuditRow, i64>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        db::standings::require_admin(&db, &caller).await?;
        let rows = db::audit::list_rows(&db, &caller.tenant, &search, &paging).await?;
        Ok(paging.cut(rows, |row| row.seq))
    })
    .await
}

/// Recomputes the chain of the caller's tenant, up to the end it has when this begins.
///
/// # Errors
/// `AdminRequired`.
pub async fn verify(app: &App, caller: &Caller) -> Result<Verdict, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        db::standings::require_admin(&db, &caller).await?;
        follow(&db, &caller.tenant).await
    })
    .await
}

/// Writes the row of an act that changes nothing in the database: before it is done, so that none goes unseen.
pub(crate) async fn note(app: &App, caller: &Caller, act: Act) -> Result<(), Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut tx = pg::begin(&db).await?;
        db::audit::insert_act(&mut tx, &caller, &act).await?;
        tx.commit().await.map_err(Error::of_commit)
    })
    .await
}

async fn follow(db: &PgPool, tenant: &Tenant) -> Result<Verdict, Error> {
    let head = db::audit::find_head(db, tenant).await?;
    let mut verdict = Verdict {
        rows: 0,
        first_broken: None,
    };
    let mut reached = Link::default();
    while reached.seq < head.seq {
        let stretch = db::audit::find_stretch(db, tenant, &reached, head.seq, VERIFY_PAGE).await?;
        verdict.rows += stretch.rows;
        verdict.first_broken = verdict.first_broken.or(stretch.first_broken);
        let Some(last) = stretch.last else { break };
        reached = last;
    }
    if reached.seq < head.seq {
        // The end was cut off.
        verdict.first_broken = verdict.first_broken.or(Some(reached.seq + 1));
    } else if reached.hash != head.hash {
        verdict.first_broken = verdict.first_broken.or(Some(head.seq));
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::Act;
    use serde_json::json;

    #[test]
    fn detail_is_put_together() {
        let act = Act::new("ban.create", &7)
            .with(json!({ "ban": "b" }))
            .with(json!({ "until": null }));
        assert_eq!(
            (act.subject.as_str(), act.detail),
            ("7", json!({ "ban": "b", "until": null }))
        );
    }
}
