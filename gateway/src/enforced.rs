//! What moderation-svc has decided and every gateway enforces: refused address ranges, and accounts that only they
//! themselves still see.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use parking_lot::{Mutex, RwLock};
use proto::{
    event::{Kind, RangeBanned, RangeLifted, ShadowChanged},
    frame::CloseCode,
    id::{TENANT_FEED, Tenant, UserId},
    moderation::{BanMode, ListEnforcedRequest, ListEnforcedResponse},
    stream::Event,
};
use stream::Lease;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::{App, app::now_ms, conn::handle::Control};

/// Everything is read anew this often, whatever the feed has told.
const REFRESH: Duration = Duration::from_secs(30);
/// Pause after a read that failed.
const RETRY: Duration = Duration::from_millis(500);

/// A refused range.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    ban: String,
    network: IpNet,
    /// Whether it only counts.
    is_shadow: bool,
    /// Milliseconds since the epoch.
    until_ms: i64,
}

#[derive(Default)]
struct Rules {
    ranges: HashMap<Tenant, Vec<Range>>,
    shadowed: HashSet<(Tenant, UserId)>,
}

/// See the module.
pub struct Enforced {
    rules: RwLock<Rules>,
    /// Tenants whose feed is followed.
    followed: Mutex<HashSet<Tenant>>,
    /// Rings when the rules must be read anew.
    stale: Notify,
    /// Whether the rules were ever read: before that nobody is let in.
    is_known: watch::Sender<bool>,
    /// For how long rooms may be delivered to people of whom nothing new was heard.
    pub lease: Lease,
}

impl Default for Enforced {
    fn default() -> Self {
        Self {
            rules: RwLock::default(),
            followed: Mutex::default(),
            stale: Notify::new(),
            is_known: watch::Sender::new(false),
            lease: Lease::default(),
        }
    }
}

impl Enforced {
    /// Whether a tenant refuses an address. A range in shadow is counted and refuses nobody.
    #[must_use]
    pub fn refuses(&self, tenant: &Tenant, address: IpAddr) -> bool {
        let rules = self.rules.read();
        let Some(ranges) = rules.ranges.get(tenant) else {
            return false;
        };
        let (address, now) = (address.to_canonical(), now_ms());
        let hits = |range: &&Range| range.until_ms > now && range.network.contains(&address);
        let mut is_refused = false;
        for range in ranges.iter().filter(hits) {
            let mode = if range.is_shadow { "shadow" } else { "enforce" };
            metrics::counter!("hubbub_gateway_range_hits_total", "mode" => mode).increment(1);
            is_refused |= !range.is_shadow;
        }
        is_refused
    }

    /// Whether only they themselves still see a person.
    #[must_use]
    pub fn is_shadowed(&self, tenant: &Tenant, user: UserId) -> bool {
        let rules = self.rules.read();
        !rules.shadowed.is_empty() && rules.shadowed.contains(&(tenant.clone(), user))
    }

    /// Takes over what moderation-svc answered.
    pub fn replace(&self, answer: &ListEnforcedResponse) {
        let mut rules = Rules::default();
        for range in &answer.ranges {
            let (Ok(tenant), Ok(network)) = (range.tenant.parse(), range.cidr.parse()) else {
                tracing::error!(ban = range.ban_id, "a range that cannot be read");
                continue;
            };
            rules.ranges.entry(tenant).or_default().push(Range {
                ban: range.ban_id.clone(),
                network,
                is_shadow: range.mode() == BanMode::Shadow,
                until_ms: range.until_ms,
            });
        }
        for person in &answer.shadowed {
            if let (Ok(tenant), Ok(user)) = (person.tenant.parse(), person.user_id.parse()) {
                rules.shadowed.insert((tenant, user));
            }
        }
        *self.rules.write() = rules;
        self.is_known.send_replace(true);
    }

    /// Acts on an event of a tenant's feed. `true`: a range came, look at those who are here.
    pub fn apply(&self, tenant: &Tenant, event: &Event) -> bool {
        let kind = i16::try_from(event.kind).ok().and_then(Kind::from_number);
        match kind {
            Some(Kind::RangeBanned) => self.ban(tenant, &event.data),
            Some(Kind::RangeLifted) => {
                if let Ok(lifted) = serde_json::from_slice::<RangeLifted>(&event.data)
                    && let Some(ranges) = self.rules.write().ranges.get_mut(tenant)
                {
                    ranges.retain(|range| range.ban != lifted.ban);
                }
                false
            }
            Some(Kind::ShadowChanged) => {
                if let Ok(change) = serde_json::from_slice::<ShadowChanged>(&event.data)
                    && let Ok(user) = change.user.parse()
                {
                    let mut rules = self.rules.write();
                    if change.hidden {
                        rules.shadowed.insert((tenant.clone(), user));
                    } else {
                        rules.shadowed.remove(&(tenant.clone(), user));
                    }
                }
                false
            }
            _ => false,
        }
    }

    fn ban(&self, tenant: &Tenant, data: &[u8]) -> bool {
        let Ok(banned) = serde_json::from_slice::<RangeBanned>(data) else {
            return false;
        };
        let Ok(network) = banned.cidr.parse() else {
            return false;
        };
        let range = Range {
            ban: banned.ban,
            network,
            is_shadow: banned.shadow,
            until_ms: banned.until,
        };
        let mut rules = self.rules.write();
        let ranges = rules.ranges.entry(tenant.clone()).or_default();
        ranges.retain(|known| known.ban != range.ban && known.network != range.network);
        ranges.push(range);
        true
    }

