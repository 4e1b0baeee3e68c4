//! The wire: parse, call, encode. One line per method here, a file per noun below.

mod audit;
mod bans;
mod connections;
mod deliveries;
mod erasure;
mod filters;
mod mutes;
mod reports;

use proto::{
    id::{self, Tenant},
    moderation::{self as wire, moderation_service_server::ModerationService},
};
use rpc::{Access, AccessTable, field_invalid};
use tonic::{Request, Response, Status};

use crate::{
    App,
    pages::{Paging, Place},
    ranges::Range,
    users::UserRef,
};

/// Who may call what: administrators, but for what everyone may say, and what only our own processes do.
pub const ACCESS: AccessTable = &[
    (
        "/hubbub.moderation.v1.ModerationService/CreateBan",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/LiftBan",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListBans",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/PreviewBan",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListEnforced",
        Access::Internal,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/MuteUser",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/UnmuteUser",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/WarnUser",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ReportContent",
        Access::User,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListReports",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/UpdateReport",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/CreateFilter",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/DeleteFilter",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListFilters",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/PullFilters",
        Access::Internal,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/FileAlert",
        Access::Internal,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListAudit",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/VerifyAudit",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ListConnections",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/SendToConnection",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/Broadcast",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/Disconnect",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/IsActive",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ExplainDelivery",
        Access::Admin,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ReportConnections",
        Access::Internal,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/ExportUser",
        Access::User,
    ),
    (
        "/hubbub.moderation.v1.ModerationService/EraseUser",
        Access::Internal,
    ),
];

