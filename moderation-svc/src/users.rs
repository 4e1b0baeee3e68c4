//! People, as auth-svc knows them.

use std::fmt;

use proto::id::{Tenant, UserId};
use sqlx::PgConnection;

use crate::{Error, db};

/// How a request names a person: an id or `@name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By name as names are compared, without the `@`.
    Name(String),
}

/// An account that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user_id: UserId,
    /// Whether they hold the platform role ADMIN.
    pub is_admin: bool,
}

impl UserRef {
    /// Reads how a request names a person.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(
            |_| Self::Name(text.trim().trim_start_matches('@').to_ascii_lowercase()),
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

/// Finds a person whom an act concerns.
pub(crate) async fn get(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user: &UserRef,
) -> Result<Person, Error> {
    db::persons::find_person(conn, tenant, user)
        .await?
        .ok_or(Error::UserNotFound)
}

/// Turns a name into an id. An id stays what it is, so that what concerns an account that is gone can still be found.
pub(crate) async fn resolve(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user: &UserRef,
) -> Result<UserId, Error> {
    match user {
        UserRef::Id(user_id) => Ok(*user_id),
        UserRef::Name(_) => Ok(get(conn, tenant, user).await?.user_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_by_id_or_name() {
        let user_id = UserId::generate();
        assert_eq!(UserRef::parse(&user_id.to_string()), UserRef::Id(user_id));
        for text in ["@Ada", "ada", " @ADA "] {
            assert_eq!(UserRef::parse(text), UserRef::Name("ada".into()), "{text}");
        }
    }
}
