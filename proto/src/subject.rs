//! Every NATS subject of the product.
//!
//! | subject | published by | read by | payload |
//! |---|---|---|---|
//! | `rpc.<package.Service>.<Method>` | whoever calls | a queue group of the service | a gRPC message, or an envelope of several |
//! | `evt.<partition>` | the owner of a stream, after commit | gateways with a local reader | `stream.v1.EventBatch` |
//! | `rpc.<gateway>.<package.Service>.<Method>` | whoever calls one gateway | that gateway | a gRPC message, or an envelope of several |
//! | `eph.<partition>` | services and gateways | gateways with a local reader | `stream.v1.Ephemeral` |
//! | `heads.told` | the owner of a stream, once a second | every gateway | `stream.v1.HeadBatch` |
//! | `_INBOX_<service>.…` | who was asked | who asked, that service alone | a gRPC message, or an envelope of several |
//!
//! Tokens come from types only, never from user text. Who may use which of them stands in [`crate::bus`].

use std::{fmt, sync::Arc};

use crate::id::StreamId;

/// How many partitions the streams are spread over. Part of the contract: every process must agree.
pub const PARTITIONS: u16 = 128;

/// What every address for answers begins with; the rest of the client libraries' own prefix is a dot.
const INBOX: &str = "_INBOX";

/// A complete subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

/// A share of the streams: 0 to [`PARTITIONS`] - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(u16);

impl Partition {
    /// Returns the partition of a stream. The low bytes of a UUIDv7 are random, so no hash is needed.
    #[must_use]
    pub fn of(stream: StreamId) -> Self {
        let bytes = stream.0.as_bytes();
        Self(u16::from_be_bytes([bytes[14], bytes[15]]) % PARTITIONS)
    }

    /// Lists every partition.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..PARTITIONS).map(Self)
    }

    /// Returns the partition's number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

/// The name of one process: letters and digits, which are one token of a subject whatever somebody wrote there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Instance(Arc<str>);

