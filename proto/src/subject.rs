//! Every NATS subject of the product.
//!
//! | subject | published by | read by | payload |
//! |---|---|---|---|
//! | `rpc.<package.Service>.<Method>` | whoever calls | a queue group of the service | a gRPC message |
//! | `evt.<partition>` | the owner of a stream, after commit | gateways with a local reader | `stream.v1.EventBatch` |
//! | `rpc.<gateway>.<package.Service>.<Method>` | whoever calls one gateway | that gateway | a gRPC message |
//! | `eph.<partition>` | services and gateways | gateways with a local reader | `stream.v1.Ephemeral` |
//! | `heads.<partition>` | the owner of a stream, every 250 ms | the same gateways | `stream.v1.HeadBatch` |
//!
//! Tokens come from types only, never from user text.

use std::fmt;

use crate::id::StreamId;

/// How many partitions the streams are spread over. Part of the contract: every process must agree.
pub const PARTITIONS: u16 = 128;

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

/// Returns the subject of committed events of a partition.
#[must_use]
pub fn events(partition: Partition) -> Subject {
    Subject(format!("evt.{}", partition.0))
}

/// Returns the subject of head announcements of a partition.
#[must_use]
pub fn heads(partition: Partition) -> Subject {
    Subject(format!("heads.{}", partition.0))
}

/// Returns the subject of what is told once and never stored, of a partition.
#[must_use]
pub fn ephemeral(partition: Partition) -> Subject {
    Subject(format!("eph.{}", partition.0))
}

/// Returns the subject of a method of one process, from its instance name (letters and digits) and the gRPC path.
#[must_use]
pub fn method_of(instance: &str, grpc_path: &str) -> Subject {
    Subject(format!(
        "rpc.{instance}.{}",
        grpc_path.trim_start_matches('/').replace('/', ".")
    ))
}

/// Returns the wildcard subject that covers every method of a service of one process.
#[must_use]
pub fn all_methods_of(instance: &str, service_name: &str) -> Subject {
    Subject(format!("rpc.{instance}.{service_name}.*"))
}

/// Returns the subject of a method, from its gRPC path (`/package.Service/Method`).
#[must_use]
pub fn method(grpc_path: &str) -> Subject {
    Subject(format!(
        "rpc.{}",
        grpc_path.trim_start_matches('/').replace('/', ".")
    ))
}

/// Returns the wildcard subject that covers every method of a service (`package.Service`).
#[must_use]
pub fn all_methods(service_name: &str) -> Subject {
    Subject(format!("rpc.{service_name}.*"))
}

/// Returns the gRPC path of a method subject, or `None` if it is not one. `instance` is the process it is addressed
/// to; `None` for a queue group's.
#[must_use]
pub fn grpc_path(instance: Option<&str>, subject: &str) -> Option<String> {
    let path = subject.strip_prefix("rpc.")?;
    let path = match instance {
        Some(instance) => path.strip_prefix(instance)?.strip_prefix('.')?,
        None => path,
    };
    let (service, method) = path.rsplit_once('.')?;
    Some(format!("/{service}/{method}"))
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
        let own = method_of("a1", path);
        assert_eq!(grpc_path(Some("a1"), own.as_str()).as_deref(), Some(path));
        assert_eq!(grpc_path(Some("b2"), own.as_str()), None);
        assert_eq!(
            all_methods("hubbub.room.v1.RoomService").as_str(),
            "rpc.hubbub.room.v1.RoomService.*"
        );
    }

    #[test]
    fn fresh_streams_spread_over_partitions() {
        let hit: std::collections::HashSet<_> = (0..4_000)
            .map(|_| Partition::of(RoomId::generate().into()))
            .collect();
        assert_eq!(hit.len(), usize::from(PARTITIONS));
    }
}
