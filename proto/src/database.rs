//! Who may do what in Postgres: the one table of rights, from which grants are made.
//!
//! Deny by default. A service logs in under a role of its own, which changes the rows of its own schema, writes the log,
//! and reads of other schemas what [`LOGINS`] says. Only the [`OWNER`] makes, changes and removes tables: a service that
//! was taken over cannot read another's rows, nor do away with what keeps its own honest.

mod logins;
#[cfg(test)]
mod tests;

pub use logins::LOGINS;

/// The role that owns the database and everything in it: it migrates, and grants the rest.
pub const OWNER: &str = "hubbub_owner";
/// The schema of the log, which every service writes.
pub const LOG: &str = "stream";
/// Makes the roles and closes the database to everybody else; for a superuser, in the database, again whenever. It sets
/// no password.
pub const ROLES: &str = include_str!("database/roles.sql");

/// What may be done with a thing: words of SQL, in lower case.
pub type Rights = &'static [&'static str];

const NOTHING: Rights = &[];
const READ: Rights = &["select"];
const CHANGE: Rights = &["select", "insert", "update", "delete"];
const USE: Rights = &["usage"];
const CALL: Rights = &["execute"];
/// Heads are made and moved, and are never taken away: a place in a stream is given once.
const BUMP: Rights = &["select", "insert", "update"];
/// Where migrations are remembered; no service reads it.
const BOOKKEEPING: &str = "_sqlx_migrations";

/// Something in the database that rights are given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing<'a> {
    /// A schema itself.
    Schema,
    /// A table of it.
    Table(&'a str),
    /// A view of it.
    View(&'a str),
    /// A function of it, by its name alone: two of one name are one thing.
    Function(&'a str),
}

/// A service, as Postgres knows it.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// The package's name, such as `room-svc`.
    pub service: &'static str,
    /// The role it logs in as.
    pub role: &'static str,
    /// The schema whose rows are its own.
    pub schema: &'static str,
    /// Tables of its own that it only reads: functions of the owner write them.
    pub only_reads: &'static [&'static str],
    /// What it may do with events of the log.
    pub events: Rights,
    /// Views of others that it reads, as `schema.name`.
    pub reads: &'static [&'static str],
    /// Functions of others that it calls, as `schema.name`.
    pub calls: &'static [&'static str],
}

impl Login {
    /// Returns the login of a service by its package's name; `None` for one without a database.
    #[must_use]
    pub fn of(service: &str) -> Option<&'static Self> {
        LOGINS.iter().find(|login| login.service == service)
    }

    /// Returns a login by its role.
    #[must_use]
    pub fn find(role: &str) -> Option<&'static Self> {
        LOGINS.iter().find(|login| login.role == role)
    }

    /// Says what it may do with a thing of a schema.
    #[must_use]
    pub fn rights(&self, schema: &str, thing: Thing<'_>) -> Rights {
        if schema == self.schema {
            self.own(thing)
        } else if schema == LOG {
            self.log(thing)
        } else {
            self.foreign(schema, thing)
        }
    }

    fn own(&self, thing: Thing<'_>) -> Rights {
        match thing {
            Thing::Schema => USE,
            Thing::Table(BOOKKEEPING) => NOTHING,
            Thing::Table(name) if self.only_reads.contains(&name) => READ,
            Thing::Table(_) => CHANGE,
            Thing::View(_) => READ,
            Thing::Function(_) => CALL,
        }
    }

    fn log(&self, thing: Thing<'_>) -> Rights {
        match thing {
            Thing::Schema => USE,
            Thing::Table("head") => BUMP,
            Thing::Table("event") => self.events,
            Thing::Function(_) => CALL,
            Thing::Table(_) | Thing::View(_) => NOTHING,
        }
    }

    fn foreign(&self, schema: &str, thing: Thing<'_>) -> Rights {
        let holds = |list: &[&str], name: &str| {
            let mut named = list.iter().filter_map(|listed| listed.split_once('.'));
            named.any(|listed| listed == (schema, name))
        };
        let knows = |list: &[&str]| {
            let mut named = list.iter().filter_map(|listed| listed.split_once('.'));
            named.any(|(of, _)| of == schema)
        };
        match thing {
            Thing::Schema if knows(self.reads) || knows(self.calls) => USE,
            Thing::View(name) if holds(self.reads, name) => READ,
            Thing::Function(name) if holds(self.calls, name) => CALL,
            _ => NOTHING,
        }
    }
}

/// Lists every schema of the product: the log's, and one of each service.
pub fn schemas() -> impl Iterator<Item = &'static str> {
    let own = LOGINS.iter().map(|login| login.schema);
    std::iter::once(LOG).chain(own)
}
