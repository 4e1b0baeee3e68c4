//! Leaving, and taking one's data along, on the wire.

use ::rpc::Caller;
use proto::auth::{
    DeactivateAccountRequest, DeactivateAccountResponse, EraseAccountRequest, EraseAccountResponse,
    ExportAccountRequest, ExportAccountResponse,
};
use tonic::{Request, Response};

use super::Answer;
use crate::{App, departures, exports};

pub(super) async fn deactivate_account(
    app: &App,
    request: Request<DeactivateAccountRequest>,
) -> Answer<DeactivateAccountResponse> {
    let caller = Caller::of(&request)?;
    let password = request.into_inner().password.into();
    app.unit(|app| async move { departures::deactivate(&app, &caller, password).await })
        .await?;
    Ok(Response::new(DeactivateAccountResponse {}))
}

pub(super) async fn export_account(
    app: &App,
    request: Request<ExportAccountRequest>,
) -> Answer<ExportAccountResponse> {
    let caller = Caller::of(&request)?;
    let account = app
        .unit(|app| async move { exports::export(&app, &caller).await })
        .await?;
    Ok(Response::new(ExportAccountResponse {
        account: account.into(),
    }))
}

pub(super) async fn erase_account(
    app: &App,
    request: Request<EraseAccountRequest>,
) -> Answer<EraseAccountResponse> {
    let caller = Caller::of(&request)?;
    let password = request.into_inner().password.into();
    app.unit(|app| async move { departures::erase(&app, &caller, password).await })
        .await?;
    Ok(Response::new(EraseAccountResponse {}))
}
