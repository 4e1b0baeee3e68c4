//! Where a service registers what it serves and runs.

use std::{convert::Infallible, future::Future, pin::Pin};

use http::{Request, Response};
use rpc::{AccessTable, Gate, Keyring, ServeOptions};
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, server::NamedService, service::Routes};
use tower::Service as TowerService;

use crate::Kit;

type Serving = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Collects the gRPC services and background tasks of a process.
pub struct Mount {
    kit: Kit,
    keyring: Keyring,
    pub(crate) routes: Routes,
    pub(crate) names: Vec<&'static str>,
    pub(crate) serving: Vec<Serving>,
}

impl Mount {
    pub(crate) fn new(kit: Kit) -> Self {
        let keyring = Keyring::remote(kit.channel.clone());
        Self {
            kit,
            keyring,
            routes: Routes::default(),
            names: Vec::new(),
            serving: Vec::new(),
        }
    }

    /// Serves a generated server over NATS and over HTTP/2, behind its permission table.
    pub fn rpc<S>(&mut self, server: S, table: AccessTable)
    where
        S: TowerService<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        let gate = Gate::new(server, table, self.keyring.clone());
        self.names.push(S::NAME);
        self.routes = std::mem::take(&mut self.routes).add_service(gate.clone());
        let kit = self.kit.clone();
        self.serving.push(Box::pin(async move {
            Ok(rpc::serve(kit.nats, gate, ServeOptions::default(), kit.tasks, kit.stop).await?)
        }));
    }

    /// Serves a generated server over NATS to whoever addresses this one process by its instance name.
    pub fn rpc_of_instance<S>(&mut self, server: S, table: AccessTable, instance: &str)
    where
        S: TowerService<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        let gate = Gate::new(server, table, self.keyring.clone());
        let options = ServeOptions {
            instance: Some(instance.into()),
            ..ServeOptions::default()
        };
        let kit = self.kit.clone();
        self.serving.push(Box::pin(async move {
            Ok(rpc::serve(kit.nats, gate, options, kit.tasks, kit.stop).await?)
        }));
    }

    /// Runs a background task until `stop` is cancelled; shutdown waits for it.
    pub fn task<F>(&mut self, name: &'static str, run: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let work = run(self.kit.stop.clone());
        self.kit.tasks.spawn(async move {
            work.await;
            tracing::debug!(task = name, "background task ended");
        });
    }
}