/// Rows of a page when the request does not say.
const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
const LIMIT_MAX: u32 = 100;
/// The last millisecond of the year 9999: what Postgres and people can both read.
const TIME_MAX_MS: i64 = 253_402_300_799_999;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ModerationService for App {
    async fn create_ban(
        &self,
        request: Request<wire::CreateBanRequest>,
    ) -> Answer<wire::CreateBanResponse> {
        bans::create_ban(self, request).await
    }

    async fn lift_ban(
        &self,
        request: Request<wire::LiftBanRequest>,
    ) -> Answer<wire::LiftBanResponse> {
        bans::lift_ban(self, request).await
    }

    async fn list_bans(
        &self,
        request: Request<wire::ListBansRequest>,
    ) -> Answer<wire::ListBansResponse> {
        bans::list_bans(self, request).await
    }

    async fn preview_ban(
        &self,
        request: Request<wire::PreviewBanRequest>,
    ) -> Answer<wire::PreviewBanResponse> {
        bans::preview_ban(self, request).await
    }

    async fn list_enforced(
        &self,
        request: Request<wire::ListEnforcedRequest>,
    ) -> Answer<wire::ListEnforcedResponse> {
        bans::list_enforced(self, request).await
    }

    async fn mute_user(
        &self,
        request: Request<wire::MuteUserRequest>,
    ) -> Answer<wire::MuteUserResponse> {
        mutes::mute_user(self, request).await
    }

    async fn unmute_user(
        &self,
        request: Request<wire::UnmuteUserRequest>,
    ) -> Answer<wire::UnmuteUserResponse> {
        mutes::unmute_user(self, request).await
    }

    async fn warn_user(
        &self,
        request: Request<wire::WarnUserRequest>,
    ) -> Answer<wire::WarnUserResponse> {
        mutes::warn_user(self, request).await
    }

    async fn report_content(
        &self,
        request: Request<wire::ReportContentRequest>,
    ) -> Answer<wire::ReportContentResponse> {
        reports::report_content(self, request).await
    }

    async fn list_reports(
        &self,
        request: Request<wire::ListReportsRequest>,
    ) -> Answer<wire::ListReportsResponse> {
        reports::list_reports(self, request).await
    }

    async fn update_report(
        &self,
        request: Request<wire::UpdateReportRequest>,
    ) -> Answer<wire::UpdateReportResponse> {
        reports::update_report(self, request).await
    }

    async fn create_filter(
        &self,
        request: Request<wire::CreateFilterRequest>,
    ) -> Answer<wire::CreateFilterResponse> {
        filters::create_filter(self, request).await
    }

    async fn delete_filter(
        &self,
        request: Request<wire::DeleteFilterRequest>,
    ) -> Answer<wire::DeleteFilterResponse> {
        filters::delete_filter(self, request).await
    }

    async fn list_filters(
        &self,
        request: Request<wire::ListFiltersRequest>,
    ) -> Answer<wire::ListFiltersResponse> {
        filters::list_filters(self, request).await
    }

    async fn pull_filters(
        &self,
        request: Request<wire::PullFiltersRequest>,
    ) -> Answer<wire::PullFiltersResponse> {
        filters::pull_filters(self, request).await
    }

    async fn file_alert(
        &self,
        request: Request<wire::FileAlertRequest>,
    ) -> Answer<wire::FileAlertResponse> {
        reports::file_alert(self, request).await
    }

    async fn list_audit(
        &self,
        request: Request<wire::ListAuditRequest>,
    ) -> Answer<wire::ListAuditResponse> {
        audit::list_audit(self, request).await
    }

    async fn verify_audit(
        &self,
        request: Request<wire::VerifyAuditRequest>,
    ) -> Answer<wire::VerifyAuditResponse> {
        audit::verify_audit(self, request).await
    }

    async fn list_connections(
        &self,
        request: Request<wire::ListConnectionsRequest>,
    ) -> Answer<wire::ListConnectionsResponse> {
        connections::list_connections(self, request).await
    }

    async fn send_to_connection(
        &self,
        request: Request<wire::SendToConnectionRequest>,
    ) -> Answer<wire::SendToConnectionResponse> {
        connections::send_to_connection(self, request).await
    }

    async fn broadcast(
        &self,
        request: Request<wire::BroadcastRequest>,
    ) -> Answer<wire::BroadcastResponse> {
        connections::broadcast(self, request).await
    }

    async fn disconnect(
        &self,
        request: Request<wire::DisconnectRequest>,
    ) -> Answer<wire::DisconnectResponse> {
        connections::disconnect(self, request).await
    }

    async fn is_active(
        &self,
        request: Request<wire::IsActiveRequest>,
    ) -> Answer<wire::IsActiveResponse> {
        connections::is_active(self, request).await
    }

    async fn explain_delivery(
        &self,
        request: Request<wire::ExplainDeliveryRequest>,
    ) -> Answer<wire::ExplainDeliveryResponse> {
        deliveries::explain_delivery(self, request).await
    }

    async fn report_connections(
        &self,
        request: Request<wire::ReportConnectionsRequest>,
    ) -> Answer<wire::ReportConnectionsResponse> {
        connections::report_connections(self, request).await
    }

    async fn export_user(
        &self,
        request: Request<wire::ExportUserRequest>,
    ) -> Answer<wire::ExportUserResponse> {
        erasure::export_user(self, request).await
    }

    async fn erase_user(
        &self,
        request: Request<wire::EraseUserRequest>,
    ) -> Answer<wire::EraseUserResponse> {
        erasure::erase_user(self, request).await
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

/// Reads a person who need not be named.
fn optional_user(text: &str) -> Result<Option<UserRef>, Status> {
    match text {
        "" => Ok(None),
        text => user(text).map(Some),
    }
}

/// Reads an address range.
fn range(text: &str) -> Result<Range, Status> {
    Range::parse(text).ok_or_else(|| {
        field_invalid(
            "cidr",
            "an address or a range, such as 203.0.113.0/24 or 2001:db8::/64",
        )
    })
}

/// Reads an id.
fn read_id<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Status> {
    text.parse()
        .map_err(|_| field_invalid(field, "an id is needed"))
}

/// Reads the name of a tenant.
fn tenant(text: &str) -> Result<Tenant, Status> {
    text.parse()
        .map_err(|_| field_invalid("tenant", "the name of a tenant is needed"))
}

/// Reads a time to come; 0 says nothing.
fn until(until_ms: i64) -> Result<Option<i64>, Status> {
    match until_ms {
        0 => Ok(None),
        1..=TIME_MAX_MS => Ok(Some(until_ms)),
        _ => Err(field_invalid("until", "milliseconds since the epoch")),
    }
}

/// Reads which page is meant.
fn paging<P: Place>(page: &str, limit: u32) -> Result<Paging<P>, Status> {
    let after = match page {
        "" => None,
        token => {
            Some(P::decode(token).ok_or_else(|| field_invalid("page", "not a page of this list"))?)
        }
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

/// Writes where the next page begins; empty when there is none.
fn next_page(next: Option<impl Place>) -> String {
    next.map(Place::encode).unwrap_or_default()
}

/// Writes a count; more than fits is the most that fits.
fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use rpc::Access;

    use super::ACCESS;

    #[test]
    fn every_method_of_the_contract_has_its_permission_row() {
        let contract = include_str!("../../proto/hubbub/moderation/v1/moderation.proto");
        let methods = contract
            .lines()
            .filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next());
        let methods: Vec<String> = methods
            .map(|method| format!("/hubbub.moderation.v1.ModerationService/{method}"))
            .collect();
        let rows: Vec<&str> = ACCESS.iter().map(|(path, _)| *path).collect();
        assert_eq!(rows, methods);
    }

    #[test]
    fn a_comment_that_opens_a_method_says_so_and_all_others_are_for_administrators() {
        let contract = include_str!("../../proto/hubbub/moderation/v1/moderation.proto");
        let mut said = Access::Admin;
        let mut is_first = true;
        for line in contract.lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix("// ") {
                if is_first {
                    said = match comment.split('.').next() {
                        Some("Internal") => Access::Internal,
                        Some("User") => Access::User,
                        _ => Access::Admin,
                    };
                }
                is_first = false;
            } else {
                if let Some(method) = line.strip_prefix("rpc ") {
                    let method = method.split('(').next().unwrap_or_default();
                    let row = ACCESS
                        .iter()
                        .find(|(path, _)| path.ends_with(&format!("/{method}")));
                    // The export's comment does not begin with its access: it is for its owner.
                    let expected = if method == "ExportUser" {
                        Access::User
                    } else {
                        said
                    };
                    assert_eq!(row.map(|(_, access)| *access), Some(expected), "{method}");
                }
                is_first = true;
            }
        }
    }
}
