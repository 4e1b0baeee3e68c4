//! Reports of messages and people, and the queue in which administrators handle them.

use proto::id::{EventId, FilterId, ReportId, RoomId, UserId};
use rpc::Caller;
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, Error,
    audit::Act,
    db, events, messages,
    mutation::{self, Keyed, Mutation, retrying},
    pages::{Page, Paging},
    users::{self, UserRef},
};

/// Most reports of one person that wait to be looked at.
const OPEN_MAX: i64 = 20;

/// What a report complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Advertising, floods.
    Spam,
    /// Insults, threats.
    Abuse,
    /// Against the law.
    Illegal,
    /// Anything else.
    Other,
    /// A word filter caught it; nobody complained.
    Filter,
}

/// How far a report has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has looked at it.
    Open,
    /// An administrator is at it.
    InReview,
    /// Something was done.
    Resolved,
    /// Nothing had to be done.
    Dismissed,
}

/// What a request reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A message that the caller can see.
    Message(EventId),
    /// A person.
    Person(UserRef),
}

/// A request to report.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Idempotency key.
    pub key: String,
    /// What.
    pub target: Target,
    /// Of what it is accused.
    pub category: Category,
    /// In the reporter's words.
    pub note: String,
    /// The caller's own token: room-svc is asked in their name.
    pub token: String,
}

/// The answer to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filed {
    /// The report.
    pub report_id: ReportId,
    /// Whether it was there already.
    pub is_duplicate: bool,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub report_id: ReportId,
    /// Who reported; `None` for an alert of a filter.
    pub reporter: Option<UserId>,
    /// Who is reported.
    pub user_id: UserId,
    /// Which message; `None` when a person is reported.
    pub message_id: Option<EventId>,
    /// The message's room.
    pub room_id: Option<RoomId>,
    /// Which filter caught it.
    pub filter_id: Option<FilterId>,
    /// What it complains of.
    pub category: Category,
    /// In the reporter's words.
    pub note: String,
    /// The message's text when it was reported.
    pub snapshot: String,
    /// How far it has come.
    pub state: State,
    /// The administrator who moved it last.
    pub handled_by: Option<UserId>,
    /// What was done.
    pub outcome: String,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it was moved last.
    pub updated_at_ms: i64,
}

/// A request to move a report on.
#[derive(Debug, Clone)]
pub struct Move {
    /// Idempotency key.
    pub key: String,
    /// Which report.
    pub report_id: ReportId,
    /// Where to.
    pub state: State,
    /// What was done.
    pub outcome: String,
}

impl Category {
    /// Every category, as it is stored and told.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Spam, "spam"),
        (Self::Abuse, "abuse"),
        (Self::Illegal, "illegal"),
        (Self::Other, "other"),
        (Self::Filter, "filter"),
    ];

    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let row = Self::ALL.iter().find(|(category, _)| *category == self);
        row.map_or("other", |(_, name)| name)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let row = Self::ALL.iter().find(|(_, name)| *name == text)?;
        Some(row.0)
    }
}

impl State {
    /// Every state, as it is stored and told.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Open, "open"),
        (Self::InReview, "in_review"),
        (Self::Resolved, "resolved"),
        (Self::Dismissed, "dismissed"),
    ];

    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let row = Self::ALL.iter().find(|(state, _)| *state == self);
        row.map_or("open", |(_, name)| name)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let row = Self::ALL.iter().find(|(_, name)| *name == text)?;
        Some(row.0)
    }

    /// Whether a report may go from here to there.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Open,
                Self::InReview | Self::Resolved | Self::Dismissed
            ) | (Self::InReview, Self::Resolved | Self::Dismissed)
        )
    }

    fn is_closed(self) -> bool {
        matches!(self, Self::Resolved | Self::Dismissed)
    }
}

impl NewReport {
    fn keyed(&self) -> Keyed {
        let target = match &self.target {
            Target::Message(message_id) => format!("message {message_id}"),
            Target::Person(user) => format!("person {user}"),
        };
        let parts: [&[u8]; 3] = [
            target.as_bytes(),
            self.category.as_str().as_bytes(),
            self.note.as_bytes(),
        ];
        Keyed::new(&self.key, "report.create", &parts)
    }
}

impl Report {
    /// Makes a report that nobody has looked at.
    pub(crate) fn open(user_id: UserId, category: Category) -> Self {
        Self {
            report_id: ReportId::generate(),
            reporter: None,
            user_id,
            message_id: None,
            room_id: None,
            filter_id: None,
            category,
            note: String::new(),
            snapshot: String::new(),
            state: State::Open,
            handled_by: None,
            outcome: String::new(),
            created_at_ms: 0,
            updated_at_ms: 0,
        }
    }
}

/// Reports a message or a person. A message that the caller has reported before answers that report.
///
/// # Errors
/// `MessageNotFound`, `UserNotFound`, `Quota`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_report: NewReport) -> Result<Filed, Error> {
    if let Some(first) = find_first(app, caller, &new_report).await? {
        return Ok(first);
    }
    // Asked before the transaction: no lock waits for another service.
    let snapshot = match &new_report.target {
        Target::Message(id) => Some(messages::get(app, &new_report.token, *id).await?),
        Target::Person(_) => None,
    };
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        retrying(|| create_once(&app, &caller, &new_report, snapshot.as_ref())).await
    })
    .await
}

/// Lists reports, oldest first: those that wait, or those in a state.
///
/// # Errors
/// `AdminRequired`.
pub async fn list(
    app: &App,
    caller: &Caller,
    state: Option<State>,
    paging: Paging<Uuid>,
) -> Result<Page<Report, Uuid>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        db::standings::require_admin(&db, &caller).await?;
        let reports = match state {
            None => db::reports::list_waiting(&db, &caller.tenant, &paging).await?,
            Some(state) => db::reports::list_in(&db, &caller.tenant, state, &paging).await?,
        };
        Ok(paging.cut(reports, |report| report.report_id.0))
    })
    .await
}

