//! A person as a whole: counts, export and erasure, on the wire.

use proto::social::{
    CountRelationsRequest, CountRelationsResponse, EraseUserRequest, EraseUserResponse,
    ExportUserRequest, ExportUserResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response};

use super::Answer;
use crate::{App, erasure, export, relations};

pub(super) async fn count_relations(
    app: &App,
    request: Request<CountRelationsRequest>,
) -> Answer<CountRelationsResponse> {
    let caller = Caller::of(&request)?;
    let counted = relations::count(app, &caller).await?;
    Ok(Response::new(CountRelationsResponse {
        friends: counted.friends,
        blocked: counted.blocked,
        unread_notifications: counted.unread,
    }))
}

pub(super) async fn export_user(
    app: &App,
    request: Request<ExportUserRequest>,
) -> Answer<ExportUserResponse> {
    let caller = Caller::of(&request)?;
    let social = export::export(app, &caller).await?;
    Ok(Response::new(ExportUserResponse {
        social: social.to_string().into(),
    }))
}

pub(super) async fn erase_user(
    app: &App,
    request: Request<EraseUserRequest>,
) -> Answer<EraseUserResponse> {
    let request = request.into_inner();
    let tenant = request.tenant.parse();
    let tenant = tenant.map_err(|_| field_invalid("tenant", "the name of a tenant"))?;
    let user_id = request.user_id.parse();
    let user_id = user_id.map_err(|_| field_invalid("user", "the id of a user"))?;
    let is_done = erasure::erase(app, &tenant, user_id).await?;
    Ok(Response::new(EraseUserResponse { is_done }))
}
