//! What this service writes into users' private feeds.

use proto::{
    event::{AccountUpdated, Kind, Person, SessionsRevoked},
    id::{SessionId, Tenant, UserId},
};
use serde::Serialize;
use stream::Append;

use crate::accounts::Account;

/// Session ids in one event; keeps an event far below the bus' payload limit.
const SESSIONS_PER_EVENT: usize = 500;

/// What the gateways are told after a commit.
pub(crate) type Committed = Vec<proto::stream::Event>;

/// Why sessions ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Their owner logged out.
    LogOut,
    /// Their owner ended them from another one or left, or an administrator did it.
    Revoked,
    /// The password changed.
    Password,
}

impl Ending {
    fn as_str(self) -> &'static str {
        match self {
            Self::LogOut => "logout",
            Self::Revoked => "revoked",
            Self::Password => "password",
        }
    }
}

/// Makes the entries that tell gateways which sockets to close.
pub(crate) fn sessions_revoked(
    tenant: &Tenant,
    user_id: UserId,
    sessions: &[SessionId],
    ending: Ending,
) -> Vec<Append> {
    sessions
        .chunks(SESSIONS_PER_EVENT)
        .map(|chunk| {
            let data = SessionsRevoked {
                sessions: chunk.iter().map(ToString::to_string).collect(),
                reason: ending.as_str().into(),
            };
            private(tenant, user_id, Kind::SessionsRevoked, &data)
        })
        .collect()
}

/// Makes the entry that tells a person's devices their name.
pub(crate) fn account_updated(account: &Account) -> Append {
    let user = Person {
        id: account.user_id.to_string(),
        name: account.name.clone(),
    };
    let data = AccountUpdated { user };
    private(
        &account.tenant,
        account.user_id,
        Kind::AccountUpdated,
        &data,
    )
}

fn private(tenant: &Tenant, user_id: UserId, kind: Kind, data: &impl Serialize) -> Append {
    let data = serde_json::to_string(data).expect("strings always serialise");
    Append {
        tenant: tenant.clone(),
        stream_id: user_id.into(),
        actor: Some(user_id),
        session: None,
        key: None,
        kind,
        fingerprint: stream::fingerprint(&[data.as_bytes()]),
        data,
    }
}