/// Moves a report on.
///
/// # Errors
/// `AdminRequired`, `ReportNotFound`, `Stale`, `Conflict`.
pub async fn update(app: &App, caller: &Caller, step: Move) -> Result<Report, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| update_once(&app, &caller, &step)).await }).await
}

/// Looks whether the report is there already: then room-svc, where the message may be gone by now, is not asked.
async fn find_first(
    app: &App,
    caller: &Caller,
    new_report: &NewReport,
) -> Result<Option<Filed>, Error> {
    let (app, caller, new_report) = (app.clone(), caller.clone(), new_report.clone());
    pg::unit(async move {
        retrying(|| async {
            let mut mutation = mutation::begin(&app, &caller, &new_report.keyed()).await?;
            let first = first_of(&mut mutation, &caller, &new_report).await?;
            // The lock is wanted again in a moment.
            mutation.tx.rollback().await?;
            Ok(first)
        })
        .await
    })
    .await
}

async fn first_of(
    mutation: &mut Mutation,
    caller: &Caller,
    new_report: &NewReport,
) -> Result<Option<Filed>, Error> {
    let first = if mutation.is_repeat() {
        Some(mutation::first_subject(mutation)?)
    } else if let Target::Message(message_id) = new_report.target {
        db::reports::find_own_report(&mut *mutation.tx, caller, message_id).await?
    } else {
        None
    };
    Ok(first.map(|report_id| Filed {
        report_id,
        is_duplicate: true,
    }))
}

async fn create_once(
    app: &App,
    caller: &Caller,
    new_report: &NewReport,
    snapshot: Option<&messages::Snapshot>,
) -> Result<Filed, Error> {
    let keyed = new_report.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = first_of(&mut mutation, caller, new_report).await? {
        return Ok(first);
    }
    let open = db::reports::count_open(&mut *mutation.tx, caller).await?;
    if open >= OPEN_MAX {
        return Err(Error::Quota(
            "20 of your reports wait already: they are looked at in turn",
        ));
    }
    let about = match (&new_report.target, snapshot) {
        (Target::Person(user), _) => {
            users::get(&mut mutation.tx, &caller.tenant, user)
                .await?
                .user_id
        }
        (Target::Message(_), Some(snapshot)) => snapshot.author,
        (Target::Message(_), None) => {
            return Err(Error::Internal("a message that was not asked for"));
        }
    };
    let mut report = Report::open(about, new_report.category);
    report.reporter = Some(caller.user_id);
    report.note.clone_from(&new_report.note);
    if let (Target::Message(message_id), Some(snapshot)) = (&new_report.target, snapshot) {
        report.message_id = Some(*message_id);
        report.room_id = Some(snapshot.room_id);
        report.snapshot.clone_from(&snapshot.body);
    }
    let report_id = report.report_id;
    let noted = events::noted_own(caller, "report.create", &report_id, &keyed);
    mutation.record(vec![noted]).await?;
    db::reports::insert_report(&mut mutation.tx, &caller.tenant, &report).await?;
    mutation::commit(app, mutation).await?;
    Ok(Filed {
        report_id,
        is_duplicate: false,
    })
}

async fn update_once(app: &App, caller: &Caller, step: &Move) -> Result<Report, Error> {
    let keyed = step.keyed();
    let tenant = &caller.tenant;
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    // Whoever comes second finds the state in which the first has left it.
    let before = db::reports::lock_report(&mut mutation.tx, tenant, step.report_id).await?;
    let before = before.ok_or(Error::ReportNotFound)?;
    if mutation.is_repeat() {
        return Ok(before);
    }
    if !before.state.may_become(step.state) {
        return Err(Error::Stale);
    }
    let report_id = step.report_id;
    let report = db::reports::update_report(&mut mutation.tx, caller, step).await?;
    let mut appends = vec![events::noted(caller, "report.update", &report_id, &keyed)];
    if let Some(reporter) = report.reporter.filter(|_| report.state.is_closed()) {
        appends.push(events::report_closed(
            caller,
            reporter,
            report_id,
            report.state,
        ));
    }
    mutation.record(appends).await?;
    let act = Act::new("report.update", &report_id)
        .with(json!({ "from": before.state.as_str(), "to": report.state.as_str() }));
    mutation::commit_act(app, caller, mutation, act).await?;
    Ok(report)
}

impl Move {
    fn keyed(&self) -> Keyed {
        let parts: [&[u8]; 3] = [
            self.report_id.0.as_bytes(),
            self.state.as_str().as_bytes(),
            self.outcome.as_bytes(),
        ];
        Keyed::new(&self.key, "report.update", &parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_only_moves_on() {
        let allowed = State::ALL
            .iter()
            .flat_map(|(from, _)| State::ALL.iter().map(move |(to, _)| (*from, *to)))
            .filter(|(from, to)| from.may_become(*to));
        assert_eq!(
            allowed.collect::<Vec<_>>(),
            [
                (State::Open, State::InReview),
                (State::Open, State::Resolved),
                (State::Open, State::Dismissed),
                (State::InReview, State::Resolved),
                (State::InReview, State::Dismissed),
            ]
        );
    }

    #[test]
    fn names_round_trip() {
        for (state, name) in State::ALL {
            assert_eq!((State::parse(name), state.as_str()), (Some(state), name));
        }
        for (category, name) in Category::ALL {
            assert_eq!(
                (Category::parse(name), category.as_str()),
                (Some(category), name)
            );
        }
        assert_eq!((State::parse("x"), Category::parse("")), (None, None));
    }
}
