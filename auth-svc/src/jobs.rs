//! What other services must be told of a person, until they have heard it.
//!
//! A job is a row of the transaction that makes the news, so none is lost with a process. Any replica takes it up, under
//! a lease, and reads what is true at that moment: of two new names only the last is told. A service that is away is
//! asked again, ever more rarely; after the last attempt the job is logged as an error and kept.

use std::time::Duration;

use proto::{
    id::{Tenant, UserId},
    moderation, room, social,
};
use sqlx::PgConnection;
use tonic::{Code, Request};

use crate::{
    App, Error,
    db::{departures, jobs as db},
};

/// How long a service may take for one answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// How often an erasure is asked for before the next job has its turn.
const ROUNDS: usize = 10;
/// How long a replica may work on a job before it counts as lost, in seconds: longer than all rounds.
const LEASE_S: i32 = 60;
/// The pause before an unfinished job is taken up again, in seconds.
const PAUSE_S: i32 = 1;
/// How long rooms wait before they erase a person's private feed, in seconds: every gateway has read by then that the
/// sessions ended, even one that missed the announcement.
const SETTLE_S: i32 = 15;
/// Attempts before a job is given up, over more than a day.
const ATTEMPTS: i32 = 40;
/// The longest pause after a failure, in seconds.
const BACKOFF_MAX_S: i32 = 3_600;

/// A service that keeps something of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neighbour {
    Room,
    Social,
    Moderation,
}

impl Neighbour {
    const ALL: [Self; 3] = [Self::Room, Self::Social, Self::Moderation];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Social => "social",
            Self::Moderation => "moderation",
        }
    }

    /// Reads the stored name; the table holds no other.
    pub(crate) fn from_stored(name: &str) -> Self {
        match name {
            "room" => Self::Room,
            "social" => Self::Social,
            _ => Self::Moderation,
        }
    }
}

/// A job that this replica has taken up.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) tenant: Tenant,
    pub(crate) user_id: UserId,
    pub(crate) neighbour: Neighbour,
    pub(crate) revision: i64,
    /// This one counts.
    pub(crate) attempts: i32,
}

/// What is true of an account.
#[derive(Debug)]
pub(crate) enum Fate {
    /// It lives, and this is its name.
    Named(String),
    /// It is gone; settled when gateways have had time to hear of it.
    Erased { is_settled: bool },
}

/// How far a job came.
enum Outcome {
    Done,
    /// There is more to do, or it is too early.
    Unfinished,
    Failed(Code),
}

/// Notes in the caller's transaction that a person has another name.
pub(crate) async fn note_name(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), Error> {
    // The others show names by asking us.
    Ok(db::insert_job(connection, tenant, user_id, Neighbour::Room, LEASE_S).await?)
}

/// Notes in the caller's transaction that a person is erased.
pub(crate) async fn note_erasure(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), Error> {
    for neighbour in Neighbour::ALL {
        db::insert_job(connection, tenant, user_id, neighbour, LEASE_S).await?;
    }
    Ok(())
}

impl App {
    /// Does the job that waits longest, if one is due: what the background task does every second until none is.
    ///
    /// # Errors
    /// When Postgres is away.
    pub async fn run_job(&self) -> Result<bool, Error> {
        let Some(job) = db::update_claimed(&self.db, LEASE_S).await? else {
            return Ok(false);
        };
        let outcome = tell(self, &job).await?;
        conclude(self, &job, outcome).await?;
        Ok(true)
    }
}

async fn tell(app: &App, job: &Job) -> Result<Outcome, Error> {
    let fate = departures::find_fate(&app.db, &job.tenant, job.user_id, SETTLE_S).await?;
    Ok(match (fate, job.neighbour) {
        (Some(Fate::Named(name)), Neighbour::Room) => rename(app, job, name).await,
        (Some(Fate::Erased { is_settled: false }), Neighbour::Room) => Outcome::Unfinished,
        (Some(Fate::Erased { .. }), _) => erase(app, job).await,
        (Some(Fate::Named(_)) | None, _) => Outcome::Done,
    })
}

