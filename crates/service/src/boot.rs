//! The life of a process, from its arguments to its last span.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Parser, Subcommand};
use rpc::NatsChannel;
use sqlx::{Connection, PgPool};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Check, Kit, Mount, Service, admin, authority, bus,
    config::{self, Settings},
    database,
    health::Readiness,
    probe,
    telemetry::Telemetry,
};

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
    /// Brings the database up to date, with the rights of the services' roles, and exits.
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
            Command::Migrate => database::bring_up_to_date::<S>(&settings).await,
            Command::Run => run::<S>(&settings, own, &telemetry).await,
        };
        tokio::task::block_in_place(|| telemetry.flush());
        ended
    })
}

async fn run<S: Service>(
    settings: &Settings,
    own: S::Config,
    telemetry: &Telemetry,
) -> anyhow::Result<()> {
    if settings.pg.as_ref().is_none_or(|pg| pg.migrates_at_start) {
        database::bring_up_to_date::<S>(settings).await?;
    }
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
    let metrics = telemetry.metrics(kit.pg.clone());
    internal.spawn(metrics.clone().keep_up(last.clone()));
    internal.spawn(probe::serve(
        listener,
        readiness.clone(),
        metrics,
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
    let nats = bus::connect(name, &settings.nats).await?;
    let pg: Option<PgPool> = match &settings.pg {
        Some(settings) => {
            authority::check_address(&settings.url).context("pg.url")?;
            Some(pg::connect(settings, name).await.context("postgres")?)
        }
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
                    .map_err(|error| database::obstacle(&error))?;
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
