//! Whom a ban of a range would hit.

use rpc::Caller;

use crate::{App, Error, bans, db, ranges::Range};

/// Most names that are shown.
const SAMPLE: i64 = 20;

/// What a ban of a range would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The range in its shortest form.
    pub range: Range,
    /// Whom it would hit, by the addresses of the last 30 days.
    pub reach: Reach,
    /// Some of their names.
    pub sample: Vec<String>,
    /// Connections from it at this moment.
    pub live_connections: usize,
}

/// How many people a range reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// All of them.
    pub users: i64,
    /// Those who are administrators.
    pub admins: i64,
    /// Those who were reported in the last 7 days.
    pub reported: i64,
}

/// Tells whom a ban of a range would hit. What may not be banned is not looked at either.
///
/// # Errors
/// `AdminRequired`, `RangeRefused`.
pub async fn preview(app: &App, caller: &Caller, range: Range) -> Result<Preview, Error> {
    let (reach, sample) = {
        let (app, caller) = (app.clone(), caller.clone());
        pg::unit(async move {
            db::standings::require_admin(&app.db, &caller).await?;
            bans::check_range(&app, &caller, &app.db, range).await?;
            let reach = db::sightings::count_reach(&app.db, &caller.tenant, range).await?;
            let sample = db::sightings::list_names(&app.db, &caller.tenant, range, SAMPLE).await?;
            Ok::<_, Error>((reach, sample))
        })
        .await?
    };
    let live_connections = app.registry.count_in(&caller.tenant, range).await?;
    Ok(Preview {
        range,
        reach,
        sample,
        live_connections,
    })
}
