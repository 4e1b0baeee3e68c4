//! What administrators do with accounts, on the wire.

use ::rpc::{Caller, field_invalid};
use proto::auth::{
    Address, ListAddressesRequest, ListAddressesResponse, ListUsersRequest, ListUsersResponse,
    RevokeUserSessionsRequest, RevokeUserSessionsResponse, Role as RoleMessage, SetRoleRequest,
    SetRoleResponse,
};
use tonic::{Request, Response, Status};

use super::Answer;
use crate::{
    App,
    accounts::{By, Role},
    addresses::Sighting,
    administration,
    pages::{Paging, Place},
};

/// Rows of a page when nothing is said.
const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
const LIMIT_MAX: u32 = 100;

pub(super) async fn set_role(
    app: &App,
    request: Request<SetRoleRequest>,
) -> Answer<SetRoleResponse> {
    let caller = Caller::of(&request)?;
    let message = request.into_inner();
    let by = by(&message.user_id)?;
    let role = role(message.role())?;
    let account = app
        .unit(|app| async move { administration::set_role(&app, &caller, by, role).await })
        .await?;
    Ok(Response::new(SetRoleResponse {
        user: Some(account.into()),
    }))
}

pub(super) async fn revoke_user_sessions(
    app: &App,
    request: Request<RevokeUserSessionsRequest>,
) -> Answer<RevokeUserSessionsResponse> {
    let caller = Caller::of(&request)?;
    let by = by(&request.into_inner().user_id)?;
    let sessions = app
        .unit(|app| async move { administration::revoke_sessions(&app, &caller, by).await })
        .await?;
    Ok(Response::new(RevokeUserSessionsResponse { sessions }))
}

pub(super) async fn list_addresses(
    app: &App,
    request: Request<ListAddressesRequest>,
) -> Answer<ListAddressesResponse> {
    let caller = Caller::of(&request)?;
    let by = by(&request.into_inner().user_id)?;
    let listed = app
        .unit(|app| async move { administration::list_addresses(&app, &caller, by).await })
        .await?;
    Ok(Response::new(ListAddressesResponse {
        addresses: listed.into_iter().map(Address::from).collect(),
    }))
}

pub(super) async fn list_users(
    app: &App,
    request: Request<ListUsersRequest>,
) -> Answer<ListUsersResponse> {
    let caller = Caller::of(&request)?;
    let message = request.into_inner();
    let paging = paging(&message.page, message.limit)?;
    let query = query(message.query)?;
    let page = app
        .unit(|app| async move { administration::list_users(&app, &caller, &query, &paging).await })
        .await?;
    Ok(Response::new(ListUsersResponse {
        users: page.rows.into_iter().map(Into::into).collect(),
        next_page: page.next.map(|place| place.encode()).unwrap_or_default(),
    }))
}

fn by(text: &str) -> Result<By, Status> {
    if text.starts_with('@') {
        return Ok(By::Name(text.into()));
    }
    text.parse()
        .map(By::Id)
        .map_err(|_| field_invalid("user_id", "must be an id or @name"))
}

fn role(message: RoleMessage) -> Result<Role, Status> {
    match message {
        RoleMessage::User => Ok(Role::User),
        RoleMessage::Admin => Ok(Role::Admin),
        RoleMessage::Unspecified => Err(field_invalid("role", "must be USER or ADMIN")),
    }
}

/// Postgres has no NUL in texts, so no name has one either.
fn query(text: String) -> Result<String, Status> {
    if text.len() <= 64 && !text.contains('\0') {
        Ok(text)
    } else {
        Err(field_invalid("query", "part of a name"))
    }
}

fn paging(page: &str, limit: u32) -> Result<Paging, Status> {
    let after = match page {
        "" => None,
        text => Some(
            Place::decode(text).ok_or_else(|| field_invalid("page", "not a page of this list"))?,
        ),
    };
    let limit = match limit {
        0 => LIMIT_DEFAULT,
        1..=LIMIT_MAX => limit,
        _ => return Err(field_invalid("limit", "1 to 100")),
    };
    Ok(Paging {
        after,
        limit: limit as usize,
    })
}

impl From<Sighting> for Address {
    fn from(sighting: Sighting) -> Self {
        Self {
            address: sighting.address,
            first_seen_ms: sighting.first_seen_ms,
            last_seen_ms: sighting.last_seen_ms,
        }
    }
}
