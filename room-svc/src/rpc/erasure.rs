//! Export, renaming and erasure of a person, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn export_user(
    _app: &App,
    _request: Request<wire::ExportUserRequest>,
) -> Answer<wire::ExportUserResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn rename_user(
    _app: &App,
    _request: Request<wire::RenameUserRequest>,
) -> Answer<wire::RenameUserResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn erase_user(
    _app: &App,
    _request: Request<wire::EraseUserRequest>,
) -> Answer<wire::EraseUserResponse> {
    Err(Status::unimplemented("soon"))
}
