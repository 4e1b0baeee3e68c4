use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use prost_types::FileDescriptorSet;

use super::*;

/// Every method of every contract, by gRPC path.
fn contract() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(crate::DESCRIPTORS).expect("a descriptor set");
    let services = set.file.iter().flat_map(|file| {
        let package = file.package();
        file.service.iter().map(move |service| (package, service))
    });
    services
        .filter(|(package, _)| package.starts_with("hubbub."))
        .flat_map(|(package, service)| {
            let name = format!("{package}.{}", service.name());
            let methods = service.method.iter();
            methods.map(move |method| format!("/{name}/{}", method.name()))
        })
        .collect()
}

fn called() -> BTreeSet<String> {
    let all = PEERS.iter().flat_map(|peer| peer.calls.iter());
    let all = all.chain(PEERS.iter().flat_map(|peer| peer.calls_by_name));
    all.flat_map(Calls::paths).collect()
}

#[test]
fn every_method_is_somebodys_to_call_or_the_operators() {
    let operators: BTreeSet<String> = OPERATORS_ONLY.map(str::to_owned).into();
    let (contract, called) = (contract(), called());
    assert!(contract.len() > 100);
    assert_eq!(called.intersection(&operators).count(), 0);
    let known: BTreeSet<String> = called.union(&operators).cloned().collect();
    // A method that was added is refused by the bus until the table says who calls it.
    assert_eq!(
        known.symmetric_difference(&contract).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn every_service_is_answered_by_who_owns_it() {
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for peer in &PEERS {
        for service in peer.serves.iter().chain(peer.serves_by_name) {
            owners.entry(service).or_default().push(peer.name);
        }
    }
    let logs = owners.remove("hubbub.stream.v1.StreamService");
    let writers = ["auth-svc", "moderation-svc", "social-svc", "room-svc"];
    assert_eq!(logs, Some(writers.to_vec()));
    let owners: Vec<(&str, Vec<&str>)> = owners.into_iter().collect();
    assert_eq!(
        owners,
        [
            ("hubbub.auth.v1.AuthService", vec!["auth-svc"]),
            ("hubbub.gateway.v1.GatewayService", vec!["gateway"]),
            (
                "hubbub.moderation.v1.ModerationService",
                vec!["moderation-svc"]
            ),
            ("hubbub.room.v1.RoomService", vec!["room-svc"]),
            ("hubbub.social.v1.SocialService", vec!["social-svc"]),
        ]
    );
}

#[test]
fn only_owners_of_logs_tell_events_and_only_gateways_hear_them() {
    for peer in &PEERS {
        let is_gateway = peer.name == "gateway";
        let has_log = peer.serves.contains(&"hubbub.stream.v1.StreamService");
        assert_eq!(peer.tells.contains(&Hint::Events), has_log, "{}", peer.name);
        assert_eq!(
            peer.hears.contains(&Hint::Events),
            is_gateway,
            "{}",
            peer.name
        );
    }
}

#[test]
fn nobody_has_a_right_to_everything_or_to_anothers_answers() {
    for peer in &PEERS {
        // The server takes an empty list for no restriction at all.
        assert!(!peer.publishes().is_empty());
        let own = subject::all_inboxes(peer.name);
        for right in peer.subscribes() {
            let is_inbox = subject::is_inbox(right.subject.as_str());
            assert_eq!(is_inbox, right.subject == own, "{right:?}");
            assert!(is_inbox || !right.subject.as_str().contains('>'));
        }
        for subject in peer.publishes() {
            assert!(!subject::is_inbox(subject.as_str()), "{subject}");
            assert!(!subject.as_str().contains('>'), "{subject}");
        }
    }
}
