//! Finds out who left without a word, and whose chosen status has ended.

use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::{Liveness, Who, live::Lease, tell_all};
use crate::{App, Error, db, times::millis};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(1);
/// Most chosen statuses that are ended in one go.
const ENDED: i64 = 500;

/// Sweeps until `stop`. Replicas do not coordinate: whatever two of them tell is the same.
pub(crate) async fn watch(app: App, stop: CancellationToken) {
    let mut was_swept = true;
    let pause = || stop.run_until_cancelled(tokio::time::sleep(EVERY));
    while pause().await.is_some() {
        let swept = sweep(&app).await;
        if let (Err(error), true) = (&swept, was_swept) {
            tracing::warn!(%error, "presence is not swept until its stores are back");
        }
        was_swept = swept.is_ok();
    }
}

/// Tells of everyone who is due: what the background task does every second.
///
/// # Errors
/// When Redis or Postgres is away. Who is due then stays so.
pub async fn sweep(app: &App) -> Result<(), Error> {
    loop {
        let now = OffsetDateTime::now_utc();
        let lease = app.live.lease(millis(now)).await?;
        if lease.people.is_empty() {
            break;
        }
        settle(app, &lease, now).await?;
    }
    end_chosen(app).await
}

/// Tells how the people of a lease are seen. They may connect at any moment: that is looked at again last, so that the
/// last thing told is true.
async fn settle(app: &App, lease: &Lease, now: OffsetDateTime) -> Result<(), Error> {
    let (live, gone): (Vec<_>, Vec<_>) = lease
        .people
        .iter()
        .cloned()
        .partition(|(_, liveness)| liveness.is_live());
    let people: Vec<Who> = gone.iter().map(|(who, _)| who.clone()).collect();
    let (db, left) = (app.db.clone(), people.clone());
    pg::unit(async move { Ok::<_, Error>(db::presence::update_last_seen(&db, &left, now).await?) })
        .await?;
    tell_all(app, &lease.people, now).await?;
    app.live.keep_told(&live).await?;
    app.live.release(lease, millis(now)).await?;
    let again = app.live.find(&people, millis(now)).await?;
    let back: Vec<(Who, Liveness)> = people
        .into_iter()
        .zip(again)
        .filter(|(_, liveness)| liveness.is_live())
        .collect();
    tell_all(app, &back, now).await
}

/// Ends chosen statuses whose time is over. Each is ended by one replica. For whoever asks it has ended already; here it
/// is told to those who listen.
async fn end_chosen(app: &App) -> Result<(), Error> {
    let db = app.db.clone();
    let ended =
        pg::unit(async move { Ok::<_, Error>(db::presence::update_ended(&db, ENDED).await?) })
            .await?;
    let now = OffsetDateTime::now_utc();
    let livenesses = app.live.look(&ended, millis(now)).await?;
    let seen: Vec<(Who, Liveness)> = ended
        .into_iter()
        .zip(livenesses)
        .filter(|(_, liveness)| liveness.is_live())
        .collect();
    tell_all(app, &seen, now).await
}
