//! The memory that password hashes work in: taken once by each thread, for one hash after the other, never given back.
//!
//! The library would ask for new memory with every hash, 19 MiB at an address that is a multiple of 64. An allocator that
//! cuts such a piece out of a larger one cannot fit the next hash into the hole, and goes on behind it: every process came
//! to hold what fifteen hashes need, though two run at a time.

use anyhow::{Context, anyhow};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};

/// What one hash works in.
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Takes the memory of hashes with these parameters.
    pub(super) fn new(params: &Params) -> Self {
        Self(vec![Block::new(); params.block_count()])
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
        let mut memory = Memory::new(&params(64));
        let password = SecretString::from("correct horse");
        let mut hash = || memory.hash(&params(64), &password);
        // The second works in what the first left behind.
        for phc in [hash().expect("hash"), hash().expect("hash")] {
            let verified = Argon2::default().verify_password(b"correct horse", phc.as_str());
            assert_eq!(verified, Ok(()), "{phc}");
        }
        for memory_kib in [8, 64, 256] {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(memory_kib));
            let phc = argon2.hash_password(b"correct horse").expect("hash");
            let phc = phc.to_string();
            let mut verify = |text: &str| memory.verify(&SecretString::from(text), &phc);
            assert!(verify("correct horse").expect("verified"), "{phc}");
            assert!(!verify("wrong horse").expect("verified"), "{phc}");
        }
        let broken = memory.verify(&password, "$argon2id$v=19$m=64,t=2,p=1");
        assert!(broken.is_err());
    }

    /// However many hashes there were, and whatever they cost: what is held is what was taken at first.
    #[test]
    fn memory_is_taken_once() {
        let mut memory = Memory::new(&params(64));
        let held = |memory: &Memory| (memory.0.as_ptr(), memory.0.capacity());
        let before = held(&memory);
        assert_eq!(before.1, 64);
        for kib in [8, 64, 64, 256, 8] {
            let phc = memory.hash(&params(kib), &"correct horse".into());
            assert!(phc.is_ok(), "{phc:?}");
        }
        assert_eq!(held(&memory), before);
    }
}
