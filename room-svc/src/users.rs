//! People, as auth-svc knows them.

use std::fmt;

use proto::{
    auth::{GetUserRequest, get_user_request::By},
    id::UserId,
    reason::Reason,
};
use rpc::Refusal;

use crate::{App, Error};

/// What an erased person is called.
pub const DELETED_USER: &str = "deleted user";

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub user_id: UserId,
    /// Their name now.
    pub name: String,
}

/// How a request names a person: an id or `@name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By name, without the `@`.
    Name(String),
}

impl UserRef {
    /// Reads how a request names a person.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(
            |_| Self::Name(text.trim().trim_start_matches('@').into()),
            Self::Id,
        )
    }
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(user_id) => user_id.fmt(f),
            Self::Name(name) => write!(f, "@{name}"),
        }
    }
}

/// Finds a person, asking in the caller's own name: `token` is what the caller presented to us.
///
/// # Errors
/// `UserNotFound`, or what auth-svc refused for.
pub async fn get(app: &App, token: &str, user: &UserRef) -> Result<User, Error> {
    let by = match user {
        UserRef::Id(user_id) => By::UserId(user_id.to_string()),
        UserRef::Name(name) => By::Name(name.clone()),
    };
    let request = rpc::with_token(GetUserRequest { by: Some(by) }, token);
    let found = app.auth.clone().get_user(request).await;
    let found = found.map_err(|status| refused(&Refusal::of(&status)))?;
    let user = found.into_inner().user.unwrap_or_default();
    let user_id = user.user_id.parse();
    let user_id = user_id.map_err(|_| Error::Internal("auth-svc answered without a user id"))?;
    Ok(User {
        user_id,
        name: user.name,
    })
}

fn refused(refusal: &Refusal) -> Error {
    match refusal.reason {
        Reason::USER_NOT_FOUND => Error::UserNotFound,
        // It speaks of another request's field.
        Reason::FIELD_INVALID => Error::UserNotFound,
        _ => Error::Upstream(Box::new(refusal.clone())),
    }
}
