//! How bans end: an administrator lifts them, or their time is over.

use proto::id::{BanId, Tenant, UserId};
use rpc::Caller;
use stream::events_of;

use crate::{
    App, Error,
    bans::{Mode, OpenBan, Subject, Target},
    db, events,
    mutation::{self, Keyed, Mutation, retrying},
    users,
};

/// How many bans that are over are ended in one transaction.
const SWEEP: i64 = 100;

/// Which ban a request to lift names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its id.
    Id(BanId),
    /// The one of a target.
    Of(Target),
}

/// A request to lift a ban.
#[derive(Debug, Clone)]
pub struct Lifting {
    /// Idempotency key.
    pub key: String,
    /// Which ban.
    pub which: Which,
}

/// A ban that was just ended because its time is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) tenant: Tenant,
    /// `None` for a range.
    pub(crate) user_id: Option<UserId>,
    pub(crate) mode: Mode,
}

/// Lifts a ban in force and returns how many that were. One that is not in force is lifted already.
///
/// # Errors
/// `AdminRequired`, `Conflict`.
pub async fn lift(app: &App, caller: &Caller, lifting: Lifting) -> Result<u32, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| lift_once(&app, &caller, &lifting)).await }).await
}

/// Ends bans whose time is over and shows the accounts that they hid. Returns how many it ended; with none left it does
/// nothing.
///
/// # Errors
/// None but the database's.
pub async fn end_over(app: &App) -> Result<usize, Error> {
    let app = app.clone();
    pg::unit(async move {
        let mut tx = pg::begin(&app.db).await?;
        let ended = db::bans::update_over(&mut tx, SWEEP).await?;
        let shown: Vec<_> = ended.iter().filter_map(events::shadow_ended).collect();
        let results = stream::append_in(&mut tx, &shown).await?;
        tx.commit().await.map_err(Error::of_commit)?;
        app.announcer.committed(events_of(&shown, &results));
        Ok(ended.len())
    })
    .await
}

async fn lift_once(app: &App, caller: &Caller, lifting: &Lifting) -> Result<u32, Error> {
    let keyed = lifting.keyed();
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(1);
    }
    let tenant = &caller.tenant;
    let Some(subject) = find_subject(&mut mutation, tenant, &lifting.which).await? else {
        return Ok(0);
    };
    let open = db::bans::lock_open_ban(&mut mutation.tx, tenant, subject).await?;
    let is_meant = |open: &OpenBan| match lifting.which {
        Which::Id(ban_id) => open.ban.ban_id == ban_id,
        Which::Of(_) => true,
    };
    let Some(OpenBan {
        ban,
        is_over: false,
    }) = open.filter(is_meant)
    else {
        return Ok(0);
    };
    db::bans::update_ended(&mut mutation.tx, tenant, ban.ban_id).await?;
    let mut appends = vec![events::noted(caller, "ban.lift", &ban.ban_id, &keyed)];
    appends.extend(events::lifted(caller, &ban));
    mutation.record(appends).await?;
    mutation::commit_act(app, caller, mutation, ban.act("ban.lift")).await?;
    Ok(1)
}

async fn find_subject(
    mutation: &mut Mutation,
    tenant: &Tenant,
    which: &Which,
) -> Result<Option<Subject>, Error> {
    let tx = &mut mutation.tx;
    Ok(match which {
        Which::Id(ban_id) => db::bans::find_ban(&mut **tx, tenant, *ban_id)
            .await?
            .map(|ban| ban.subject),
        Which::Of(Target::Range(range)) => Some(Subject::Range(*range)),
        Which::Of(Target::Account(user)) => match users::resolve(tx, tenant, user).await {
            Ok(user_id) => Some(Subject::Account(user_id)),
            // Whom nobody knows nobody has banned.
            Err(Error::UserNotFound) => None,
            Err(error) => return Err(error),
        },
    })
}

impl Lifting {
    fn keyed(&self) -> Keyed {
        let which = match &self.which {
            Which::Id(ban_id) => ban_id.to_string(),
            Which::Of(target) => target.text(),
        };
        Keyed::new(&self.key, "ban.lift", &[which.as_bytes()])
    }
}
