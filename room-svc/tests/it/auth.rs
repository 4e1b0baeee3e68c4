//! auth-svc as far as room-svc knows it: one view in the database, one method on the bus.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use proto::{
    auth::{self as wire, User, auth_service_server::AuthService, get_user_request::By},
    id::UserId,
    reason::Reason,
};
use rpc::Caller;
use sqlx::PgPool;
use tonic::{Code, Request, Response, Status};

/// Makes the contract views and functions of other services over tables that tests write.
pub(crate) async fn publish_view(db: &PgPool) {
    let made = sqlx::raw_sql(
        "create schema auth;
         create table auth.session_in_tests (tenant_id text, session_id uuid primary key, user_id uuid);
         create view auth.live_session as select tenant_id, session_id, user_id from auth.session_in_tests;
         create table auth.person_in_tests (tenant_id text, user_id uuid, name text, name_folded text, is_admin boolean);
         create view auth.person as select tenant_id, user_id, name, name_folded, is_admin from auth.person_in_tests;
         create schema moderation;
         create table moderation.ban_in_tests (tenant_id text, user_id uuid, until timestamptz);
         create view moderation.active_ban as select tenant_id, user_id, until from moderation.ban_in_tests;
         create table moderation.mute_in_tests (tenant_id text, user_id uuid, until timestamptz);
         create view moderation.active_mute as select tenant_id, user_id, until from moderation.mute_in_tests;
         create table moderation.shadow_in_tests (tenant_id text, user_id uuid);
         create view moderation.shadow_ban as select tenant_id, user_id from moderation.shadow_in_tests;
         create table moderation.act_in_tests (tenant_id text, actor uuid, action text, subject text, detail jsonb);
         create function moderation.record_act(text, uuid, text, text, jsonb) returns void language sql as
             'insert into moderation.act_in_tests values ($1, $2, $3, $4, $5)';
         create schema social;
         create table social.edge_in_tests (tenant_id text, viewer_id uuid, hidden_id uuid);
         create view social.block_edge as select tenant_id, viewer_id, hidden_id from social.edge_in_tests;
         create table social.stranger_in_tests (tenant_id text, sender uuid, recipient uuid);
         create function social.may_message(text, uuid, uuid) returns boolean language sql as
             'select not exists (
                 select from social.stranger_in_tests s
                 where s.tenant_id = $1 and s.sender = $2 and s.recipient = $3
             )';",
    );
    made.execute(db)
        .await
        .expect("the contracts of the other services");
}

/// Makes a session that is alive.
pub(crate) async fn begin_session(db: &PgPool, caller: &Caller) {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let inserted = sqlx::query("insert into auth.session_in_tests values ($1, $2, $3)");
    let inserted = inserted
        .bind(caller.tenant.as_str())
        .bind(caller.session_id.0)
        .bind(caller.user_id.0);
    inserted.execute(db).await.expect("a session");
}

/// Makes an account.
pub(crate) async fn add_person(db: &PgPool, caller: &Caller) {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let inserted = sqlx::query("insert into auth.person_in_tests values ($1, $2, $3, $4, $5)");
    let inserted = inserted
        .bind(caller.tenant.as_str())
        .bind(caller.user_id.0)
        .bind(&caller.name)
        .bind(caller.name.to_lowercase())
        .bind(caller.is_admin);
    inserted.execute(db).await.expect("an account");
}

/// Ends a session, as a log-out does.
pub(crate) async fn end_session(db: &PgPool, caller: &Caller) {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let deleted = sqlx::query("delete from auth.session_in_tests where session_id = $1");
    deleted
        .bind(caller.session_id.0)
        .execute(db)
        .await
        .expect("no session");
}

/// The accounts that exist, and the tokens that were asked with.
#[derive(Clone, Default)]
pub(crate) struct Accounts {
    names: Arc<Mutex<HashMap<String, UserId>>>,
    pub(crate) tokens: Arc<Mutex<Vec<String>>>,
}

impl Accounts {
    pub(crate) fn add(&self, name: &str, user_id: UserId) {
        self.names
            .lock()
            .expect("not poisoned")
            .insert(name.into(), user_id);
    }

    /// Ends an account.
    pub(crate) fn remove(&self, name: &str) {
        self.names.lock().expect("not poisoned").remove(name);
    }

    fn find(&self, request: &Request<wire::GetUserRequest>) -> Result<User, Status> {
        let token = request
            .metadata()
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        self.tokens
            .lock()
            .expect("not poisoned")
            .push(token.unwrap_or_default().into());
        let names = self.names.lock().expect("not poisoned");
        let found = names
            .iter()
            .find(|(name, user_id)| match &request.get_ref().by {
                Some(By::UserId(id)) => user_id.to_string() == *id,
                Some(By::Name(wanted)) => *name == wanted,
                None => false,
            });
        let (name, user_id) = found
            .ok_or_else(|| rpc::status(Code::NotFound, Reason::USER_NOT_FOUND, "no such user"))?;
        Ok(User {
            user_id: user_id.to_string(),
            name: name.clone(),
            ..User::default()
        })
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

macro_rules! not_asked {
    ($($method:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'a, 'b>(&'a self, _: Request<wire::$request>) -> Answer<'b, wire::$response>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("room-svc does not ask this")) })
        }
    )*};
}

impl AuthService for Accounts {
    fn get_user<'a, 'b>(
        &'a self,
        request: Request<wire::GetUserRequest>,
    ) -> Answer<'b, wire::GetUserResponse>
    where
        'a: 'b,
        Self: 'b,
    {
        let user = self.find(&request);
        Box::pin(async { Ok(Response::new(wire::GetUserResponse { user: Some(user?) })) })
    }

    not_asked! {
        sign_up(SignUpRequest) -> SignUpResponse;
        log_in(LogInRequest) -> LogInResponse;
        log_out(LogOutRequest) -> LogOutResponse;
        authenticate(AuthenticateRequest) -> AuthenticateResponse;
        issue_token(IssueTokenRequest) -> IssueTokenResponse;
        issue_ticket(IssueTicketRequest) -> IssueTicketResponse;
        list_sessions(ListSessionsRequest) -> ListSessionsResponse;
        revoke_session(RevokeSessionRequest) -> RevokeSessionResponse;
        change_password(ChangePasswordRequest) -> ChangePasswordResponse;
        set_role(SetRoleRequest) -> SetRoleResponse;
        change_name(ChangeNameRequest) -> ChangeNameResponse;
        deactivate_account(DeactivateAccountRequest) -> DeactivateAccountResponse;
        export_account(ExportAccountRequest) -> ExportAccountResponse;
        erase_account(EraseAccountRequest) -> EraseAccountResponse;
        revoke_user_sessions(RevokeUserSessionsRequest) -> RevokeUserSessionsResponse;
        list_addresses(ListAddressesRequest) -> ListAddressesResponse;
        list_users(ListUsersRequest) -> ListUsersResponse;
        list_names(ListNamesRequest) -> ListNamesResponse;
        get_keys(GetKeysRequest) -> GetKeysResponse;
    }
}
