//! Reports who is connected here: to social-svc for presence, to moderation-svc for the registry of connections.
//!
//! A change is told at once, and those of the quarter of a second after it all together; everyone is named again every
//! ten seconds, so that a registry that lost everything is whole again by itself.

use std::{sync::Arc, time::Duration};

use proto::{
    moderation::{Connection, ConnectionRef, LiveConnection, ReportConnectionsRequest},
    social::{LivePerson, ReportPresenceRequest},
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{
    App,
    conn::handle::Handle,
    hub::{Person, roster::Changes},
};

/// After a report, changes wait this long for others.
const GATHER: Duration = Duration::from_millis(250);
/// Everyone is named this often.
const ROUND: Duration = Duration::from_secs(10);
/// People of one report.
const PEOPLE_MAX: usize = 2_000;
/// Connections of one report.
const CONNECTIONS_MAX: usize = 1_000;

/// Sends reports until `stop`, and then a last one: nobody is here any more.
pub async fn send(app: Arc<App>, stop: CancellationToken) {
    let mut round = interval(ROUND);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = Instant::now();
    loop {
        tokio::select! {
            _ = round.tick() => everyone(&app).await,
            () = app.hub.roster.rung() => {
                sleep_until(due).await;
                due = Instant::now() + GATHER;
                changed(&app, app.hub.roster.take()).await;
            }
            () = stop.cancelled() => break,
        }
    }
    changed(&app, app.hub.roster.take()).await;
}

async fn everyone(app: &App) {
    let everyone = app.hub.everyone();
    let people = everyone
        .iter()
        .map(|(person, sockets)| live_person(person, sockets));
    report_people(app, people, true).await;
    let opened = everyone
        .iter()
        .flat_map(|(_, sockets)| sockets)
        .filter_map(|handle| live_connection(app, handle));
    report_connections(app, opened, std::iter::empty(), true).await;
}

async fn changed(app: &App, changes: Changes) {
    let people = changes.people.iter().map(|person| {
        let sockets = app.hub.sockets_of(person);
        live_person(person, &sockets)
    });
    report_people(app, people, false).await;
    let opened = changes
        .opened
        .iter()
        .filter_map(|handle| live_connection(app, handle));
    let closed = changes
        .closed
        .into_iter()
        .map(|(tenant, id)| ConnectionRef {
            tenant: tenant.to_string(),
            connection_id: id.to_string(),
        });
    report_connections(app, opened, closed, false).await;
}

fn live_person((tenant, user): &Person, sockets: &[Arc<Handle>]) -> LivePerson {
    LivePerson {
        tenant: tenant.to_string(),
        user_id: user.to_string(),
        connections: u32::try_from(sockets.len()).unwrap_or(u32::MAX),
        is_visible: sockets.iter().any(|handle| handle.is_visible()),
    }
}

fn live_connection(app: &App, handle: &Handle) -> Option<LiveConnection> {
    let who = handle.who.get()?;
    Some(LiveConnection {
        tenant: who.tenant.to_string(),
        connection: Some(Connection {
            connection_id: handle.id.to_string(),
            user_id: who.user.to_string(),
            user_name: who.name.clone(),
            gateway: app.instance.clone(),
            address: who.address.to_string(),
            session_id: who.session.to_string(),
            since_ms: handle.since_ms,
            last_seen_ms: handle.heard_ms(),
        }),
    })
}

/// A report that is lost is made good by the next round. What is reported is made for one report at a time: everyone at
/// once would be megabytes.
async fn report_people(app: &App, mut people: impl Iterator<Item = LivePerson>, is_refresh: bool) {
    loop {
        let some: Vec<_> = people.by_ref().take(PEOPLE_MAX).collect();
        if some.is_empty() {
            return;
        }
        let report = ReportPresenceRequest {
            gateway: app.instance.clone(),
            people: some,
            is_refresh,
        };
        if let Err(status) = app.social.clone().report_presence(report).await {
            tracing::debug!(code = ?status.code(), "presence could not be reported");
            metrics::counter!("hubbub_gateway_reports_failed_total", "to" => "social").increment(1);
        }
    }
}

async fn report_connections(
    app: &App,
    mut opened: impl Iterator<Item = LiveConnection>,
    mut closed: impl Iterator<Item = ConnectionRef>,
    is_refresh: bool,
) {
    let mut is_first = is_refresh;
    loop {
        let opened: Vec<_> = opened.by_ref().take(CONNECTIONS_MAX).collect();
        let closed: Vec<_> = closed.by_ref().take(CONNECTIONS_MAX).collect();
        // The first report of a round also says that this gateway lives, though nobody is here.
        if opened.is_empty() && closed.is_empty() && !std::mem::take(&mut is_first) {
            return;
        }
        is_first = false;
        let report = ReportConnectionsRequest {
            gateway: app.instance.clone(),
            opened,
            closed,
            is_refresh,
        };
        if let Err(status) = app.moderation.clone().report_connections(report).await {
            tracing::debug!(code = ?status.code(), "connections could not be reported");
            metrics::counter!("hubbub_gateway_reports_failed_total", "to" => "moderation")
                .increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conn::handle::tests::handle;
    use proto::id::{Tenant, UserId};

    #[test]
    fn a_person_is_in_view_when_any_socket_is() {
        let person = (Tenant::default_tenant(), UserId::generate());
        let (one, two) = (handle(), handle());
        one.set_visible(false);
        let of = |sockets: &[Arc<Handle>]| live_person(&person, sockets);
        assert!(!of(std::slice::from_ref(&one)).is_visible);
        let both = of(&[one, two]);
        assert!(both.is_visible && both.connections == 2);
        assert_eq!(of(&[]).connections, 0);
    }
}