    /// Returns the tenants whose feed is followed.
    #[must_use]
    pub fn followed(&self) -> Vec<Tenant> {
        self.followed.lock().iter().cloned().collect()
    }

    /// Says that the feed cannot be trusted: everything is read anew.
    pub fn forget(&self) {
        self.stale.notify_one();
    }

    /// Waits until the rules are known.
    pub async fn known(&self) {
        // The sender lives as long as this value.
        let _ = self.is_known.subscribe().wait_for(|known| *known).await;
    }

    /// Whether the rules are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self.is_known.borrow()
    }
}

/// Follows a tenant's feed from now on, so that its bans are heard at once. Cheap when it is followed already.
///
/// # Errors
/// When the feed's head cannot be read.
pub async fn follow(app: &App, tenant: &Tenant) -> Result<(), Status> {
    if app.enforced.followed.lock().contains(tenant) {
        return Ok(());
    }
    app.receiver.watch(tenant.clone(), TENANT_FEED).await?;
    if app.enforced.followed.lock().insert(tenant.clone()) {
        // What was decided between the last read and the watch.
        read(app).await?;
    } else {
        app.receiver.unwatch(tenant.clone(), TENANT_FEED);
    }
    Ok(())
}

/// Keeps the rules as moderation-svc has them.
pub async fn keep(app: Arc<App>, stop: CancellationToken) {
    let tenant = Tenant::default_tenant();
    loop {
        let done = async {
            follow(&app, &tenant).await?;
            read(&app).await
        };
        let pause = match done.await {
            Ok(()) => REFRESH,
            Err(status) => {
                tracing::debug!(code = ?status.code(), "the rules cannot be read");
                RETRY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.enforced.stale.notified() => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn read(app: &App) -> Result<(), Status> {
    let mut moderation = app.moderation.clone();
    let answer = moderation.list_enforced(ListEnforcedRequest {}).await?;
    app.enforced.replace(answer.get_ref());
    close_refused(app.hub.connections().iter(), &app.enforced);
    Ok(())
}

/// Closes the sockets of refused addresses.
pub fn close_refused<'a>(
    connections: impl Iterator<Item = &'a Arc<crate::conn::handle::Handle>>,
    enforced: &Enforced,
) {
    for handle in connections {
        let is_refused =
            |who: &crate::conn::handle::Who| enforced.refuses(&who.tenant, who.address);
        if handle.who.get().is_some_and(is_refused) {
            handle.tell(Control::Close {
                code: CloseCode::Banned,
                retry_after_ms: 0,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::moderation::{EnforcedRange, ShadowedUser};

    fn event(kind: Kind, data: &str) -> Event {
        Event {
            kind: u32::try_from(kind.number()).expect("small"),
            data: data.as_bytes().to_vec().into(),
            ..Event::default()
        }
    }

    #[test]
    fn ranges_come_by_list_and_by_event_and_end_by_themselves() {
        let (enforced, tenant) = (Enforced::default(), Tenant::default_tenant());
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let range = |cidr: &str, mode: BanMode, until_ms| EnforcedRange {
            tenant: "default".into(),
            ban_id: cidr.into(),
            cidr: cidr.into(),
            mode: mode.into(),
            until_ms,
        };
        let far = now_ms() + 60_000;
        enforced.replace(&ListEnforcedResponse {
            ranges: vec![
                range("203.0.113.0/24", BanMode::Enforce, far),
                range("198.51.100.0/24", BanMode::Shadow, far),
                range("192.0.2.0/24", BanMode::Enforce, now_ms() - 1),
            ],
            shadowed: Vec::new(),
        });
        assert!(enforced.is_known());
        assert!(enforced.refuses(&tenant, address("203.0.113.7")));
        assert!(enforced.refuses(&tenant, address("::ffff:203.0.113.7")));
        assert!(
            !enforced.refuses(&tenant, address("198.51.100.7")),
            "it only counts"
        );
        assert!(
            !enforced.refuses(&tenant, address("192.0.2.7")),
            "it has ended"
        );
        let other = "other".parse().expect("a tenant");
        assert!(!enforced.refuses(&other, address("203.0.113.7")));

        let banned =
            format!(r#"{{"ban":"b","cidr":"2001:db8::/64","shadow":false,"until":{far}}}"#);
        assert!(enforced.apply(&tenant, &event(Kind::RangeBanned, &banned)));
        assert!(enforced.refuses(&tenant, address("2001:db8::1")));
        assert!(!enforced.apply(&tenant, &event(Kind::RangeLifted, r#"{"ban":"b"}"#)));
        assert!(!enforced.refuses(&tenant, address("2001:db8::1")));
    }

    #[test]
    fn shadows_come_and_go() {
        let (enforced, tenant, user) = (
            Enforced::default(),
            Tenant::default_tenant(),
            UserId::generate(),
        );
        enforced.replace(&ListEnforcedResponse {
            ranges: Vec::new(),
            shadowed: vec![ShadowedUser {
                tenant: "default".into(),
                user_id: user.to_string(),
            }],
        });
        assert!(enforced.is_shadowed(&tenant, user));
        let lifted = format!(r#"{{"user":"{user}","hidden":false}}"#);
        enforced.apply(&tenant, &event(Kind::ShadowChanged, &lifted));
        assert!(!enforced.is_shadowed(&tenant, user));
    }
}
