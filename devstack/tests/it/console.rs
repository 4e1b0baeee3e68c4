//! What an administrator does at the admin ports, and a few things that several stories need.

use std::time::{Duration, Instant, SystemTime};

use devstack::{fleet::Kind, wait};
use serde_json::Value;
use testkit::{Frame, Socket};

use crate::stage::Stage;

/// An administrator with grpcurl.
pub(crate) struct Console<'a> {
    stage: &'a Stage,
    token: String,
}

/// Which service answers for a gRPC service's name.
const SERVICES: [(&str, &str, Kind); 4] = [
    ("AuthService", "hubbub.auth.v1", Kind::Auth),
    (
        "ModerationService",
        "hubbub.moderation.v1",
        Kind::Moderation,
    ),
    ("SocialService", "hubbub.social.v1", Kind::Social),
    ("RoomService", "hubbub.room.v1", Kind::Room),
];

impl<'a> Console<'a> {
    /// Logs the administrator in.
    pub(crate) async fn open(stage: &'a Stage) -> Self {
        Self::with_token(stage, stage.admin().await.account.token)
    }

    /// Takes a token that is there already.
    pub(crate) fn with_token(stage: &'a Stage, token: String) -> Self {
        Self { stage, token }
    }

    /// Calls a method, written as `Service/Method`, and returns what it answers, or what grpcurl says of the refusal.
    /// As in any JSON of protobuf, 64-bit numbers are texts and zeros are left out.
    pub(crate) async fn call(&self, method: &str, request: Value) -> Result<Value, String> {
        let (service, _) = method.split_once('/').expect("Service/Method");
        let (_, package, kind) = SERVICES
            .iter()
            .find(|(name, ..)| *name == service)
            .expect("a service of ours");
        let header = format!("authorization: Bearer {}", self.token);
        let (port, path) = (self.stage.admin_port(*kind), format!("{package}.{method}"));
        let data = request.to_string();
        let arguments = ["-plaintext", "-H", &header, "-d", &data, &port, &path];
        let (is_ok, text) = self.stage.grpcurl(&arguments).await;
        if is_ok {
            Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")))
        } else {
            Err(text)
        }
    }

    /// Does as [`Console::call`], for what cannot be refused.
    pub(crate) async fn done(&self, method: &str, request: Value) -> Value {
        self.call(method, request)
            .await
            .unwrap_or_else(|refused| panic!("{method}: {refused}"))
    }
}

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = since.expect("the clock is right");
    i64::try_from(since.as_millis()).expect("not for a while")
}

/// Asks until the answer is `Some`.
pub(crate) async fn eventually<T>(
    what: &str,
    patience: Duration,
    probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    wait::until(what, patience, probe)
        .await
        .unwrap_or_else(|late| panic!("{late}"))
}

/// Watches a socket for a time and fails when a frame comes that must not.
pub(crate) async fn never(
    socket: &mut Socket,
    window: Duration,
    what: &str,
    must_not: impl Fn(&Frame) -> bool,
) {
    let begun = Instant::now();
    eventually("the time to watch", window * 4, async || {
        let frames = socket.settle().await;
        if let Some(bad) = frames.iter().find(|frame| must_not(frame)) {
            panic!("{what}, but there came {:?}", bad.raw);
        }
        (begun.elapsed() >= window).then_some(())
    })
    .await;
}
