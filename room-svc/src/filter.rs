//! Word filters: what may not be said, and what moderators want to hear of.
//!
//! A text and a pattern are compared as skeletons: without case, accents and look-alikes, word by word.
//! [`Filters`] holds what moderation-svc said last; [`matcher`] judges.

mod alerts;
mod feed;
pub mod matcher;

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use proto::{
    id::{FilterId, Tenant},
    moderation::moderation_service_client::ModerationServiceClient,
};
use rpc::NatsChannel;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::Error;
pub(crate) use alerts::Alert;
use matcher::{Matcher, Verdict};

/// How many alerts may wait. One more is dropped and counted: a message is not held up by what is told of it.
const ALERTS: usize = 256;

type Matchers = Arc<HashMap<Tenant, Matcher>>;

/// The filters of every tenant. Cheap to clone.
#[derive(Clone)]
pub struct Filters {
    /// Replaced whole by the task that pulls; read by every send.
    matchers: Arc<RwLock<Matchers>>,
    /// Bounded by [`ALERTS`]. The task that files them is the only reader.
    alerts: mpsc::Sender<Alert>,
}

impl Filters {
    /// Starts pulling filters from moderation-svc, and filing what they caught. Both end with `stop`.
    #[must_use]
    pub fn start(
        moderation: ModerationServiceClient<NatsChannel>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let matchers = Arc::new(RwLock::new(Matchers::default()));
        let (alerts, waiting) = mpsc::channel(ALERTS);
        let pulling = feed::pull(moderation.clone(), Arc::clone(&matchers), stop.clone());
        tasks.spawn(pulling);
        tasks.spawn(alerts::file(moderation, waiting, stop));
        Self { matchers, alerts }
    }

    /// Judges a text: answers the filter that wants to be told of it.
    pub(crate) fn check(&self, tenant: &Tenant, text: &str) -> Result<Option<FilterId>, Error> {
        let matchers = Arc::clone(&self.matchers.read());
        match matchers.get(tenant).map(|matcher| matcher.judge(text)) {
            Some(Verdict::Refused) => Err(Error::WordRefused),
            Some(Verdict::Alert(filter_id)) => Ok(Some(filter_id)),
            Some(Verdict::Clean) | None => Ok(None),
        }
    }

    /// Tells moderation-svc of a message, in the background.
    pub(crate) fn alert(&self, alert: Alert) {
        if self.alerts.try_send(alert).is_err() {
            metrics::counter!("room_alert_dropped_total").increment(1);
        }
    }
}
