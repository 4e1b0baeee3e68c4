//! The caller's own account. Unlike every other change these have no key: each carries the password, which is proved
//! anew every time, and a repeat finds either the same to do or nothing left to do.

use std::{future::Future, time::Duration};

use proto::auth::{ChangeNameRequest, DeactivateAccountRequest, EraseAccountRequest};
use rpc::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};

use super::{
    Answer, Context, Effect, Empty, Failure,
    row::{Route, route},
    view::UserView,
};

/// Passwords are hashed slowly on purpose, and wait for their turn.
const HASHING: Duration = Duration::from_secs(10);

pub(super) const ROUTES: &[Route] = &[
    route!("auth.refresh" => refresh, Refresh => Refreshed),
    route!("account.rename" => rename, Rename => Renamed<'_>),
    route!("account.deactivate" => deactivate, Proof => Empty),
    route!("account.erase" => erase, Proof => Empty),
];

/// Gives the caller another name.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Rename {
    /// The new name.
    name: String,
    /// The caller's password.
    password: String,
}

/// The caller with the new name.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Renamed<'a> {
    /// The caller.
    user: UserView<'a>,
}

async fn rename(context: &Context, Rename { name, password }: Rename) -> Result<Answer, Failure> {
    let mut service = context.app.auth.clone();
    let answer = once(
        context,
        ChangeNameRequest { name, password },
        |request| async move { service.change_name(request).await },
    )
    .await?;
    Answer::of(&Renamed {
        user: UserView::from(answer.user.as_ref().ok_or_else(Failure::internal)?),
    })
}

/// The caller's password.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Proof {
    /// The caller's password.
    password: String,
}

async fn deactivate(context: &Context, Proof { password }: Proof) -> Result<Answer, Failure> {
    let mut service = context.app.auth.clone();
    once(
        context,
        DeactivateAccountRequest { password },
        |request| async move { service.deactivate_account(request).await },
    )
    .await?;
    Answer::done()
}

async fn erase(context: &Context, Proof { password }: Proof) -> Result<Answer, Failure> {
    let mut service = context.app.auth.clone();
    once(
        context,
        EraseAccountRequest { password },
        |request| async move { service.erase_account(request).await },
    )
    .await?;
    Answer::done()
}

/// Asks for a change that has no key: an unknown outcome has no answer and is not asked again.
async fn once<Q, A, F>(
    context: &Context,
    message: Q,
    call: impl FnOnce(Request<Q>) -> F,
) -> Result<A, Failure>
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    let token = context.identity.token(&context.app).await?;
    let mut request = rpc::with_token(message, &token);
    request.set_timeout(HASHING);
    match call(request).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) if Refusal::of(&status).is_unknown_outcome() => Err(Failure::Unknown),
        Err(status) => Err(status.into()),
    }
}

/// A new access token for this connection.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Refresh {
    /// The token, of the same user.
    token: String,
}

/// The connection goes on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Refreshed {
    /// When the credential ends now, milliseconds since the epoch.
    expires_at: i64,
}

async fn refresh(context: &Context, Refresh { token }: Refresh) -> Result<Answer, Failure> {
    let expires_at_ms = context.identity.refresh(&context.app, token).await?;
    Ok(Answer::of(&Refreshed {
        expires_at: expires_at_ms,
    })?
    .with(Effect::Refreshed { expires_at_ms }))
}
