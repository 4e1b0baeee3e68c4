//! Export and erasure of a person on the wire.

use proto::moderation::{
    EraseUserRequest, EraseUserResponse, ExportUserRequest, ExportUserResponse,
};
use rpc::Caller;
use tonic::{Request, Response};

use super::{Answer, read_id, tenant};
use crate::{App, erasure};

pub(super) async fn export_user(
    app: &App,
    request: Request<ExportUserRequest>,
) -> Answer<ExportUserResponse> {
    let caller = Caller::of(&request)?;
    let export = erasure::export(app, &caller).await?;
    Ok(Response::new(ExportUserResponse {
        moderation: export.to_string().into(),
    }))
}

pub(super) async fn erase_user(
    app: &App,
    request: Request<EraseUserRequest>,
) -> Answer<EraseUserResponse> {
    let request = request.into_inner();
    let tenant = tenant(&request.tenant)?;
    let user_id = read_id("user", &request.user_id)?;
    let is_done = erasure::erase(app, tenant, user_id).await?;
    Ok(Response::new(EraseUserResponse { is_done }))
}
