//! What the table of permissions says of subjects, read apart from how the server reads it.

use proto::{
    bus::{Calls, OPERATORS_ONLY, PEERS, Peer},
    id::RoomId,
    subject::{self, Instance, Partition},
};

/// Says whether a right covers a subject, which may itself be a wildcard. To the server `>` is a token like any other
/// that `*` stands for; what lies deeper may be listened to, and nobody may say anything there.
fn covers(right: &str, subject: &str) -> bool {
    let mut wanted = subject.split('.');
    for token in right.split('.') {
        match (token, wanted.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (token, Some(wanted)) if token == wanted => {}
            _ => return false,
        }
    }
    wanted.next().is_none()
}

/// Says whether the table lets a process publish to a subject.
pub(crate) fn publishes(peer: &Peer, subject: &str) -> bool {
    let mut rights = peer.publishes().into_iter();
    rights.any(|right| covers(right.as_str(), subject))
}

/// Says whether the table lets a process subscribe to a subject, in a queue group or (empty) out of any.
pub(crate) fn subscribes(peer: &Peer, subject: &str, queue: &str) -> bool {
    let mut rights = peer.subscribes().into_iter();
    rights.any(|right| {
        covers(right.subject.as_str(), subject) && right.queue.is_none_or(|of| of == queue)
    })
}

/// One of every subject somebody publishes to, and some that nobody should.
pub(crate) fn said() -> Vec<String> {
    let instance = Instance::parse("a1b2").expect("a name");
    let partition = Partition::of(RoomId::generate().into());
    let calls = PEERS.iter().flat_map(|peer| peer.calls);
    let named = PEERS.iter().flat_map(|peer| peer.calls_by_name);
    let paths = calls.chain(named).flat_map(Calls::paths);
    let paths = paths.chain(OPERATORS_ONLY.map(str::to_owned));
    let mut subjects: Vec<String> = paths
        .flat_map(|path| {
            [
                subject::method(&path).into(),
                subject::method_of(&instance, &path).into(),
            ]
        })
        .collect();
    let hints = [
        subject::events(partition),
        subject::heads(),
        subject::ephemeral(partition),
    ];
    subjects.extend(hints.map(String::from));
    let inboxes = PEERS.map(|peer| format!("{}.a.b", subject::inbox_prefix(peer.name)));
    subjects.extend(inboxes);
    subjects.extend(["_INBOX.a.b", "$SYS.REQ.SERVER.PING", "anything"].map(str::to_owned));
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// Everything somebody subscribes to, in its queue group and out of it, and some that nobody should.
pub(crate) fn heard() -> Vec<(String, &'static str)> {
    let services = PEERS
        .iter()
        .flat_map(|peer| peer.serves.iter().chain(peer.serves_by_name));
    let mut subjects: Vec<(String, &'static str)> = services
        .flat_map(|service| {
            let all = String::from(subject::all_methods(service));
            let named = String::from(subject::all_methods_of_any(service));
            [
                (all.clone(), *service),
                (all, ""),
                (named.clone(), *service),
                (named, ""),
            ]
        })
        .collect();
    let hints = [
        subject::all_events(),
        subject::heads(),
        subject::all_ephemeral(),
    ];
    let inboxes = PEERS.map(|peer| subject::all_inboxes(peer.name));
    let alone = hints.into_iter().chain(inboxes).map(String::from);
    let wide = [
        "_INBOX.>",
        "_INBOX_*.>",
        "rpc.>",
        "evt.>",
        "heads.*",
        ">",
        "*",
        "$SYS.>",
    ];
    let alone = alone.chain(wide.map(str::to_owned));
    subjects.extend(alone.map(|subject| (subject, "")));
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
