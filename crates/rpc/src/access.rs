//! Who may call which method.

use tonic::{Code, Status};

use crate::{Caller, status};
use proto::reason::Reason;

/// The wire a request came in by; an extension of every served request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// The bus: only our own processes can publish there.
    Nats,
    /// The admin port.
    Http2,
}

/// What a method asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// A valid token.
    User,
    /// A valid token of a platform administrator.
    Admin,
    /// Our own processes, over the bus.
    Internal,
}

/// The permission row of every method, by gRPC path (`/package.Service/Method`). A method without a row is denied.
pub type AccessTable = &'static [(&'static str, Access)];

/// Decides a call; `caller` is what the token proved, if one was presented.
pub(crate) fn decide(
    table: AccessTable,
    path: &str,
    wire: Wire,
    caller: Option<&Result<Caller, Status>>,
) -> Result<(), Status> {
    let access = table
        .iter()
        .find(|(row, _)| *row == path)
        .map(|(_, access)| *access);
    match access {
        Some(Access::Public) => Ok(()),
        Some(Access::Internal) if wire == Wire::Nats => Ok(()),
        Some(Access::User) => authenticated(caller).map(|_| ()),
        Some(Access::Admin) if authenticated(caller)?.is_admin => Ok(()),
        Some(Access::Admin) => Err(status(
            Code::PermissionDenied,
            Reason::ADMIN_REQUIRED,
            "only administrators may do this",
        )),
        Some(Access::Internal) | None => Err(status(
            Code::PermissionDenied,
            Reason::PERMISSION_DENIED,
            "this method is not open here",
        )),
    }
}

fn authenticated(caller: Option<&Result<Caller, Status>>) -> Result<&Caller, Status> {
    match caller {
        Some(Ok(caller)) => Ok(caller),
        Some(Err(refused)) => Err(refused.clone()),
        None => Err(status(
            Code::Unauthenticated,
            Reason::TOKEN_MISSING,
            "a bearer token is needed",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::id::{SessionId, Tenant, UserId};

    const TABLE: AccessTable = &[
        ("/s/Open", Access::Public),
        ("/s/Mine", Access::User),
        ("/s/Rule", Access::Admin),
        ("/s/Ours", Access::Internal),
    ];

    fn caller(is_admin: bool) -> Result<Caller, Status> {
        Ok(Caller {
            tenant: Tenant::default_tenant(),
            user_id: UserId::generate(),
            name: "ada".into(),
            is_admin,
            session_id: SessionId::generate(),
        })
    }

    #[test]
    fn the_table_decides_and_the_unknown_is_denied() {
        let (user, admin) = (caller(false), caller(true));
        let refused = Err(status(
            Code::Unauthenticated,
            Reason::TOKEN_EXPIRED,
            "expired",
        ));
        let cases = [
            ("/s/Open", Wire::Http2, None, Code::Ok),
            ("/s/Mine", Wire::Http2, None, Code::Unauthenticated),
            ("/s/Mine", Wire::Nats, Some(&refused), Code::Unauthenticated),
            ("/s/Mine", Wire::Nats, Some(&user), Code::Ok),
            ("/s/Rule", Wire::Http2, Some(&user), Code::PermissionDenied),
            ("/s/Rule", Wire::Http2, Some(&admin), Code::Ok),
            ("/s/Ours", Wire::Http2, Some(&admin), Code::PermissionDenied),
            ("/s/Ours", Wire::Nats, None, Code::Ok),
            ("/s/Else", Wire::Nats, Some(&admin), Code::PermissionDenied),
        ];
        for (path, wire, caller, expected) in cases {
            let code = decide(TABLE, path, wire, caller)
                .map_or_else(|status| status.code(), |()| Code::Ok);
            assert_eq!(code, expected, "{path} {wire:?}");
        }
    }
}
