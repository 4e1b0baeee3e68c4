//! Accounts on the wire.

use ::rpc::{Caller, field_invalid};
use proto::{
    auth::{
        ChangeNameRequest, ChangeNameResponse, ChangePasswordRequest, ChangePasswordResponse,
        Client as ClientMessage, GetUserRequest, GetUserResponse, Grant as GrantMessage,
        ListNamesRequest, ListNamesResponse, LogInRequest, LogInResponse, Named,
        Role as RoleMessage, SignUpRequest, SignUpResponse, User, get_user_request,
    },
    id::{Tenant, UserId},
};
use secrecy::ExposeSecret;
use tonic::{Request, Response, Status};

use super::Answer;
use crate::{
    App,
    accounts::{self, Account, By, Role},
    logins::{self, ChangePassword, Client, Grant, LogIn, SignUp},
    names::Username,
    sessions::Identity,
};

/// The longest User-Agent that is kept, in characters.
const AGENT_MAX: usize = 256;
/// Most names of one question.
const NAMES_MAX: usize = 100;

pub(super) async fn sign_up(app: &App, request: Request<SignUpRequest>) -> Answer<SignUpResponse> {
    let input = SignUp::try_from(request.into_inner())?;
    let grant = app
        .unit(|app| async move { logins::sign_up(&app, input).await })
        .await?;
    Ok(Response::new(SignUpResponse {
        grant: Some(grant.into()),
    }))
}

pub(super) async fn log_in(app: &App, request: Request<LogInRequest>) -> Answer<LogInResponse> {
    let input = LogIn::try_from(request.into_inner())?;
    let grant = app
        .unit(|app| async move { logins::log_in(&app, input).await })
        .await?;
    Ok(Response::new(LogInResponse {
        grant: Some(grant.into()),
    }))
}

pub(super) async fn change_password(
    app: &App,
    request: Request<ChangePasswordRequest>,
) -> Answer<ChangePasswordResponse> {
    let caller = Caller::of(&request)?;
    let input = ChangePassword::from(request.into_inner());
    app.unit(|app| async move { logins::change_password(&app, &caller, input).await })
        .await?;
    Ok(Response::new(ChangePasswordResponse {}))
}

pub(super) async fn get_user(
    app: &App,
    request: Request<GetUserRequest>,
) -> Answer<GetUserResponse> {
    let caller = Caller::of(&request)?;
    let by = By::try_from(request.into_inner())?;
    let account = app
        .unit(|app| async move { accounts::get(&app, &caller, by).await })
        .await?;
    Ok(Response::new(GetUserResponse {
        user: Some(account.into()),
    }))
}

pub(super) async fn list_names(
    app: &App,
    request: Request<ListNamesRequest>,
) -> Answer<ListNamesResponse> {
    let caller = Caller::of(&request)?;
    let ids = request.into_inner().user_ids;
    if ids.len() > NAMES_MAX {
        return Err(field_invalid("users", "at most 100"));
    }
    let ids: Result<Vec<UserId>, Status> = ids.iter().map(|id| user_id(id)).collect();
    let ids = ids?;
    let people = app
        .unit(|app| async move { accounts::names(&app, &caller, &ids).await })
        .await?;
    let people = people.into_iter().map(|(user_id, name)| Named {
        user_id: user_id.to_string(),
        name,
    });
    Ok(Response::new(ListNamesResponse {
        people: people.collect(),
    }))
}

pub(super) async fn change_name(
    app: &App,
    request: Request<ChangeNameRequest>,
) -> Answer<ChangeNameResponse> {
    let caller = Caller::of(&request)?;
    let message = request.into_inner();
    let name = Username::parse(&message.name).map_err(|why| field_invalid("name", why))?;
    let password = message.password.into();
    let account = app
        .unit(|app| async move { accounts::change_name(&app, &caller, name, password).await })
        .await?;
    Ok(Response::new(ChangeNameResponse {
        user: Some(account.into()),
    }))
}

fn tenant(text: &str) -> Result<Tenant, Status> {
    text.parse()
        .map_err(|_| field_invalid("tenant", "1 to 32 characters of a-z, 0-9 and '-'"))
}

fn user_id(text: &str) -> Result<UserId, Status> {
    text.parse()
        .map_err(|_| field_invalid("user_id", "must be an id"))
}

impl TryFrom<SignUpRequest> for SignUp {
    type Error = Status;

    fn try_from(message: SignUpRequest) -> Result<Self, Status> {
        Ok(Self {
            tenant: tenant(&message.tenant)?,
            name: Username::parse(&message.username)
                .map_err(|why| field_invalid("username", why))?,
            password: message.password.into(),
            client: message.client.unwrap_or_default().into(),
        })
    }
}

impl TryFrom<LogInRequest> for LogIn {
    type Error = Status;

    fn try_from(message: LogInRequest) -> Result<Self, Status> {
        Ok(Self {
            tenant: tenant(&message.tenant)?,
            name: message.username,
            password: message.password.into(),
            client: message.client.unwrap_or_default().into(),
        })
    }
}

impl From<ClientMessage> for Client {
    fn from(message: ClientMessage) -> Self {
        let is_text = |letter: &char| !letter.is_control();
        Self {
            address: message.address.parse().ok(),
            agent: message
                .agent
                .chars()
                .filter(is_text)
                .take(AGENT_MAX)
                .collect(),
        }
    }
}

impl From<ChangePasswordRequest> for ChangePassword {
    fn from(message: ChangePasswordRequest) -> Self {
        Self {
            old: message.old_password.into(),
            new: message.new_password.into(),
        }
    }
}

impl TryFrom<GetUserRequest> for By {
    type Error = Status;

    fn try_from(message: GetUserRequest) -> Result<Self, Status> {
        match message.by {
            Some(get_user_request::By::UserId(text)) => user_id(&text).map(Self::Id),
            Some(get_user_request::By::Name(name)) => Ok(Self::Name(name)),
            None => Err(field_invalid("by", "an id or a name is needed")),
        }
    }
}

impl From<Role> for RoleMessage {
    fn from(role: Role) -> Self {
        match role {
            Role::User => Self::User,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            user_id: account.user_id.to_string(),
            name: account.name,
            role: RoleMessage::from(account.role).into(),
        }
    }
}

impl From<&Identity> for User {
    fn from(identity: &Identity) -> Self {
        Self {
            user_id: identity.user_id.to_string(),
            name: identity.name.clone(),
            role: RoleMessage::from(identity.role).into(),
        }
    }
}

impl From<Grant> for GrantMessage {
    fn from(grant: Grant) -> Self {
        let identity = &grant.opened.identity;
        Self {
            user: Some(identity.into()),
            access_token: grant.access.token,
            access_expires_at_ms: grant.access.expires_at_ms,
            session_token: grant.opened.token.expose_secret().into(),
            session_id: identity.session_id.to_string(),
            session_expires_at_ms: identity.expires_at_ms,
        }
    }
}
