//! The connection to the bus, with the process's own key.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, bail};
use async_nats::{Client, ConnectOptions, Event, ServerAddr, ServerError};
use nkeys::{KeyPair, KeyPairType};
use secrecy::{ExposeSecret, SecretString};

use crate::{authority, config::NatsSettings};

/// How long the bus may take to be reached the first time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A silent bus is noticed after two of these.
const PING_EVERY: Duration = Duration::from_secs(2);
/// Reconnects are this far apart at most; G5 promises to be whole within 5 s.
const RECONNECT_CAP: Duration = Duration::from_secs(1);
/// What the bus says of a subject that its table does not give us.
const REFUSAL: &str = "permissions violation";

/// Connects, or begins to: a bus that is away, or does not know the key yet, is tried again for ever.
///
/// # Errors
/// When the file of the key cannot be read or holds no seed, that of the authorities holds none, or the address is no
/// address.
pub(crate) async fn connect(name: &str, settings: &NatsSettings) -> anyhow::Result<Client> {
    let mut options = options(name);
    if settings.nkey_file.as_os_str().is_empty() {
        tracing::warn!(
            event_type = "bus_open",
            "nats.nkey_file is not set: this works only with a bus on which everybody may say and hear everything"
        );
    } else {
        let seed = seed(&settings.nkey_file)
            .with_context(|| format!("nats.nkey_file {}", settings.nkey_file.display()))?;
        options = options.nkey(seed.expose_secret().to_owned());
    }
    if !settings.ca_file.as_os_str().is_empty() {
        authority::read(&settings.ca_file).context("nats.ca_file")?;
        options = options
            .add_root_certificates(settings.ca_file.clone())
            .require_tls(true);
    }
    let servers = servers(&settings.url).context("nats.url")?;
    options.connect(servers).await.context("nats.url")
}

/// Reads the addresses of the bus: one, or those of a cluster's servers with commas between.
fn servers(text: &str) -> std::io::Result<Vec<ServerAddr>> {
    let nothing = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "an address is empty");
    text.split(',')
        .map(|address| match address.trim() {
            "" => Err(nothing()),
            address => address.parse(),
        })
        .collect()
}

fn options(name: &str) -> ConnectOptions {
    ConnectOptions::new()
        .name(name)
        .connection_timeout(CONNECT_TIMEOUT)
        .ping_interval(PING_EVERY)
        .retry_on_initial_connect()
        .subscription_capacity(8_192)
        .custom_inbox_prefix(proto::subject::inbox_prefix(name))
        .reconnect_delay_callback(|attempts| {
            // Full jitter, from the attempt's own random bits: two clients must not come back in the same instant.
            let ceiling = Duration::from_millis(50 << attempts.min(5)).min(RECONNECT_CAP);
            ceiling.mul_f64(f64::from(uuid::Uuid::new_v4().as_u128() as u16) / f64::from(u16::MAX))
        })
        .event_callback(|event| async move { note(&event) })
}

/// Reads a seed and makes sure that it is one: no message says more of it than where it stands.
fn seed(file: &Path) -> anyhow::Result<SecretString> {
    let text = SecretString::from(fs::read_to_string(file)?);
    let seed = text.expose_secret().trim();
    match KeyPair::from_seed(seed) {
        Ok(pair) if pair.key_pair_type() == KeyPairType::User => Ok(seed.to_owned().into()),
        Ok(_) => bail!("is a key, but not a user's"),
        Err(_) => bail!("holds no seed of a key"),
    }
}

/// A refusal is a fault in the table of permissions, or somebody who speaks with our key: either way someone must look.
fn note(event: &Event) {
    let Event::ServerError(ServerError::Other(text)) = event else {
        return;
    };
    if text.to_lowercase().contains(REFUSAL) {
        metrics::counter!("bus_refusals_total").increment(1);
        tracing::error!(event_type = "bus_refused", refusal = %text.escape_debug(), "the bus refused a subject");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn kept(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        file
    }

    #[test]
    fn a_cluster_has_many_addresses_and_none_may_be_wrong() {
        let read = |text| servers(text).map(|all| all.iter().map(ServerAddr::port).collect());
        assert_eq!(read("nats://one:4222").ok(), Some(vec![4222]));
        let cluster = "nats://one:4222, nats://two:4223,three:4224";
        assert_eq!(read(cluster).ok(), Some(vec![4222, 4223, 4224]));
        for wrong in [
            "",
            "nats://one:4222,",
            "nats://one:4222,nats://two:x",
            "http://one",
        ] {
            assert!(servers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_seed_is_read_and_what_is_none_is_never_repeated() {
        let user = KeyPair::new_user().seed().expect("a seed");
        let read = seed(kept(&format!("{user}\n")).path()).expect("read");
        assert_eq!(read.expose_secret(), user);
        assert!(!format!("{read:?}").contains(&user));
        let account = KeyPair::new_account().seed().expect("a seed");
        for text in ["", "SUNOTASEED", &account, &user[1..]] {
            let error = seed(kept(text).path()).expect_err("no user's seed");
            let said = format!("{error:#} {error:?}");
            assert!(text.is_empty() || !said.contains(text), "{said}");
        }
        assert!(seed(Path::new("/nowhere/at/all")).is_err());
    }
}
