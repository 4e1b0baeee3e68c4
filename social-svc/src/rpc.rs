//! The wire: parse, call, encode. One line per method here, a file per noun below.

mod accounts;
mod blocks;
mod friends;
mod notifications;
mod presence;
mod settings;

use proto::{
    id,
    social::{self as wire, social_service_server::SocialService},
};
use rpc::{Access, AccessTable, field_invalid};
use tonic::{Request, Response, Status};

use crate::{
    App,
    pages::{Paging, Place},
    people::{Person, UserRef},
};

/// Who may call what: everyone with a token, for themselves; two are for our own processes.
pub(crate) const ACCESS: AccessTable = &[
    (
        "/hubbub.social.v1.SocialService/RequestFriend",
        Access::User,
    ),
    ("/hubbub.social.v1.SocialService/AcceptFriend", Access::User),
    (
        "/hubbub.social.v1.SocialService/DeclineFriend",
        Access::User,
    ),
    ("/hubbub.social.v1.SocialService/CancelFriend", Access::User),
    ("/hubbub.social.v1.SocialService/RemoveFriend", Access::User),
    ("/hubbub.social.v1.SocialService/ListFriends", Access::User),
    ("/hubbub.social.v1.SocialService/AddBlock", Access::User),
    ("/hubbub.social.v1.SocialService/RemoveBlock", Access::User),
    ("/hubbub.social.v1.SocialService/ListBlocks", Access::User),
    ("/hubbub.social.v1.SocialService/ListHidden", Access::User),
    ("/hubbub.social.v1.SocialService/GetSettings", Access::User),
    (
        "/hubbub.social.v1.SocialService/UpdateSettings",
        Access::User,
    ),
    ("/hubbub.social.v1.SocialService/SetPresence", Access::User),
    ("/hubbub.social.v1.SocialService/GetPresence", Access::User),
    (
        "/hubbub.social.v1.SocialService/ReportPresence",
        Access::Internal,
    ),
    (
        "/hubbub.social.v1.SocialService/ListNotifications",
        Access::User,
    ),
    (
        "/hubbub.social.v1.SocialService/ReadNotifications",
        Access::User,
    ),
    (
        "/hubbub.social.v1.SocialService/CountRelations",
        Access::User,
    ),
    ("/hubbub.social.v1.SocialService/ExportUser", Access::User),
    (
        "/hubbub.social.v1.SocialService/EraseUser",
        Access::Internal,
    ),
];

/// Rows of a page when the request does not say.
const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
const LIMIT_MAX: u32 = 100;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl SocialService for App {
    async fn request_friend(
        &self,
        request: Request<wire::RequestFriendRequest>,
    ) -> Answer<wire::RequestFriendResponse> {
        friends::request_friend(self, request).await
    }

    async fn accept_friend(
        &self,
        request: Request<wire::AcceptFriendRequest>,
    ) -> Answer<wire::AcceptFriendResponse> {
        friends::accept_friend(self, request).await
    }

    async fn decline_friend(
        &self,
        request: Request<wire::DeclineFriendRequest>,
    ) -> Answer<wire::DeclineFriendResponse> {
        friends::decline_friend(self, request).await
    }

    async fn cancel_friend(
        &self,
        request: Request<wire::CancelFriendRequest>,
    ) -> Answer<wire::CancelFriendResponse> {
        friends::cancel_friend(self, request).await
    }

    async fn remove_friend(
        &self,
        request: Request<wire::RemoveFriendRequest>,
    ) -> Answer<wire::RemoveFriendResponse> {
        friends::remove_friend(self, request).await
    }

    async fn list_friends(
        &self,
        request: Request<wire::ListFriendsRequest>,
    ) -> Answer<wire::ListFriendsResponse> {
        friends::list_friends(self, request).await
    }

    async fn add_block(
        &self,
        request: Request<wire::AddBlockRequest>,
    ) -> Answer<wire::AddBlockResponse> {
        blocks::add_block(self, request).await
    }

    async fn remove_block(
        &self,
        request: Request<wire::RemoveBlockRequest>,
    ) -> Answer<wire::RemoveBlockResponse> {
        blocks::remove_block(self, request).await
    }

    async fn list_blocks(
        &self,
        request: Request<wire::ListBlocksRequest>,
    ) -> Answer<wire::ListBlocksResponse> {
        blocks::list_blocks(self, request).await
    }

    async fn list_hidden(
        &self,
        request: Request<wire::ListHiddenRequest>,
    ) -> Answer<wire::ListHiddenResponse> {
        blocks::list_hidden(self, request).await
    }

    async fn get_settings(
        &self,
        request: Request<wire::GetSettingsRequest>,
    ) -> Answer<wire::GetSettingsResponse> {
        settings::get_settings(self, request).await
    }

    async fn update_settings(
        &self,
        request: Request<wire::UpdateSettingsRequest>,
    ) -> Answer<wire::UpdateSettingsResponse> {
        settings::update_settings(self, request).await
    }

    async fn set_presence(
        &self,
        request: Request<wire::SetPresenceRequest>,
    ) -> Answer<wire::SetPresenceResponse> {
        presence::set_presence(self, request).await
    }

    async fn get_presence(
        &self,
        request: Request<wire::GetPresenceRequest>,
    ) -> Answer<wire::GetPresenceResponse> {
        presence::get_presence(self, request).await
    }

    async fn report_presence(
        &self,
        request: Request<wire::ReportPresenceRequest>,
    ) -> Answer<wire::ReportPresenceResponse> {
        presence::report_presence(self, request).await
    }

    async fn list_notifications(
        &self,
        request: Request<wire::ListNotificationsRequest>,
    ) -> Answer<wire::ListNotificationsResponse> {
        notifications::list_notifications(self, request).await
    }

    async fn read_notifications(
        &self,
        request: Request<wire::ReadNotificationsRequest>,
    ) -> Answer<wire::ReadNotificationsResponse> {
        notifications::read_notifications(self, request).await
    }

    async fn count_relations(
        &self,
        request: Request<wire::CountRelationsRequest>,
    ) -> Answer<wire::CountRelationsResponse> {
        accounts::count_relations(self, request).await
    }

    async fn export_user(
        &self,
        request: Request<wire::ExportUserRequest>,
    ) -> Answer<wire::ExportUserResponse> {
        accounts::export_user(self, request).await
    }

    async fn erase_user(
        &self,
        request: Request<wire::EraseUserRequest>,
    ) -> Answer<wire::EraseUserResponse> {
        accounts::erase_user(self, request).await
    }
}