async fn rename(app: &App, job: &Job, name: String) -> Outcome {
    let message = room::RenameUserRequest {
        tenant: job.tenant.to_string(),
        user_id: job.user_id.to_string(),
        name,
    };
    match app.room.clone().rename_user(request(message)).await {
        Ok(_) => Outcome::Done,
        Err(refused) => Outcome::Failed(refused.code()),
    }
}

async fn erase(app: &App, job: &Job) -> Outcome {
    for _ in 0..ROUNDS {
        match erase_once(app, job).await {
            Ok(true) => return Outcome::Done,
            Ok(false) => {}
            Err(code) => return Outcome::Failed(code),
        }
    }
    Outcome::Unfinished
}

/// Asks a service to erase a person; answers whether it is done.
async fn erase_once(app: &App, job: &Job) -> Result<bool, Code> {
    let (tenant, user_id) = (job.tenant.to_string(), job.user_id.to_string());
    let answer = match job.neighbour {
        Neighbour::Room => {
            let message = room::EraseUserRequest { tenant, user_id };
            let answer = app.room.clone().erase_user(request(message)).await;
            answer.map(|answer| answer.into_inner().is_done)
        }
        Neighbour::Social => {
            let message = social::EraseUserRequest { tenant, user_id };
            let answer = app.social.clone().erase_user(request(message)).await;
            answer.map(|answer| answer.into_inner().is_done)
        }
        Neighbour::Moderation => {
            let message = moderation::EraseUserRequest { tenant, user_id };
            let answer = app.moderation.clone().erase_user(request(message)).await;
            answer.map(|answer| answer.into_inner().is_done)
        }
    };
    answer.map_err(|refused| refused.code())
}

async fn conclude(app: &App, job: &Job, outcome: Outcome) -> Result<(), Error> {
    match outcome {
        Outcome::Done => {
            if !db::delete_done(&app.db, job).await? {
                db::update_unfinished(&app.db, job, 0).await?;
            }
        }
        Outcome::Unfinished => db::update_unfinished(&app.db, job, PAUSE_S).await?,
        Outcome::Failed(code) => fail(app, job, code).await?,
    }
    Ok(())
}

async fn fail(app: &App, job: &Job, code: Code) -> Result<(), Error> {
    let service = job.neighbour.as_str();
    let is_last = job.attempts >= ATTEMPTS;
    let error = format!("{code:?}");
    db::update_failed(&app.db, job, &error, backoff_s(job.attempts), is_last).await?;
    metrics::counter!("job_failed_total", "service" => service).increment(1);
    if is_last {
        tracing::error!(service, error, user.id = %job.user_id, "a job was given up, it stays in auth.job");
    } else {
        tracing::warn!(
            service,
            error,
            attempts = job.attempts,
            "a job failed, it is tried again"
        );
    }
    Ok(())
}

/// Returns the pause after the nth failure in a row: 2 s, 4 s, 8 s, … up to an hour.
fn backoff_s(attempts: i32) -> i32 {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(12);
    2_i32.pow(doublings).min(BACKOFF_MAX_S)
}

fn request<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_all_of_them_outlast_a_day() {
        assert_eq!([1, 2, 3].map(backoff_s), [2, 4, 8]);
        assert_eq!([12, 40, i32::MAX].map(backoff_s), [BACKOFF_MAX_S; 3]);
        assert!((1..ATTEMPTS).map(backoff_s).sum::<i32>() > 24 * 3_600);
    }

    #[test]
    fn a_lease_outlasts_all_rounds() {
        let rounds = u32::try_from(ROUNDS).expect("small");
        assert!((DEADLINE * rounds).as_secs() < u64::try_from(LEASE_S).expect("positive"));
    }

    #[test]
    fn stored_names_round_trip() {
        for neighbour in Neighbour::ALL {
            assert_eq!(Neighbour::from_stored(neighbour.as_str()), neighbour);
        }
    }
}
