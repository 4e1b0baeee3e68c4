use super::*;
use crate::conn::handle::tests::handle;

pub(in crate::hub) fn changed(person: &Person, status: &str) -> Ephemeral {
    Ephemeral {
        tenant: person.0.to_string(),
        stream_id: person.1.to_string(),
        kind: "presence.changed".into(),
        actor: person.1.to_string(),
        data: format!(r#"{{"user":"{}","status":"{status}"}}"#, person.1)
            .into_bytes()
            .into(),
    }
}

pub(in crate::hub) async fn watches(hub: &Arc<Hub>, handle: &Arc<Handle>, people: &[&Person]) {
    let people = people.iter().map(|person| (*person).clone()).collect();
    let lookout = hub
        .look_out(handle, people)
        .await
        .expect("no bus to wait for");
    lookout.go_live();
}

pub(in crate::hub) fn is_forgotten(hub: &Hub) -> bool {
    let state = hub.watchers.0.lock();
    state.of.is_empty() && state.by.is_empty() && state.sought.is_empty()
}

#[tokio::test]
async fn only_watchers_hear_and_a_new_list_replaces_the_old() {
    let hub = Arc::new(Hub::default());
    let (watcher, other) = (handle(), handle());
    let tenant = Tenant::default_tenant();
    let (ada, bob) = (
        (tenant.clone(), UserId::generate()),
        (tenant, UserId::generate()),
    );
    watches(&hub, &watcher, &[&ada]).await;
    hub.hear(changed(&ada, "away"));
    assert!(!watcher.outbound.is_empty() && other.outbound.is_empty());
    watcher.outbound.pop().expect("a frame");

    watches(&hub, &watcher, &[&bob]).await;
    hub.hear(changed(&ada, "away"));
    assert!(watcher.outbound.is_empty(), "no longer watched");
    watcher.hidden.set(bob.1, true);
    hub.hear(changed(&bob, "away"));
    assert!(
        watcher.outbound.is_empty(),
        "a blocked person's presence is not told"
    );
    hub.unwatch(&watcher);
    assert!(is_forgotten(&hub));
}
