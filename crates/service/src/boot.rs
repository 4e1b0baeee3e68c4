//! The life of a process, from its arguments to its last span.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use async_nats::ConnectOptions;
use clap::{Parser, Subcommand};
use rpc::NatsChannel;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Check, Kit, Mount, Service, admin,
    config::{self, Settings},
    health::Readiness,
    probe,
    telemetry::Telemetry,
};

/// How long the bus may take to be reached the first time.
const NATS_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A silent bus is noticed after two of these.
const NATS_PING_EVERY: Duration = Duration::from_secs(2);
/// Reconnects are this far apart at most; G5 promises to be whole within 5 s.
const NATS_RECONNECT_CAP: Duration = Duration::from_secs(1);

/// How long each of the last steps of a shutdown may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until SIGTERM (the default).
    Run,
    /// Brings the database up to date and exits.
    Migrate,
}

/// Runs a service: the body of every `main.rs`.
pub fn main<S: Service>() -> ExitCode {
    // Several libraries pick a TLS provider by luck when none is installed; installing twice is harmless.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match start::<S>(&Arguments::parse().command.unwrap_or(Command::Run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(
                clippy::print_stderr,
                reason = "the last words of a process that may not have logs yet"
            )]
            {
                eprintln!("{}: {error:#}", S::NAME);
            }
            ExitCode::FAILURE
        }
    }
}

fn start<S: Service>(command: &Command) -> anyhow::Result<()> {
    let (settings, own) = config::load::<S>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("runtime")?;
    runtime.block_on(async {
        let telemetry = Telemetry::start(S::NAME, &settings.telemetry)?;
        let ended = match command {
            Command::Migrate => migrate::<S>(&settings).await,
            Command::Run => run::<S>(&settings, own, &telemetry).await,
        };
        tokio::task::block_in_place(|| telemetry.flush());
        ended
    })
}

async fn migrate<S: Service>(settings: &Settings) -> anyhow::Result<()> {
    let migrators = S::migrators();
    if migrators.is_empty() {
        return Ok(());
    }
    let Some(pg) = &settings.pg else {
        bail!("{} needs a [pg] section (HUBBUB_PG__URL)", S::NAME)
    };
    let url = secrecy::ExposeSecret::expose_secret(&pg.url);
    let mut connection = PgConnection::connect(url).await.context("postgres")?;
    for migrator in migrators {
        // Takes an advisory lock on the database, so services that start together wait for each other.
        migrator.run(&mut connection).await.context("migration")?;
    }
    Ok(())
}

async fn run<S: Service>(
    settings: &Settings,
    own: S::Config,
    telemetry: &Telemetry,
) -> anyhow::Result<()> {
    migrate::<S>(settings).await?;
    let kit = kit(S::NAME, settings).await?;
    let app = S::build(own, &kit).await.context("build")?;
    let mut mount = Mount::new(kit.clone());
    app.mount(&mut mount);
    let readiness = Readiness::new(checks(&kit, app.checks()));
    // The internal ports outlive `stop`: probes and metrics answer until the very end.
    let last = CancellationToken::new();
    let internal = TaskTracker::new();
    let listener = TcpListener::bind(settings.http.listen)
        .await
        .context("http.listen")?;
    internal.spawn(probe::serve(
        listener,
        readiness.clone(),
        telemetry.metrics.clone(),
        last.clone(),
    ));
    if !mount.names.is_empty() {
        let listener = TcpListener::bind(settings.grpc.listen)
            .await
            .context("grpc.listen")?;
        let (routes, names) = (std::mem::take(&mut mount.routes), mount.names.clone());
        internal.spawn(admin::serve(
            listener,
            routes,
            names,
            readiness.clone(),
            last.clone(),
        ));
    }
    for serving in mount.serving.drain(..) {
        serving.await.context("serve")?;
    }
    tracing::info!(event_type = "service_started", "{} is up", S::NAME);
    signal().await?;
    shut_down(settings, &kit, &readiness).await;
    last.cancel();
    internal.close();
    // A scraper that keeps its connection open must not keep the process.
    let _ = tokio::time::timeout(LAST_WORDS, internal.wait()).await;
    tracing::info!(event_type = "service_stopped", "{} is down", S::NAME);
    Ok(())
}

async fn kit(name: &'static str, settings: &Settings) -> anyhow::Result<Kit> {
    let nats = connect_nats(name, &settings.nats.url)
        .await
        .context("nats")?;
    let pg: Option<PgPool> = match &settings.pg {
        Some(settings) => Some(pg::connect(settings, name).await.context("postgres")?),
        None => None,
    };
    Ok(Kit {
        channel: NatsChannel::new(nats.clone()),
        nats,
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
        pg,
    })
}

async fn connect_nats(
    name: &str,
    url: &str,
) -> Result<async_nats::Client, async_nats::ConnectError> {
    ConnectOptions::new()
        .name(name)
        .connection_timeout(NATS_CONNECT_TIMEOUT)
        .ping_interval(NATS_PING_EVERY)
        .retry_on_initial_connect()
        .subscription_capacity(8_192)
        .custom_inbox_prefix(format!("_INBOX_{}", name.replace('-', "_")))
        .reconnect_delay_callback(|attempts| {
            // Full jitter, from the attempt's own random bits: two clients must not come back in the same instant.
            let ceiling = Duration::from_millis(50 << attempts.min(5)).min(NATS_RECONNECT_CAP);
            ceiling.mul_f64(f64::from(uuid::Uuid::new_v4().as_u128() as u16) / f64::from(u16::MAX))
        })
        .connect(url)
        .await
}

fn checks(kit: &Kit, mut checks: Vec<Check>) -> Vec<Check> {
    let nats = kit.nats.clone();
    checks.push(Check::new("nats", move || {
        let nats = nats.clone();
        async move { nats.flush().await.map_err(|_| "not connected".into()) }
    }));
    if let Some(pool) = kit.pg.clone() {
        checks.push(Check::new("postgres", move || {
            let pool = pool.clone();
            async move {
                let mut connection = pool
                    .acquire()
                    .await
                    .map_err(|_| String::from("not connected"))?;
                connection.ping().await.map_err(|_| "no answer".into())
            }
        }));
    }
    checks
}

/// Waits for SIGTERM or SIGINT.
async fn signal() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).context("signals")?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt()).context("signals")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Not ready → lag → no new work → what is under way → stores.
async fn shut_down(settings: &Settings, kit: &Kit, readiness: &Readiness) {
    readiness.drain();
    tokio::time::sleep(Duration::from_millis(settings.shutdown.lag_ms)).await;
    kit.stop.cancel();
    kit.tasks.close();
    let grace = Duration::from_millis(settings.shutdown.grace_ms);
    if tokio::time::timeout(grace, kit.tasks.wait()).await.is_err() {
        tracing::warn!(
            unfinished = kit.tasks.len(),
            "the grace period ended before the work did"
        );
    }
    // The stores may be gone already, and neither call gives up by itself.
    let _ = tokio::time::timeout(LAST_WORDS, kit.nats.flush()).await;
    if let Some(pool) = &kit.pg {
        let _ = tokio::time::timeout(LAST_WORDS, pool.close()).await;
    }
}
