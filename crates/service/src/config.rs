//! Configuration: compiled-in defaults ← a file ← the environment.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use figment::{
    Figment, Provider,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::Service;

/// Defaults of the sections that every service has.
const DEFAULTS: &str = include_str!("../default.toml");
/// Sections that any service may have.
const COMMON: [&str; 6] = ["nats", "telemetry", "http", "grpc", "shutdown", "pg"];

/// The sections that every service has.
pub(crate) struct Settings {
    pub(crate) nats: NatsSettings,
    pub(crate) telemetry: TelemetrySettings,
    pub(crate) http: ListenSettings,
    pub(crate) grpc: ListenSettings,
    pub(crate) shutdown: ShutdownSettings,
    pub(crate) pg: Option<pg::Settings>,
}

/// `[nats]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NatsSettings {
    pub(crate) url: String,
    /// Holds the seed of this process's key; empty for a bus that asks for none.
    pub(crate) nkey_file: PathBuf,
    /// Certificates of the authorities that alone are believed, and TLS with it; empty for what the bus offers.
    pub(crate) ca_file: PathBuf,
}

/// `[telemetry]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelemetrySettings {
    pub(crate) otlp_endpoint: String,
    /// Certificates of the authorities that alone are believed; empty for the system's.
    pub(crate) otlp_ca_file: PathBuf,
    /// Share of the traces begun here that are sent.
    pub(crate) sample_ratio: f64,
    pub(crate) log_format: LogFormat,
    pub(crate) filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Json,
    Text,
}

/// `[http]` and `[grpc]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListenSettings {
    pub(crate) listen: SocketAddr,
}

/// `[shutdown]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShutdownSettings {
    pub(crate) lag_ms: u64,
    pub(crate) grace_ms: u64,
}

/// Reads and validates everything, or says which key is wrong.
///
/// `HUBBUB_CONFIG` names an optional TOML file; `HUBBUB_<SECTION>__<KEY>` overrides one key.
pub(crate) fn load<S: Service>() -> anyhow::Result<(Settings, S::Config)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let file = std::env::var("HUBBUB_CONFIG").ok().map(PathBuf::from);
    let mut figment = Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(S::DEFAULTS));
    if let Some(file) = file {
        figment = figment.merge(Toml::file_exact(file));
    }
    read::<S::Config>(&figment.merge(environment()), S::DEFAULTS)
}

fn environment() -> Env {
    // Only `SECTION__KEY` names are configuration; others, such as HUBBUB_CONFIG, have their own readers.
    Env::prefixed("HUBBUB_")
        .filter(|key| key.as_str().contains("__"))
        .split("__")
}

fn read<C: DeserializeOwned>(
    figment: &Figment,
    own_defaults: &str,
) -> anyhow::Result<(Settings, C)> {
    refuse_unknown_sections(figment, own_defaults)?;
    let settings = Settings {
        nats: section(figment, "nats")?,
        telemetry: section(figment, "telemetry")?,
        http: section(figment, "http")?,
        grpc: section(figment, "grpc")?,
        shutdown: section(figment, "shutdown")?,
        pg: if figment.contains("pg") {
            Some(section(figment, "pg")?)
        } else {
            None
        },
    };
    let own = figment.extract().context("configuration")?;
    Ok((settings, own))
}

fn section<T: DeserializeOwned>(figment: &Figment, name: &str) -> anyhow::Result<T> {
    figment
        .extract_inner(name)
        .with_context(|| format!("configuration section [{name}]"))
}

fn refuse_unknown_sections(figment: &Figment, own_defaults: &str) -> anyhow::Result<()> {
    let own = Figment::from(Toml::string(own_defaults))
        .data()
        .context("defaults")?;
    let own: Vec<String> = own
        .into_values()
        .flat_map(|dict| dict.into_keys().collect::<Vec<_>>())
        .collect();
    let all = figment.data().context("configuration")?;
    for section in all
        .into_values()
        .flat_map(|dict| dict.into_keys().collect::<Vec<_>>())
    {
        if !COMMON.contains(&section.as_str()) && !own.contains(&section) {
            bail!("configuration: unknown section [{section}]");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Own {
        chat: Chat,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Chat {
        size: u32,
    }

    const OWN: &str = "[chat]\nsize = 1\n";

    fn with(extra: &str) -> anyhow::Result<(Settings, Own)> {
        let sources = [DEFAULTS, OWN, extra].map(Toml::string);
        read(
            &sources.into_iter().fold(Figment::new(), Figment::merge),
            OWN,
        )
    }

    #[test]
    fn later_sources_win_and_absent_postgres_is_none() {
        let (settings, own) = with("[chat]\nsize = 7\n").expect("valid");
        assert_eq!(own.chat.size, 7);
        assert!(settings.pg.is_none());
    }

    #[test]
    fn unknown_keys_and_sections_are_named() {
        for (extra, name) in [
            ("[chat]\nsise = 7\n", "sise"),
            ("[chad]\nsize = 7\n", "chad"),
        ] {
            let error = with(extra)
                .err()
                .map(|error| format!("{error:#}"))
                .unwrap_or_default();
            assert!(error.contains(name), "{error}");
        }
    }
}
