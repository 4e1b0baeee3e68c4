//! Whether the services answer, for administrators: one cheap question to each, through all that a request goes through.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use proto::{
    auth::ListUsersRequest, moderation::ListFiltersRequest, reason::Reason, room::ListRoomsRequest,
    social::GetSettingsRequest,
};
use schemars::JsonSchema;
use serde::Serialize;
use tonic::{Code, Request, Response, Status};

use super::{
    Answer, Context, Empty, Failure, ask,
    row::{Route, route},
};
use crate::error::Error;

pub(super) const ROUTES: &[Route] = &[route!("mod.health" => health, Empty => Health<'_>).heavy()];

/// Who does not answer within this is down.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a service answers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ServiceHealth")]
struct ServiceView {
    /// `auth`, `room`, `social` or `moderation`.
    name: &'static str,
    /// Whether it answers.
    up: bool,
    /// How long it took.
    latency_ms: u64,
}

/// Whether the services answer.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Health<'a> {
    /// The services.
    #[schemars(with = "Vec<ServiceView>")]
    services: [ServiceView; 4],
    /// The gateway that asked.
    server: &'a str,
}

async fn health(context: &Context, _: Empty) -> Result<Answer, Failure> {
    if context.identity.role != "ADMIN" {
        let (code, reason) = (Code::PermissionDenied, Reason::ADMIN_REQUIRED);
        return Err(Error::new(code, reason, "only administrators may do this").into());
    }
    let app = &context.app;
    let (mut auth, mut room) = (app.auth.clone(), app.room.clone());
    let (mut social, mut moderation) = (app.social.clone(), app.moderation.clone());
    let users = ListUsersRequest {
        limit: 1,
        ..ListUsersRequest::default()
    };
    let rooms = ListRoomsRequest {
        limit: 1,
        ..ListRoomsRequest::default()
    };
    let (auth, room, social, moderation) = tokio::join!(
        probe(context, "auth", users, |request| async move {
            auth.list_users(request).await
        }),
        probe(context, "room", rooms, |request| async move {
            room.list_rooms(request).await
        }),
        probe(
            context,
            "social",
            GetSettingsRequest {},
            |request| async move { social.get_settings(request).await }
        ),
        probe(
            context,
            "moderation",
            ListFiltersRequest {},
            |request| async move { moderation.list_filters(request).await }
        ),
    );
    Answer::of(&Health {
        services: [auth, room, social, moderation],
        server: &app.instance,
    })
}

async fn probe<Q, A, F>(
    context: &Context,
    name: &'static str,
    question: Q,
    call: impl FnOnce(Request<Q>) -> F,
) -> ServiceView
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    let started = Instant::now();
    let answered = tokio::time::timeout(PATIENCE, ask(context, question, call)).await;
    ServiceView {
        name,
        up: matches!(answered, Ok(Ok(_))),
        latency_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
