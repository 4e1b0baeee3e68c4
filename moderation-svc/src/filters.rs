//! Word filters: what they may look like, who keeps them, and who pulls them. room-svc matches them.

use proto::id::{FilterId, UserId};
use rpc::Caller;
use serde_json::json;

use crate::{
    App, Error,
    audit::Act,
    db, events,
    mutation::{self, Keyed, retrying},
    texts,
};

/// Most filters of a tenant.
const FILTERS_MAX: i64 = 1_000;

/// What happens to a message with the word in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is not accepted.
    Refuse,
    /// It is accepted, and administrators are told.
    Alert,
}

/// One word or phrase; `*` stands for any letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// A request to add a filter.
#[derive(Debug, Clone)]
pub struct NewFilter {
    /// Idempotency key.
    pub key: String,
    /// What it catches.
    pub pattern: Pattern,
    /// What it does.
    pub action: Action,
}

/// A request to take a filter away.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Idempotency key.
    pub key: String,
    /// Which.
    pub filter_id: FilterId,
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its id.
    pub filter_id: FilterId,
    /// What it catches.
    pub pattern: String,
    /// What it does.
    pub action: Action,
    /// Who made or last changed it.
    pub created_by: UserId,
    /// Since when.
    pub created_at_ms: i64,
}

/// A filter with the name of its tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFilter {
    /// Whose installation.
    pub tenant: String,
    /// Its id.
    pub filter_id: FilterId,
    /// What it catches.
    pub pattern: String,
    /// What it does.
    pub action: Action,
}

/// Every tenant's filters at one moment.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The revision of that moment.
    pub revision: i64,
    /// `None` when the revision is the one that was known.
    pub filters: Option<Vec<TenantFilter>>,
}

impl Action {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Alert => "alert",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Refuse, Self::Alert]
            .into_iter()
            .find(|action| action.as_str() == text)
    }
}

impl Pattern {
    /// Checks a pattern; blanks within it count as one.
    ///
    /// # Errors
    /// `FieldInvalid`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        const WHY: &str = "2 to 100 letters, digits, blanks and *, and not * alone";
        let pattern = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pattern = texts::check("pattern", &pattern, 2..=100, WHY)?;
        let is_plain = |each: char| each.is_alphanumeric() || each == ' ' || each == '*';
        if pattern.chars().all(is_plain) && pattern.chars().any(char::is_alphanumeric) {
            Ok(Self(pattern))
        } else {
            Err(Error::FieldInvalid {
                field: "pattern",
                why: WHY,
            })
        }
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form in which patterns are told apart.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl NewFilter {
    fn keyed(&self) -> Keyed {
        let parts: [&[u8]; 2] = [
            self.pattern.as_str().as_bytes(),
            self.action.as_str().as_bytes(),
        ];
        Keyed::new(&self.key, "filter.create", &parts)
    }
}

/// Adds a filter. The same pattern again is given the new action.
///
/// # Errors
/// `AdminRequired`, `Quota`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_filter: NewFilter) -> Result<Filter, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| create_once(&app, &caller, &new_filter)).await }).await
}

/// Takes a filter away. One that is not there is away already.
///
/// # Errors
/// `AdminRequired`, `Conflict`.
pub async fn delete(app: &App, caller: &Caller, removal: Removal) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| delete_once(&app, &caller, &removal)).await }).await
}

/// Lists every filter of the tenant, by pattern.
///
/// # Errors
/// `AdminRequired`.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Filter>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        db::standings::require_admin(&db, &caller).await?;
        Ok(db::filters::list_filters(&db, &caller.tenant, FILTERS_MAX).await?)
    })
    .await
}

/// Gives every tenant's filters to one who knows another revision.
///
/// # Errors
/// None but the database's.
pub async fn pull(app: &App, known_revision: i64) -> Result<Pulled, Error> {
    let db = app.db.clone();
    pg::unit(async move { Ok(db::filters::find_changed(&db, known_revision).await?) }).await
}

async fn create_once(app: &App, caller: &Caller, new_filter: &NewFilter) -> Result<Filter, Error> {
    let keyed = new_filter.keyed();
    let tenant = &caller.tenant;
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        let filter_id = mutation::first_subject(&mutation)?;
        let filter = db::filters::find_filter(&mut *mutation.tx, tenant, filter_id).await?;
        // It may have been taken away since; the answer is still the first one.
        return Ok(filter.unwrap_or_else(|| new_filter.as_made(caller, filter_id)));
    }
    // Whoever holds the revision is the only one who changes filters: what is counted and found stays so.
    db::filters::update_revision(&mut mutation.tx).await?;
    let before =
        db::filters::find_by_pattern(&mut *mutation.tx, tenant, &new_filter.pattern).await?;
    match &before {
        Some(before) if before.action == new_filter.action => return Ok(before.clone()),
        Some(_) => {}
        None => {
            if db::filters::count_filters(&mut *mutation.tx, tenant).await? >= FILTERS_MAX {
                return Err(Error::Quota("there are 1,000 filters already"));
            }
        }
    }
    let filter_id = before.map_or_else(FilterId::generate, |before| before.filter_id);
    let filter =
        db::filters::insert_filter(&mut mutation.tx, caller, filter_id, new_filter).await?;
    let noted = events::noted(caller, "filter.create", &filter_id, &keyed);
    mutation
        .record(vec![noted, events::filters_changed(caller, filter_id)])
        .await?;
    let act =
        Act::new("filter.create", &filter_id).with(json!({ "action": new_filter.action.as_str() }));
    mutation::commit_act(app, caller, mutation, act).await?;
    Ok(filter)
}

async fn delete_once(app: &App, caller: &Caller, removal: &Removal) -> Result<(), Error> {
    let filter_id = removal.filter_id;
    let keyed = Keyed::new(&removal.key, "filter.delete", &[filter_id.0.as_bytes()]);
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    db::filters::update_revision(&mut mutation.tx).await?;
    if !db::filters::delete_filter(&mut mutation.tx, &caller.tenant, filter_id).await? {
        return Ok(());
    }
    let noted = events::noted(caller, "filter.delete", &filter_id, &keyed);
    mutation
        .record(vec![noted, events::filters_changed(caller, filter_id)])
        .await?;
    mutation::commit_act(app, caller, mutation, Act::new("filter.delete", &filter_id)).await
}

impl NewFilter {
    fn as_made(&self, caller: &Caller, filter_id: FilterId) -> Filter {
        Filter {
            filter_id,
            pattern: self.pattern.as_str().into(),
            action: self.action,
            created_by: caller.user_id,
            created_at_ms: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_words_with_stars() {
        for (text, pattern) in [
            ("  spam ", "spam"),
            ("buy\t  now", "buy now"),
            ("sp*m*", "sp*m*"),
            ("плохо", "плохо"),
            ("4u", "4u"),
        ] {
            assert_eq!(Pattern::parse(text).expect(text).as_str(), pattern);
        }
        assert!(Pattern::parse(&"ж".repeat(100)).is_ok());
        for bad in [
            "",
            "x",
            " x ",
            "**",
            "* *",
            "a.b",
            "a\0b",
            "<b>",
            &"x".repeat(101),
        ] {
            assert!(Pattern::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn case_makes_no_other_pattern() {
        let folded = |text| Pattern::parse(text).expect("a pattern").folded();
        assert_eq!(folded("SPAM"), folded("spam"));
    }
}