/// Reads an idempotency key.
fn key(text: String) -> Result<String, Status> {
    if id::is_key(&text) {
        Ok(text)
    } else {
        Err(field_invalid(
            "key",
            "1 to 64 letters, digits, - and _; a new one for every new request",
        ))
    }
}

/// Reads how a request names a person.
fn user(text: &str) -> Result<UserRef, Status> {
    if text.is_empty() || text.len() > 256 || text.contains('\0') {
        return Err(field_invalid("user", "an id or @name is needed"));
    }
    Ok(UserRef::parse(text))
}

/// Reads one line of text of a person's own.
fn line(
    field: &'static str,
    text: &str,
    max_chars: usize,
    too_long: &'static str,
) -> Result<String, Status> {
    let text = text.trim();
    if text.chars().count() > max_chars {
        return Err(field_invalid(field, too_long));
    }
    if text.chars().any(char::is_control) {
        return Err(field_invalid(field, "one line of text"));
    }
    Ok(text.into())
}

/// Reads the size of a page.
fn limit(limit: u32) -> Result<usize, Status> {
    match limit {
        0 => Ok(LIMIT_DEFAULT as usize),
        1..=LIMIT_MAX => Ok(limit as usize),
        _ => Err(field_invalid("limit", "1 to 100")),
    }
}

/// Reads which page is meant.
fn paging(page: &str, rows: u32) -> Result<Paging, Status> {
    let after = match page {
        "" => None,
        token => Some(
            Place::decode(token).ok_or_else(|| field_invalid("page", "not a page of this list"))?,
        ),
    };
    Ok(Paging {
        after,
        limit: limit(rows)?,
    })
}

/// Writes where the next page begins; empty when there is none.
fn next_page(next: Option<Place>) -> String {
    next.map(|place| place.encode()).unwrap_or_default()
}

impl From<Person> for wire::Person {
    fn from(person: Person) -> Self {
        Self {
            user_id: person.user_id.to_string(),
            name: person.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ACCESS;

    #[test]
    fn every_method_of_the_contract_has_its_permission_row() {
        let contract = include_str!("../../proto/hubbub/social/v1/social.proto");
        let methods = contract
            .lines()
            .filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next());
        let methods: Vec<String> = methods
            .map(|method| format!("/hubbub.social.v1.SocialService/{method}"))
            .collect();
        let rows: Vec<&str> = ACCESS.iter().map(|(path, _)| *path).collect();
        assert_eq!(rows, methods);
    }
}
