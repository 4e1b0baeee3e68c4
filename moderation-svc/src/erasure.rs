//! What a person may take with them, and what is blanked when they go.

use proto::id::{Tenant, UserId};
use rpc::Caller;
use serde_json::{Value, json};

use crate::{App, Error, bans::Ban, db, mutes::Mute, reports::Report};

/// Most reports in an export.
const REPORTS_MAX: i64 = 10_000;
/// How many reports are blanked in one call.
const BLANKED_MAX: i64 = 1_000;

/// Returns everything held about the caller: their bans, mute and own reports. A ban in shadow is not told.
///
/// # Errors
/// None but the database's.
pub async fn export(app: &App, caller: &Caller) -> Result<Value, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let (tenant, user_id) = (&caller.tenant, caller.user_id);
        let bans = db::bans::list_told_bans(&db, tenant, user_id).await?;
        let mute = db::mutes::find_mute(&db, tenant, user_id).await?;
        let reports = db::reports::list_of_reporter(&db, &caller, REPORTS_MAX).await?;
        Ok(json!({
            "bans": bans.iter().map(of_ban).collect::<Vec<_>>(),
            "mutes": mute.iter().map(of_mute).collect::<Vec<_>>(),
            "reports": reports.iter().map(of_report).collect::<Vec<_>>(),
        }))
    })
    .await
}

/// Blanks what a person wrote or was quoted with; true when nothing is left. Bans and the audit
/// log stay: they name people by id.
///
/// # Errors
/// `Registry` when Redis is away, and those of the database: ask again.
pub async fn erase(app: &App, tenant: Tenant, user_id: UserId) -> Result<bool, Error> {
    app.registry.forget_user(&tenant, user_id).await?;
    let db = app.db.clone();
    pg::unit(async move {
        let blanked = db::reports::update_blanked(&db, &tenant, user_id, BLANKED_MAX).await?;
        Ok(blanked < BLANKED_MAX.unsigned_abs())
    })
    .await
}

/// Who banned is another person's business.
fn of_ban(ban: &Ban) -> Value {
    json!({
        "ban": ban.ban_id,
        "reason": ban.reason,
        "since": ban.created_at_ms,
        "until": ban.until_ms,
    })
}

fn of_mute(mute: &Mute) -> Value {
    json!({
        "reason": mute.reason,
        "since": mute.created_at_ms,
        "until": mute.until_ms,
    })
}

/// The text of the message is its author's, and the outcome the administrators'.
fn of_report(report: &Report) -> Value {
    json!({
        "report": report.report_id,
        "user": report.user_id,
        "message": report.message_id,
        "room": report.room_id,
        "category": report.category.as_str(),
        "note": report.note,
        "state": report.state.as_str(),
        "at": report.created_at_ms,
    })
}
