//! The caller's own account. Unlike every other change these have no key: each carries the password, which is proved
//! anew every time, and a repeat finds either the same to do or nothing left to do.

use std::{future::Future, time::Duration};

use proto::auth::{ChangeNameRequest, DeactivateAccountRequest, EraseAccountRequest, Role, User};
use rpc::Refusal;
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};

use super::{
    Answer, Context, Failure,
    routes::{Route, route},
};
use crate::frame::Frame;

/// Passwords are hashed slowly on purpose, and wait for their turn.
const HASHING: Duration = Duration::from_secs(10);

pub(super) const ROUTES: &[Route] = &[
    route!("account.rename" => rename),
    route!("account.deactivate" => deactivate),
    route!("account.erase" => erase),
];

#[derive(Deserialize)]
struct Rename {
    name: String,
    password: String,
}

#[derive(Serialize)]
struct UserView<'a> {
    id: &'a str,
    name: &'a str,
    role: &'static str,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: &user.user_id,
            name: &user.name,
            role: if user.role() == Role::Admin {
                "ADMIN"
            } else {
                "USER"
            },
        }
    }
}

#[derive(Serialize)]
struct Renamed<'a> {
    user: UserView<'a>,
}

async fn rename(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Rename { name, password } = frame.payload()?;
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

#[derive(Deserialize)]
struct Proof {
    password: String,
}

async fn deactivate(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Proof { password } = frame.payload()?;
    let mut service = context.app.auth.clone();
    once(
        context,
        DeactivateAccountRequest { password },
        |request| async move { service.deactivate_account(request).await },
    )
    .await?;
    Answer::done()
}

async fn erase(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Proof { password } = frame.payload()?;
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
