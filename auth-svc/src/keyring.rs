//! Signing keys: made, sealed, rotated and retired.
//!
//! A new key is published before it signs, and an old one stays published until the last token it signed is over.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    signature::{Ed25519KeyPair, KeyPair},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use parking_lot::RwLock;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{db::signing_keys, tokens};

/// How long a key is published before it signs: twice what verifiers may cache.
const PUBLISH_AHEAD_S: i32 = 20 * 60;
/// How often a replica looks for keys that others made or that became active.
pub(crate) const RELOAD_EVERY: Duration = Duration::from_secs(30);
/// How long an old key outlives its successor's start: the longest token, clock leeway, and a late reload.
const OUTLIVE_S: i32 = tokens::ACCESS_S as i32 + tokens::LEEWAY_S as i32 + 60;

/// A public key that verifies our tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Names the key in token headers.
    pub kid: String,
    /// 32 raw bytes.
    pub bytes: Vec<u8>,
}

/// The keys of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Keyring {
    shared: Arc<Shared>,
}

struct Shared {
    db: PgPool,
    master: RandomizedNonceKey,
    rotation_days: i32,
    /// What Postgres said last; replaced whole.
    loaded: RwLock<Arc<Loaded>>,
}

/// One reading of the table.
pub(crate) struct Loaded {
    pub(crate) signer: (String, EncodingKey),
    pub(crate) verifiers: HashMap<String, DecodingKey>,
    /// Postgres' clock when it was read, so that tokens are dated by it and not by this machine's.
    now_s: u64,
    read_at: Instant,
}

impl Loaded {
    /// Returns the time by Postgres' clock, seconds since the epoch.
    pub(crate) fn now_s(&self) -> u64 {
        self.now_s + self.read_at.elapsed().as_secs()
    }
}

impl Keyring {
    /// Reads the keys; makes the first one if there is none.
    ///
    /// # Errors
    /// When Postgres is away or the master key is not the one the keys were sealed with.
    pub async fn open(db: PgPool, master: &[u8; 32], rotation_days: i32) -> anyhow::Result<Self> {
        let master = RandomizedNonceKey::new(&AES_256_GCM, master)
            .map_err(|_| anyhow::anyhow!("the master key cannot be used"))?;
        make_if_due(&db, &master, rotation_days).await?;
        let loaded = RwLock::new(Arc::new(load(&db, &master).await?));
        let shared = Arc::new(Shared {
            db,
            master,
            rotation_days,
            loaded,
        });
        Ok(Self { shared })
    }

    /// Makes a key if the newest is too old, deletes those whose last token is over, and reads the table again.
    ///
    /// # Errors
    /// When Postgres is away.
    pub async fn refresh(&self) -> anyhow::Result<()> {
        let Shared {
            db,
            master,
            rotation_days,
            ..
        } = &*self.shared;
        make_if_due(db, master, *rotation_days).await?;
        signing_keys::delete_retired_keys(db).await?;
        let loaded = Arc::new(load(db, master).await?);
        *self.shared.loaded.write() = loaded;
        Ok(())
    }

    /// Returns every published key, as Postgres has them now.
    ///
    /// # Errors
    /// When Postgres is away.
    pub async fn published(&self) -> Result<Vec<PublicKey>, sqlx::Error> {
        let rows = signing_keys::list_keys(&self.shared.db).await?;
        Ok(rows
            .into_iter()
            .map(|row| PublicKey {
                kid: row.kid,
                bytes: row.public_key,
            })
            .collect())
    }

    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        self.shared.loaded.read().clone()
    }
}

async fn make_if_due(
    db: &PgPool,
    master: &RandomizedNonceKey,
    rotation_days: i32,
) -> anyhow::Result<()> {
    let mut transaction = pg::begin(db).await?;
    signing_keys::lock_rotation(&mut transaction).await?;
    if !signing_keys::is_key_due(&mut transaction, rotation_days).await? {
        return Ok(transaction.rollback().await?);
    }
    let pair = Ed25519KeyPair::generate().context("ed25519")?;
    let kid = format!("k-{}", Uuid::now_v7().as_simple());
    let document = pair.to_pkcs8().context("pkcs8")?;
    let sealed = seal(master, &kid, document.as_ref())?;
    signing_keys::insert_key(
        &mut transaction,
        &kid,
        pair.public_key().as_ref(),
        &sealed,
        PUBLISH_AHEAD_S,
    )
    .await?;
    signing_keys::update_predecessors(&mut transaction, &kid, OUTLIVE_S).await?;
    transaction.commit().await?;
    tracing::info!(key_id = kid, "made a signing key");
    Ok(())
}

async fn load(db: &PgPool, master: &RandomizedNonceKey) -> anyhow::Result<Loaded> {
    let read_at = Instant::now();
    let rows = signing_keys::list_keys(db).await?;
    // Newest first: the first active one signs.
    let signer = rows
        .iter()
        .find(|row| row.is_active)
        .context("no active signing key")?;
    let private = open(master, &signer.kid, &signer.sealed_private_key)?;
    let verifiers = rows
        .iter()
        .map(|row| (row.kid.clone(), DecodingKey::from_ed_der(&row.public_key)))
        .collect();
    Ok(Loaded {
        signer: (signer.kid.clone(), EncodingKey::from_ed_der(&private)),
        verifiers,
        now_s: u64::try_from(signer.now_s).context("postgres' clock is before 1970")?,
        read_at,
    })
}

fn seal(master: &RandomizedNonceKey, kid: &str, private: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut text = private.to_vec();
    let nonce = master
        .seal_in_place_append_tag(Aad::from(kid.as_bytes()), &mut text)
        .map_err(|_| anyhow::anyhow!("sealing failed"))?;
    Ok([nonce.as_ref().as_slice(), &text].concat())
}

fn open(master: &RandomizedNonceKey, kid: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (nonce, text) = sealed
        .split_at_checked(NONCE_LEN)
        .context("sealed key is too short")?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).context("nonce")?;
    let mut text = text.to_vec();
    let opened = master.open_in_place(nonce, Aad::from(kid.as_bytes()), &mut text);
    opened.map(|private| private.to_vec()).map_err(|_| {
        anyhow::anyhow!("auth.master_key is not the one the signing keys were sealed with")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_only_with_its_master_and_its_name() {
        let key = |byte| RandomizedNonceKey::new(&AES_256_GCM, &[byte; 32]).expect("32 bytes");
        let sealed = seal(&key(1), "k-1", b"private").expect("sealed");
        assert!(!sealed.windows(7).any(|part| part == b"private"));
        assert_eq!(open(&key(1), "k-1", &sealed).expect("opened"), b"private");
        assert!(open(&key(2), "k-1", &sealed).is_err());
        assert!(open(&key(1), "k-2", &sealed).is_err());
        assert!(open(&key(1), "k-1", &sealed[..5]).is_err());
    }
}