impl Instance {
    /// Reads a name; `None` for what could be more than one token, or none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_token.then(|| Self(text.into()))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What [`events`] is called in traces, whose names hold no numbers.
pub const EVENTS_TEMPLATE: &str = "evt.{partition}";

/// Returns the subject of committed events of a partition.
#[must_use]
pub fn events(partition: Partition) -> Subject {
    Subject(format!("evt.{}", partition.0))
}

/// Returns the subject of head announcements. Not one for each partition: what is told in a moment is one message then,
/// and gateways with many clients hear every partition anyway.
#[must_use]
pub fn heads() -> Subject {
    Subject("heads.told".into())
}

/// Returns the subject of what is told once and never stored, of a partition.
#[must_use]
pub fn ephemeral(partition: Partition) -> Subject {
    Subject(format!("eph.{}", partition.0))
}

/// Returns the wildcard subject that covers the events of every partition.
#[must_use]
pub fn all_events() -> Subject {
    Subject("evt.*".into())
}

/// Returns the wildcard subject that covers what is told once, of every partition.
#[must_use]
pub fn all_ephemeral() -> Subject {
    Subject("eph.*".into())
}

/// Returns the subject of a method of one process, from the gRPC path.
#[must_use]
pub fn method_of(instance: &Instance, grpc_path: &str) -> Subject {
    Subject(format!("rpc.{}.{}", instance.0, dotted(grpc_path)))
}

/// Returns the wildcard subject that covers a method of every process that is addressed by name.
#[must_use]
pub fn method_of_any(grpc_path: &str) -> Subject {
    Subject(format!("rpc.*.{}", dotted(grpc_path)))
}

/// Returns the wildcard subject that covers every method of a service of one process.
#[must_use]
pub fn all_methods_of(instance: &Instance, service_name: &str) -> Subject {
    Subject(format!("rpc.{}.{service_name}.*", instance.0))
}

/// Returns the wildcard subject that covers every method of a service of every process that is addressed by name.
#[must_use]
pub fn all_methods_of_any(service_name: &str) -> Subject {
    Subject(format!("rpc.*.{service_name}.*"))
}

/// Returns the subject of a method, from its gRPC path (`/package.Service/Method`).
#[must_use]
pub fn method(grpc_path: &str) -> Subject {
    Subject(format!("rpc.{}", dotted(grpc_path)))
}

fn dotted(grpc_path: &str) -> String {
    grpc_path.trim_start_matches('/').replace('/', ".")
}

/// Returns the wildcard subject that covers every method of a service (`package.Service`).
#[must_use]
pub fn all_methods(service_name: &str) -> Subject {
    Subject(format!("rpc.{service_name}.*"))
}

/// Returns the gRPC path of a method subject, or `None` if it is not one. `instance` is the process it is addressed
/// to; `None` for a queue group's.
#[must_use]
pub fn grpc_path(instance: Option<&Instance>, subject: &str) -> Option<String> {
    let path = subject.strip_prefix("rpc.")?;
    let path = match instance {
        Some(instance) => path.strip_prefix(instance.as_str())?.strip_prefix('.')?,
        None => path,
    };
    let (service, method) = path.rsplit_once('.')?;
    Some(format!("/{service}/{method}"))
}

/// Returns what the addresses for answers to a process begin with, from its package's name. Each service has its own:
/// whoever could listen to a shared one would read every answer to everybody.
#[must_use]
pub fn inbox_prefix(package: &str) -> String {
    format!("{INBOX}_{}", package.replace('-', "_"))
}

/// Returns the wildcard subject that covers every address for answers to the processes of a package.
#[must_use]
pub fn all_inboxes(package: &str) -> Subject {
    Subject(format!("{}.>", inbox_prefix(package)))
}

/// Says whether a subject is an address for answers. Whoever asks names it; an answer that went to another subject
/// would be said with the rights of the one who answers.
#[must_use]
pub fn is_inbox(subject: &str) -> bool {
    let rest = subject.strip_prefix(INBOX);
    rest.is_some_and(|rest| rest.starts_with(['_', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RoomId;

    #[test]
    fn a_method_subject_gives_its_path_back() {
        let path = "/hubbub.room.v1.RoomService/SendMessage";
        let subject = method(path);
        assert_eq!(
            subject.as_str(),
            "rpc.hubbub.room.v1.RoomService.SendMessage"
        );
        assert_eq!(grpc_path(None, subject.as_str()).as_deref(), Some(path));
        let [a1, b2] = ["a1", "b2"].map(|name| Instance::parse(name).expect("a name"));
        let own = method_of(&a1, path);
        assert_eq!(grpc_path(Some(&a1), own.as_str()).as_deref(), Some(path));
        assert_eq!(grpc_path(Some(&b2), own.as_str()), None);
        assert_eq!(
            all_methods("hubbub.room.v1.RoomService").as_str(),
            "rpc.hubbub.room.v1.RoomService.*"
        );
    }

    #[test]
    fn what_somebody_wrote_is_no_token() {
        for text in [
            "",
            "a.b",
            "*",
            ">",
            "a b",
            "a\r\nPUB evt.1 0",
            "a\0",
            "gateway-1",
            "ä",
        ] {
            assert_eq!(Instance::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn answers_go_to_inboxes_only() {
        for subject in [&inbox_prefix("room-svc"), "_INBOX"].map(|prefix| format!("{prefix}.a.b")) {
            assert!(is_inbox(&subject), "{subject}");
        }
        for subject in [
            events(Partition(1)).as_str(),
            "_INBOXES.a",
            "x._INBOX.a",
            "",
        ] {
            assert!(!is_inbox(subject), "{subject}");
        }
    }

    #[test]
    fn fresh_streams_spread_over_partitions() {
        let hit: std::collections::HashSet<_> = (0..4_000)
            .map(|_| Partition::of(RoomId::generate().into()))
            .collect();
        assert_eq!(hit.len(), usize::from(PARTITIONS));
    }
}
