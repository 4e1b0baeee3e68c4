//! Who is calling, as their token proves it.

use proto::{
    id::{SessionId, Tenant, UserId},
    reason::Reason,
};
use serde::{Deserialize, Serialize};
use tonic::{Code, Request, Status, metadata::MetadataValue};

use crate::status;

/// The person on whose behalf a request is made. Handlers get it from the request, never from the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The installation's customer the person belongs to.
    pub tenant: Tenant,
    /// The person.
    pub user_id: UserId,
    /// Their name when the token was made.
    pub name: String,
    /// Whether they hold the platform role ADMIN.
    pub is_admin: bool,
    /// The log-in this request belongs to.
    pub session_id: SessionId,
}

impl Caller {
    /// Returns the verified caller of a request.
    ///
    /// # Errors
    /// `TOKEN_MISSING` when the serving layer found no token.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            status(
                Code::Unauthenticated,
                Reason::TOKEN_MISSING,
                "a bearer token is needed",
            )
        })
    }
}

/// The claims of our own tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Always [`crate::ISSUER`].
    pub iss: String,
    /// [`crate::AUDIENCE_ACCESS`] or [`crate::AUDIENCE_INTERNAL`].
    pub aud: String,
    /// User id.
    pub sub: UserId,
    /// Session id.
    pub sid: SessionId,
    /// Tenant.
    pub tenant: Tenant,
    /// User name.
    pub name: String,
    /// `USER` or `ADMIN`.
    pub role: String,
    /// Issued at, seconds since the epoch.
    pub iat: u64,
    /// Not before, seconds since the epoch.
    pub nbf: u64,
    /// Expires at, seconds since the epoch.
    pub exp: u64,
    /// Unique id of the token.
    pub jti: String,
}

impl From<Claims> for Caller {
    fn from(claims: Claims) -> Self {
        Self {
            tenant: claims.tenant,
            user_id: claims.sub,
            name: claims.name,
            is_admin: claims.role == "ADMIN",
            session_id: claims.sid,
        }
    }
}

/// Makes a request on behalf of the token's owner. A token that is no header value is sent as an empty one.
pub fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let mut value: MetadataValue<_> = format!("Bearer {token}")
        .parse()
        .unwrap_or_else(|_| MetadataValue::from_static("Bearer"));
    value.set_sensitive(true);
    request.metadata_mut().insert("authorization", value);
    request
}
