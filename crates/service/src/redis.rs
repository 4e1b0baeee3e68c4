//! Where Redis is, and how a process knows that it is the right one.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use redis::{Client, TlsCertificates};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::authority;

/// What an address begins with when TLS is spoken.
const OVER_TLS: &str = "rediss://";

/// `[redis]`: where things are kept that may be lost at any time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// `HUBBUB_REDIS__URL`: `redis://` in clear, `rediss://` over TLS; may hold a password.
    pub url: SecretString,
    /// `HUBBUB_REDIS__CA_FILE`: certificates of the authorities, as PEM, that alone are believed; the system's unless told.
    #[serde(default)]
    pub ca_file: PathBuf,
}

impl RedisSettings {
    /// Describes a Redis at an address, with the system's authorities.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.into(),
            ca_file: PathBuf::new(),
        }
    }

    /// Prepares connections; none is made, so Redis may be away.
    ///
    /// # Errors
    /// When the address is none, or the file cannot be read, holds no certificate, or is given with an address in clear.
    pub fn client(&self) -> anyhow::Result<Client> {
        let url = self.url.expose_secret();
        if self.ca_file.as_os_str().is_empty() {
            return Client::open(url).context("redis.url");
        }
        ensure!(
            url.starts_with(OVER_TLS),
            "redis.ca_file is set, but redis.url does not begin with {OVER_TLS}"
        );
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: Some(authority::read(&self.ca_file).context("redis.ca_file")?),
        };
        Client::build_with_tls(url, certificates).context("redis.url")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct-horse";

    #[test]
    fn what_is_wrong_is_named_and_the_password_is_not() {
        let at = |scheme: &str, file: &str| RedisSettings {
            url: format!("{scheme}://:{PASSWORD}@localhost:6379").into(),
            ca_file: file.into(),
        };
        for (settings, name) in [
            (at("redis", "/nowhere/ca.pem"), "redis.ca_file"),
            (at("rediss", "/nowhere/ca.pem"), "/nowhere/ca.pem"),
            (at("http", ""), "redis.url"),
        ] {
            let error = settings.client().expect_err("refused");
            let said = format!("{error:#} {error:?} {settings:?}");
            assert!(said.contains(name), "{said}");
            assert!(!said.contains(PASSWORD), "{said}");
        }
        assert!(at("rediss", "").client().is_ok());
    }
}
