//! The service on the wire: who may call what, and the way from each method to its noun.

mod accounts;
mod administration;
mod departures;
mod sessions;
mod tokens;

use ::rpc::{Access, AccessTable};
use proto::auth::{
    AuthenticateRequest, AuthenticateResponse, ChangeNameRequest, ChangeNameResponse,
    ChangePasswordRequest, ChangePasswordResponse, DeactivateAccountRequest,
    DeactivateAccountResponse, EraseAccountRequest, EraseAccountResponse, ExportAccountRequest,
    ExportAccountResponse, GetKeysRequest, GetKeysResponse, GetUserRequest, GetUserResponse,
    IssueTicketRequest, IssueTicketResponse, IssueTokenRequest, IssueTokenResponse,
    ListAddressesRequest, ListAddressesResponse, ListNamesRequest, ListNamesResponse,
    ListSessionsRequest, ListSessionsResponse, ListUsersRequest, ListUsersResponse, LogInRequest,
    LogInResponse, LogOutRequest, LogOutResponse, RevokeSessionRequest, RevokeSessionResponse,
    RevokeUserSessionsRequest, RevokeUserSessionsResponse, SetRoleRequest, SetRoleResponse,
    SignUpRequest, SignUpResponse, auth_service_server::AuthService,
};
use tonic::{Request, Response, Status};

use crate::App;

/// Who may call which method.
pub const ACCESS: AccessTable = &[
    ("/hubbub.auth.v1.AuthService/SignUp", Access::Public),
    ("/hubbub.auth.v1.AuthService/LogIn", Access::Public),
    ("/hubbub.auth.v1.AuthService/LogOut", Access::User),
    ("/hubbub.auth.v1.AuthService/Authenticate", Access::Internal),
    ("/hubbub.auth.v1.AuthService/IssueToken", Access::User),
    ("/hubbub.auth.v1.AuthService/IssueTicket", Access::User),
    ("/hubbub.auth.v1.AuthService/ListSessions", Access::User),
    ("/hubbub.auth.v1.AuthService/RevokeSession", Access::User),
    ("/hubbub.auth.v1.AuthService/ChangePassword", Access::User),
    ("/hubbub.auth.v1.AuthService/GetUser", Access::User),
    ("/hubbub.auth.v1.AuthService/ListNames", Access::User),
    ("/hubbub.auth.v1.AuthService/SetRole", Access::Admin),
    ("/hubbub.auth.v1.AuthService/ChangeName", Access::User),
    (
        "/hubbub.auth.v1.AuthService/DeactivateAccount",
        Access::User,
    ),
    ("/hubbub.auth.v1.AuthService/ExportAccount", Access::User),
    ("/hubbub.auth.v1.AuthService/EraseAccount", Access::User),
    (
        "/hubbub.auth.v1.AuthService/RevokeUserSessions",
        Access::Admin,
    ),
    ("/hubbub.auth.v1.AuthService/ListAddresses", Access::Admin),
    ("/hubbub.auth.v1.AuthService/ListUsers", Access::Admin),
    ("/hubbub.auth.v1.AuthService/GetKeys", Access::Public),
];

/// What every handler returns.
type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AuthService for App {
    async fn sign_up(&self, request: Request<SignUpRequest>) -> Answer<SignUpResponse> {
        accounts::sign_up(self, request).await
    }

    async fn log_in(&self, request: Request<LogInRequest>) -> Answer<LogInResponse> {
        accounts::log_in(self, request).await
    }

    async fn log_out(&self, request: Request<LogOutRequest>) -> Answer<LogOutResponse> {
        sessions::log_out(self, request).await
    }

    async fn authenticate(
        &self,
        request: Request<AuthenticateRequest>,
    ) -> Answer<AuthenticateResponse> {
        tokens::authenticate(self, request).await
    }

    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Answer<IssueTokenResponse> {
        tokens::issue_token(self, request).await
    }

    async fn issue_ticket(
        &self,
        request: Request<IssueTicketRequest>,
    ) -> Answer<IssueTicketResponse> {
        tokens::issue_ticket(self, request).await
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Answer<ListSessionsResponse> {
        sessions::list_sessions(self, request).await
    }

    async fn revoke_session(
        &self,
        request: Request<RevokeSessionRequest>,
    ) -> Answer<RevokeSessionResponse> {
        sessions::revoke_session(self, request).await
    }

    async fn change_password(
        &self,
        request: Request<ChangePasswordRequest>,
    ) -> Answer<ChangePasswordResponse> {
        accounts::change_password(self, request).await
    }

    async fn get_user(&self, request: Request<GetUserRequest>) -> Answer<GetUserResponse> {
        accounts::get_user(self, request).await
    }

    async fn list_names(&self, request: Request<ListNamesRequest>) -> Answer<ListNamesResponse> {
        accounts::list_names(self, request).await
    }

    async fn set_role(&self, request: Request<SetRoleRequest>) -> Answer<SetRoleResponse> {
        administration::set_role(self, request).await
    }

    async fn change_name(&self, request: Request<ChangeNameRequest>) -> Answer<ChangeNameResponse> {
        accounts::change_name(self, request).await
    }

    async fn deactivate_account(
        &self,
        request: Request<DeactivateAccountRequest>,
    ) -> Answer<DeactivateAccountResponse> {
        departures::deactivate_account(self, request).await
    }

    async fn export_account(
        &self,
        request: Request<ExportAccountRequest>,
    ) -> Answer<ExportAccountResponse> {
        departures::export_account(self, request).await
    }

    async fn erase_account(
        &self,
        request: Request<EraseAccountRequest>,
    ) -> Answer<EraseAccountResponse> {
        departures::erase_account(self, request).await
    }

    async fn revoke_user_sessions(
        &self,
        request: Request<RevokeUserSessionsRequest>,
    ) -> Answer<RevokeUserSessionsResponse> {
        administration::revoke_user_sessions(self, request).await
    }

    async fn list_addresses(
        &self,
        request: Request<ListAddressesRequest>,
    ) -> Answer<ListAddressesResponse> {
        administration::list_addresses(self, request).await
    }

    async fn list_users(&self, request: Request<ListUsersRequest>) -> Answer<ListUsersResponse> {
        administration::list_users(self, request).await
    }

    async fn get_keys(&self, _request: Request<GetKeysRequest>) -> Answer<GetKeysResponse> {
        tokens::get_keys(self).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_row_in_the_order_of_the_contract() {
        let proto = include_str!("../../proto/hubbub/auth/v1/auth.proto");
        let methods = proto.lines().filter_map(|line| {
            let rest = line.trim().strip_prefix("rpc ")?;
            let method = rest.split('(').next()?;
            Some(format!("/hubbub.auth.v1.AuthService/{method}"))
        });
        let rows: Vec<_> = ACCESS.iter().map(|(row, _)| *row).collect();
        assert_eq!(methods.collect::<Vec<_>>(), rows);
    }
}
