//! The other services as far as auth-svc calls them: over the bus, with what a test wants them to answer.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request as HttpRequest, Response as HttpResponse};
use proto::{id::UserId, moderation, room, social};
use rpc::ServeOptions;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::Service;

/// What the neighbours were asked, and what they answer.
#[derive(Clone, Default)]
pub(crate) struct Neighbours {
    state: Arc<Mutex<State>>,
    /// Whoever holds it lets every answer wait.
    gate: Arc<RwLock<()>>,
}

#[derive(Default)]
struct State {
    asked: Vec<String>,
    are_away: bool,
    rounds: usize,
}

impl Neighbours {
    /// Serves all three on a bus.
    pub(crate) async fn start(
        nats: &testkit::Nats,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let neighbours = Self::default();
        serve(Room(neighbours.clone()), nats, tasks, stop).await;
        serve(Social(neighbours.clone()), nats, tasks, stop).await;
        serve(Moderation(neighbours.clone()), nats, tasks, stop).await;
        neighbours
    }

    /// Lets every service fail, or answer again.
    pub(crate) fn are_away(&self, are_away: bool) {
        self.state.lock().expect("not poisoned").are_away = are_away;
    }

    /// Lets the next so many erasures be unfinished.
    pub(crate) fn need_rounds(&self, rounds: usize) {
        self.state.lock().expect("not poisoned").rounds = rounds;
    }

    /// Returns what was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("not poisoned").asked)
    }

    /// Lets every answer wait until the guard is dropped.
    pub(crate) async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.gate).write_owned().await
    }

    /// Waits for a question and returns what was asked.
    pub(crate) async fn until_asked(&self) -> Vec<String> {
        let asked = async {
            loop {
                match self.asked() {
                    asked if asked.is_empty() => tokio::task::yield_now().await,
                    asked => return asked,
                }
            }
        };
        let patience = Duration::from_secs(10);
        tokio::time::timeout(patience, asked)
            .await
            .expect("a question")
    }

    /// Writes a question down; answers whether all is done.
    async fn ask(&self, question: String) -> Result<bool, Status> {
        self.state
            .lock()
            .expect("not poisoned")
            .asked
            .push(question);
        let _open = self.gate.read().await;
        let mut state = self.state.lock().expect("not poisoned");
        if state.are_away {
            return Err(Status::unavailable("away"));
        }
        let is_done = state.rounds == 0;
        state.rounds = state.rounds.saturating_sub(1);
        Ok(is_done)
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<HttpResponse<Body>, Infallible>> + Send>>;

async fn serve<S>(service: S, nats: &testkit::Nats, tasks: &TaskTracker, stop: &CancellationToken)
where
    S: Service<HttpRequest<Body>, Response = HttpResponse<Body>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let (client, options) = (nats.client.clone(), ServeOptions::default());
    rpc::serve(client, service, options, tasks.clone(), stop.clone())
        .await
        .expect("the bus serves");
}

/// Answers one method.
async fn unary<Q, A, F>(
    request: HttpRequest<Body>,
    answer: impl Fn(Q) -> F + Send + 'static,
) -> Result<HttpResponse<Body>, Infallible>
where
    Q: prost::Message + Default + 'static,
    A: prost::Message + Default + 'static,
    F: Future<Output = Result<A, Status>> + Send + 'static,
{
    let method = tower::service_fn(move |request: Request<Q>| {
        let answer = answer(request.into_inner());
        async { answer.await.map(Response::new) }
    });
    let mut grpc = Grpc::new(ProstCodec::<A, Q>::default());
    Ok(grpc.unary(method, request).await)
}

macro_rules! neighbours {
    ($($type:ident is $name:literal, $messages:ident;)*) => {$(
        #[derive(Clone)]
        struct $type(Neighbours);

        impl NamedService for $type {
            const NAME: &'static str = $name;
        }

        impl Service<HttpRequest<Body>> for $type {
            type Response = HttpResponse<Body>;
            type Error = Infallible;
            type Future = Answering;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: HttpRequest<Body>) -> Answering {
                let neighbours = self.0.clone();
                if request.uri().path().ends_with("/RenameUser") {
                    return Box::pin(unary(request, move |asked: room::RenameUserRequest| {
                        let neighbours = neighbours.clone();
                        async move {
                            let question = renamed(&asked.user_id, &asked.name);
                            neighbours.ask(question).await?;
                            Ok(room::RenameUserResponse {})
                        }
                    }));
                }
                assert_eq!(request.uri().path(), concat!("/", $name, "/EraseUser"));
                Box::pin(unary(request, move |asked: $messages::EraseUserRequest| {
                    assert_eq!(asked.tenant, "default");
                    let neighbours = neighbours.clone();
                    async move {
                        let question = format!("{} erases {}", stringify!($messages), asked.user_id);
                        let is_done = neighbours.ask(question).await?;
                        Ok($messages::EraseUserResponse { is_done })
                    }
                }))
            }
        }
    )*};
}

neighbours! {
    Room is "hubbub.room.v1.RoomService", room;
    Social is "hubbub.social.v1.SocialService", social;
    Moderation is "hubbub.moderation.v1.ModerationService", moderation;
}

/// How a rename is written down.
pub(crate) fn renamed(user_id: &str, name: &str) -> String {
    format!("room names {user_id} {name}")
}

/// How an erasure is written down.
pub(crate) fn erased(service: &str, user_id: UserId) -> String {
    format!("{service} erases {user_id}")
}
