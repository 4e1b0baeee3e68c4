//! People, as auth-svc knows them.

use std::fmt;

use proto::{event, id::UserId};
use rpc::Caller;
use sqlx::PgConnection;

use crate::{Error, db, pages::Place};

/// How a request names a person: an id or `@name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By folded name, without the `@`.
    Name(String),
}

/// Somebody who can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user_id: UserId,
    /// Their name now.
    pub name: String,
}

impl UserRef {
    /// Reads how a request names a person.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(
            |_| Self::Name(fold(text.trim().trim_start_matches('@'))),
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

impl Person {
    /// The caller themselves.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            user_id: caller.user_id,
            name: caller.name.clone(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            name: fold(&self.name),
            id: self.user_id.0,
        }
    }
}

impl From<&Person> for event::Person {
    fn from(person: &Person) -> Self {
        Self {
            id: person.user_id.to_string(),
            name: person.name.clone(),
        }
    }
}

/// Finds the person whom a request of the caller is about.
///
/// # Errors
/// `UserNotFound`; `FieldInvalid` for the caller themselves.
pub(crate) async fn get_other(
    conn: &mut PgConnection,
    caller: &Caller,
    user: &UserRef,
) -> Result<Person, Error> {
    let other = db::people::find_person(conn, &caller.tenant, user).await?;
    let other = other.ok_or(Error::UserNotFound)?;
    if other.user_id == caller.user_id {
        return Err(Error::FieldInvalid {
            field: "user",
            why: "that is you",
        });
    }
    Ok(other)
}

/// Returns the form in which auth-svc compares names.
fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_by_id_or_by_name_in_any_case() {
        let user_id = UserId::generate();
        assert_eq!(UserRef::parse(&user_id.to_string()), UserRef::Id(user_id));
        assert_eq!(UserRef::parse(" @Ada "), UserRef::Name("ada".into()));
        assert_eq!(UserRef::parse("ADA").to_string(), "@ada");
    }
}
