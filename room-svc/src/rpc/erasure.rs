//! Export, renaming and erasure of a person, on the wire.

use proto::{
    id::{Tenant, UserId},
    room::{
        EraseUserRequest, EraseUserResponse, ExportUserRequest, ExportUserResponse,
        RenameUserRequest, RenameUserResponse,
    },
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, next_page, paging};
use crate::{App, erasure, exports};

pub(super) async fn export_user(
    app: &App,
    request: Request<ExportUserRequest>,
) -> Answer<ExportUserResponse> {
    let caller = Caller::of(&request)?;
    let after = paging(&request.get_ref().page, 0)?.after;
    let export = exports::export(app, &caller, after).await?;
    Ok(Response::new(ExportUserResponse {
        records: export.records.into_iter().map(Into::into).collect(),
        next_page: next_page(export.next),
    }))
}

pub(super) async fn rename_user(
    app: &App,
    request: Request<RenameUserRequest>,
) -> Answer<RenameUserResponse> {
    let request = request.into_inner();
    let (tenant, user_id) = person(&request.tenant, &request.user_id)?;
    if request.name.is_empty() || request.name.contains('\0') {
        return Err(field_invalid("name", "a name is needed"));
    }
    erasure::rename(app, tenant, user_id, request.name).await?;
    Ok(Response::new(RenameUserResponse {}))
}

pub(super) async fn erase_user(
    app: &App,
    request: Request<EraseUserRequest>,
) -> Answer<EraseUserResponse> {
    let request = request.get_ref();
    let (tenant, user_id) = person(&request.tenant, &request.user_id)?;
    let is_done = erasure::erase(app, tenant, user_id).await?;
    Ok(Response::new(EraseUserResponse { is_done }))
}

/// Reads whom another service means.
pub(super) fn person(tenant: &str, user_id: &str) -> Result<(Tenant, UserId), Status> {
    let tenant = tenant
        .parse()
        .map_err(|_| field_invalid("tenant", "not a tenant"))?;
    let user_id = user_id
        .parse()
        .map_err(|_| field_invalid("user", "not an id"))?;
    Ok((tenant, user_id))
}
