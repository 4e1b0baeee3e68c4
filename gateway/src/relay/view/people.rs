//! People as clients see them.

use std::borrow::Cow;

use proto::{
    auth::{Named, Role, User},
    event,
    room::Member,
    social::Person,
    words,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::role_name;

/// A member of a room.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(crate) struct MemberView<'a> {
    /// The user's id.
    id: &'a str,
    /// Their name.
    name: &'a str,
    /// What they may do in the room.
    #[schemars(with = "words::RoomRole")]
    role: &'static str,
}

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: &member.user_id,
            name: &member.name,
            role: role_name(member.role()),
        }
    }
}

/// A user with their role on the platform.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub(crate) struct UserView<'a> {
    /// The user's id.
    pub(crate) id: &'a str,
    /// Their name.
    pub(crate) name: &'a str,
    /// What they may do on the platform.
    #[schemars(with = "words::Role")]
    pub(crate) role: &'static str,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: &user.user_id,
            name: &user.name,
            role: if user.role() == Role::Admin {
                "ADMIN"
            } else {
                "USER"
            },
        }
    }
}

/// Another person in answers.
#[derive(Serialize)]
pub(crate) struct PersonView<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// On the wire it is the person of events.
impl JsonSchema for PersonView<'_> {
    fn schema_name() -> Cow<'static, str> {
        event::Person::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        event::Person::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        event::Person::json_schema(generator)
    }
}

impl<'a> From<&'a Named> for PersonView<'a> {
    fn from(named: &'a Named) -> Self {
        Self {
            id: &named.user_id,
            name: &named.name,
        }
    }
}

impl<'a> From<&'a Person> for PersonView<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: &person.user_id,
            name: &person.name,
        }
    }
}
