//! What everyone asks of Postgres who comes with a credential, asked once for all who come at the same time.
//!
//! Answers are as fresh as if each had asked alone: a ban or an ending that was acknowledged before somebody came is seen.

use std::{net::IpAddr, sync::Arc};

use pg::Gather;
use proto::id::{Tenant, UserId};
use sqlx::PgPool;

use crate::{
    db::{
        addresses,
        found::{self, Key, Use},
        moderation,
    },
    sessions::Found,
};

/// Most people of one statement: as many as come in within what a slow one takes.
const MOST: usize = 500;

type Gathered<Q, A> = Gather<Q, A, Arc<sqlx::Error>>;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Crowd {
    /// Whether somebody is banned.
    pub(crate) bans: Gathered<(Tenant, UserId), bool>,
    /// Sessions by id or token.
    pub(crate) sessions: Gathered<Key, Option<Found>>,
    /// Sessions that are used; the answer is the new end of one whose end was moved.
    pub(crate) uses: Gathered<Use, Option<i64>>,
    /// From where an account is used.
    pub(crate) sightings: Gathered<(Tenant, UserId, IpAddr), ()>,
}

impl Crowd {
    pub(crate) fn new(db: &PgPool) -> Self {
        let pool = db.clone();
        let bans = Gather::new(MOST, move |people: Vec<_>| {
            let pool = pool.clone();
            async move { Ok(moderation::list_banned(&pool, &people).await?) }
        });
        let pool = db.clone();
        let found = Gather::new(MOST, move |keys: Vec<_>| {
            let pool = pool.clone();
            async move { Ok(found::list_found(&pool, &keys).await?) }
        });
        let pool = db.clone();
        let uses = Gather::new(MOST, move |uses: Vec<_>| {
            let pool = pool.clone();
            async move { Ok(found::update_last_seen(&pool, &uses).await?) }
        });
        let pool = db.clone();
        let sightings = Gather::new(MOST, move |seen: Vec<_>| {
            let pool = pool.clone();
            async move {
                addresses::insert_sightings(&pool, &seen).await?;
                Ok(vec![(); seen.len()])
            }
        });
        Self {
            bans,
            sessions: found,
            uses,
            sightings,
        }
    }
}
