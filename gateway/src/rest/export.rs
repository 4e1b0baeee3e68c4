//! Everything that is held of a person, as one document. What the rooms hold may be long: it is written page by page,
//! as fast as it is read.

use std::{io, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};
use proto::{
    auth::ExportAccountRequest,
    moderation::ExportUserRequest as ExportModerationRequest,
    room::{ExportUserRequest as ExportRoomsRequest, ExportUserResponse as RoomsPage},
    social::ExportUserRequest as ExportSocialRequest,
};
use serde_json::value::RawValue;
use tonic::Status;

use super::{
    Rest,
    credential::Signed,
    problem::{Problem, ProblemShape},
};

/// How long a page may take: exports are rare and read much.
const DEADLINE: Duration = Duration::from_secs(10);

/// Everything that is held of the caller: account, sessions and addresses; friends and settings; bans and reports;
/// messages and memberships.
///
/// A document that ends before its closing brace is not whole: ask again.
#[utoipa::path(
    get,
    path = "/v1/account/export",
    tag = "accounts",
    responses(
        (status = 200, description = "`{account, social, moderation, rooms[]}`", body = Object),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 503, description = "UPSTREAM_UNAVAILABLE", body = ProblemShape),
    )
)]
pub(crate) async fn export(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
) -> Result<Response, Problem> {
    let (mut auth, mut social) = (rest.app.auth.clone(), rest.app.social.clone());
    let mut moderation = rest.app.moderation.clone();
    let (mut of_auth, mut of_social) = (
        signed.call(ExportAccountRequest {}),
        signed.call(ExportSocialRequest {}),
    );
    let mut of_moderation = signed.call(ExportModerationRequest {});
    of_auth.set_timeout(DEADLINE);
    of_social.set_timeout(DEADLINE);
    of_moderation.set_timeout(DEADLINE);
    // Refusals are told while that is still possible: before the first byte.
    let (account, social, moderation, first) = tokio::try_join!(
        auth.export_account(of_auth),
        social.export_user(of_social),
        moderation.export_user(of_moderation),
        ask_page(&rest, &signed, String::new()),
    )?;
    let head = format!(
        r#"{{"account":{},"social":{},"moderation":{},"rooms":["#,
        json(&account.into_inner().account)?,
        json(&social.into_inner().social)?,
        json(&moderation.into_inner().moderation)?,
    );
    let mut has_records = false;
    let records = write(&first, &mut has_records).map_err(|_| Problem::internal())?;
    let whole = stream::iter([Ok(Bytes::from(head)), Ok(records)])
        .chain(later_pages(rest, signed, first.next_page, has_records))
        .chain(stream::iter([Ok(Bytes::from_static(b"]}"))]));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static(r#"attachment; filename="hubbub-export.json""#),
        ),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}

async fn ask_page(rest: &Rest, signed: &Signed, page: String) -> Result<RoomsPage, Status> {
    let mut request = signed.call(ExportRoomsRequest { page });
    request.set_timeout(DEADLINE);
    let answer = rest.app.room.clone().export_user(request).await?;
    Ok(answer.into_inner())
}

/// Asks for each page when the one before it was taken. An error cuts the document off.
fn later_pages(
    rest: Arc<Rest>,
    signed: Signed,
    next: String,
    has_records: bool,
) -> impl Stream<Item = io::Result<Bytes>> {
    let begin = (rest, signed, next, has_records);
    stream::try_unfold(begin, |(rest, signed, next, mut has_records)| async move {
        if next.is_empty() {
            return Ok(None);
        }
        let page = ask_page(&rest, &signed, next).await.map_err(|status| {
            tracing::warn!(code = ?status.code(), "an export was cut off");
            io::Error::other("a page of the export did not come")
        })?;
        let records = write(&page, &mut has_records)?;
        Ok(Some((records, (rest, signed, page.next_page, has_records))))
    })
}

/// Writes the records of a page as they stand in an array.
fn write(page: &RoomsPage, has_records: &mut bool) -> io::Result<Bytes> {
    let mut out = String::new();
    for record in &page.records {
        if std::mem::replace(has_records, true) {
            out.push(',');
        }
        let record: &RawValue = serde_json::from_slice(record)?;
        out.push_str(record.get());
    }
    Ok(out.into())
}

/// Checks that a service's document is JSON: one that is not would break the whole.
fn json(text: &[u8]) -> Result<&RawValue, Problem> {
    serde_json::from_slice(text).map_err(|_| Problem::internal())
}
