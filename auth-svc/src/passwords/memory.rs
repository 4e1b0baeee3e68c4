//! The memory that password hashes work in: taken once, lent to one hash after the other, never given back.
//!
//! The library would ask for new memory with every hash, 19 MiB at an address that is a multiple of 64. An allocator that
//! cuts such a piece out of a larger one cannot fit the next hash into the hole, and goes on behind it: every process came
//! to hold what fifteen hashes need, though two run at a time.

use anyhow::{Context, anyhow};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

/// As many memories as hashes run at a time.
pub(super) struct Memories {
    /// Those that no hash works in.
    idle: Mutex<Vec<Memory>>,
    /// Blocks of each, of a KiB.
    blocks: usize,
}

/// What one hash works in.
pub(super) struct Memory(Vec<Block>);

impl Memories {
    /// Takes the memory of so many hashes with these parameters.
    pub(super) fn new(params: &Params, hashes: usize) -> Self {
        let blocks = params.block_count();
        let idle = (0..hashes).map(|_| Memory::new(blocks)).collect();
        Self {
            idle: Mutex::new(idle),
            blocks,
        }
    }

    /// Works in a memory that no other hash works in. The caller sees to it that no more work at a time than were taken.
    pub(super) fn lend<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        let idle = self.idle.lock().pop();
        // A hash that panicked has not brought its memory back.
        let mut memory = idle.unwrap_or_else(|| Memory::new(self.blocks));
        let result = work(&mut memory);
        self.idle.lock().push(memory);
        result
    }
}

impl Memory {
    fn new(blocks: usize) -> Self {
        Self(vec![Block::new(); blocks])
    }

    /// Returns the PHC string of a new password.
    pub(super) fn hash(
        &mut self,
        params: &Params,
        password: &SecretString,
    ) -> anyhow::Result<String> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let salt = Salt::generate();
        let output = self.output(&argon2, password, &salt)?;
        let params = ParamsString::try_from(params).map_err(|error| anyhow!("argon2: {error}"))?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params,
            salt: Some(salt),
            hash: Some(output),
        };
        Ok(phc.to_string())
    }

    /// Tells whether a password is the one of a hash, which says itself how it was made.
    pub(super) fn verify(&mut self, password: &SecretString, phc: &str) -> anyhow::Result<bool> {
        let stored = PasswordHash::new(phc).context("the stored hash is none")?;
        let told = |error| anyhow!("argon2: {error}");
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(told)?;
        let version = stored.version.map_or(Ok(Version::default()), |version| {
            Version::try_from(version).map_err(|error| anyhow!("argon2: {error}"))
        })?;
        let params = Params::try_from(&stored).map_err(told)?;
        let (salt, output) = stored
            .salt
            .zip(stored.hash)
            .context("the stored hash has no end")?;
        let argon2 = Argon2::new(algorithm, version, params);
        // Outputs are compared in constant time.
        Ok(self.output(&argon2, password, &salt)? == output)
    }

    fn output(
        &mut self,
        argon2: &Argon2<'_>,
        password: &SecretString,
        salt: &Salt,
    ) -> anyhow::Result<Output> {
        let params = argon2.params();
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let mut room = [0; Output::MAX_LENGTH];
        let out = room.get_mut(..length).context("the hash is too long")?;
        let password = password.expose_secret().as_bytes();
        let done = if params.block_count() <= self.0.len() {
            argon2.hash_password_into_with_memory(password, salt, out, &mut self.0)
        } else {
            // Made when hashes cost more than today. It has what it needs for once, and the memory stays as it is.
            argon2.hash_password_into(password, salt, out)
        };
        done.map_err(|error| anyhow!("argon2: {error}"))?;
        Output::new(out).map_err(|error| anyhow!("argon2: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    fn params(memory_kib: u32) -> Params {
        Params::new(memory_kib, 2, 1, None).expect("valid")
    }

    /// What the library makes without a memory of ours is the same.
    #[test]
    fn hashes_are_those_of_the_library() {
        let memories = Memories::new(&params(64), 1);
        let password = SecretString::from("correct horse");
        let hash = || memories.lend(|memory| memory.hash(&params(64), &password));
        // The second works in what the first left behind.
        for phc in [hash().expect("hash"), hash().expect("hash")] {
            let verified = Argon2::default().verify_password(b"correct horse", phc.as_str());
            assert_eq!(verified, Ok(()), "{phc}");
        }
        for memory_kib in [8, 64, 256] {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(memory_kib));
            let phc = argon2.hash_password(b"correct horse").expect("hash");
            let phc = phc.to_string();
            let verify = |text: &str| {
                let password = SecretString::from(text.to_owned());
                memories.lend(|memory| memory.verify(&password, &phc))
            };
            assert!(verify("correct horse").expect("verified"), "{phc}");
            assert!(!verify("wrong horse").expect("verified"), "{phc}");
        }
        let broken =
            memories.lend(|memory| memory.verify(&password, "$argon2id$v=19$m=64,t=2,p=1"));
        assert!(broken.is_err());
    }

    /// However many hashes there were, and whatever they cost: what is held is what was taken at first.
    #[test]
    fn memory_is_taken_once() {
        let memories = Memories::new(&params(64), 2);
        let held = || {
            let mut held: Vec<_> = memories
                .idle
                .lock()
                .iter()
                .map(|memory| (memory.0.as_ptr(), memory.0.capacity()))
                .collect();
            held.sort_unstable();
            held
        };
        let before = held();
        assert_eq!(before.iter().map(|(_, blocks)| blocks).sum::<usize>(), 128);
        let hash = |kib| {
            let phc = memories.lend(|memory| memory.hash(&params(kib), &"correct horse".into()));
            assert!(phc.is_ok(), "{phc:?}");
        };
        std::thread::scope(|scope| {
            for kib in [8, 64] {
                scope.spawn(move || (0..20).for_each(|_| hash(kib)));
            }
        });
        hash(256);
        assert_eq!(held(), before);
    }
}
