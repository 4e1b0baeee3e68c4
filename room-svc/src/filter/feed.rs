//! Keeps the filters as moderation-svc has them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::RwLock;
use proto::{
    id::Tenant,
    moderation::{
        PullFiltersRequest, TenantFilter, moderation_service_client::ModerationServiceClient,
    },
};
use rpc::NatsChannel;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    Matchers,
    matcher::{Action, Matcher},
};

/// How often it is asked: a new filter works within this time.
const PAUSE: Duration = Duration::from_secs(2);

/// Pulls again and again. While moderation-svc is away, what it said last stays.
pub(super) async fn pull(
    mut moderation: ModerationServiceClient<NatsChannel>,
    matchers: Arc<RwLock<Matchers>>,
    stop: CancellationToken,
) {
    let mut known_revision = 0;
    let mut is_away = false;
    loop {
        let asked = moderation.pull_filters(PullFiltersRequest { known_revision });
        let Some(answer) = stop.run_until_cancelled(asked).await else {
            return;
        };
        match answer {
            Ok(answer) => {
                is_away = false;
                let answer = answer.into_inner();
                if answer.is_changed {
                    known_revision = answer.revision;
                    *matchers.write() = Arc::new(compile(&answer.filters));
                    tracing::info!(filters = answer.filters.len(), "word filters changed");
                }
            }
            Err(status) if !is_away => {
                is_away = true;
                tracing::warn!(%status, "the word filters cannot be pulled, those known stay");
            }
            Err(_) => {}
        }
        if stop.run_until_cancelled(sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

/// What cannot be read is left out: one bad filter must not take the others away.
fn compile(filters: &[TenantFilter]) -> HashMap<Tenant, Matcher> {
    let mut all: HashMap<Tenant, Matcher> = HashMap::new();
    for filter in filters {
        let action = match filter.action.as_str() {
            "refuse" => Some(Action::Refuse),
            "alert" => filter.filter_id.parse().ok().map(Action::Alert),
            _ => None,
        };
        let (Some(action), Ok(tenant)) = (action, filter.tenant.parse()) else {
            tracing::warn!(filter.id = %filter.filter_id, "a word filter cannot be read");
            continue;
        };
        all.entry(tenant).or_default().add(&filter.pattern, action);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::matcher::Verdict;
    use proto::id::FilterId;

    #[test]
    fn filters_are_their_tenant_s_own_and_a_bad_one_harms_no_other() {
        let filter_id = FilterId::generate();
        let filter = |tenant: &str, pattern: &str, action: &str| TenantFilter {
            tenant: tenant.into(),
            filter_id: filter_id.to_string(),
            pattern: pattern.into(),
            action: action.into(),
        };
        let all = compile(&[
            filter("one", "darn", "refuse"),
            filter("one", "dang", "alert"),
            filter("one", "hi", "applaud"),
            filter("No Tenant", "hi", "refuse"),
            filter("two", "heck", "refuse"),
        ]);
        let tenant = |name: &str| name.parse::<Tenant>().expect("a tenant");
        let (one, two) = (&all[&tenant("one")], &all[&tenant("two")]);
        assert_eq!(one.judge("darn, hi"), Verdict::Refused);
        assert_eq!(one.judge("dang"), Verdict::Alert(filter_id));
        assert_eq!(one.judge("heck hi"), Verdict::Clean);
        assert_eq!(two.judge("heck"), Verdict::Refused);
        assert_eq!((two.judge("darn"), all.len()), (Verdict::Clean, 2));
    }
}
