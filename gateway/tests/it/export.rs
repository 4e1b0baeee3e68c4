//! Everything about a person in one document, of whatever length.

use bytes::Bytes;
use prost::Message;
use proto::{
    auth::ExportAccountResponse,
    moderation::ExportUserResponse as ModerationExport,
    reason::Reason,
    room::{ExportUserRequest, ExportUserResponse},
    social::ExportUserResponse as SocialExport,
};
use serde_json::json;
use tonic::{Code, Status};

use crate::world::World;

const ROUTE: &str = "GET /v1/account/export";

fn page(records: &[&'static str], next_page: &str) -> Bytes {
    let page = ExportUserResponse {
        records: records.iter().map(|record| Bytes::from(*record)).collect(),
        next_page: next_page.into(),
    };
    page.encode_to_vec().into()
}

async fn world() -> World {
    let world = World::start().await;
    let account = ExportAccountResponse {
        account: br#"{"name":"ada"}"#.as_slice().into(),
    };
    let social = SocialExport {
        social: br#"{"friends":[]}"#.as_slice().into(),
    };
    let moderation = ModerationExport {
        moderation: br#"{"bans":[]}"#.as_slice().into(),
    };
    world.script.answers("auth/ExportAccount", &account);
    world.script.answers("social/ExportUser", &social);
    world.script.answers("moderation/ExportUser", &moderation);
    world
}

#[tokio::test]
async fn all_pages_are_in_the_document() {
    let world = world().await;
    let pages = [
        Ok(page(
            &[r#"{"kind":"message"}"#, r#"{"kind":"thread"}"#],
            "p2",
        )),
        Ok(page(&[], "p3")),
        Ok(page(&[r#"{"kind":"reaction"}"#], "")),
    ];
    world.script.replies("room/ExportUser", pages);
    let export = world.http("ada", ROUTE, None).await;
    assert_eq!(export.status, 200);
    assert_eq!(export.headers["content-type"], "application/json");
    let disposition = &export.headers["content-disposition"];
    assert_eq!(disposition, r#"attachment; filename="hubbub-export.json""#);
    assert_eq!(
        export.json(),
        json!({
            "account": {"name": "ada"}, "social": {"friends": []}, "moderation": {"bans": []},
            "rooms": [{"kind": "message"}, {"kind": "thread"}, {"kind": "reaction"}],
        })
    );
    let asked = world.script.asked::<ExportUserRequest>("room/ExportUser");
    let pages: Vec<_> = asked
        .iter()
        .map(|(caller, asked)| (caller.as_str(), asked.page.as_str()))
        .collect();
    assert_eq!(pages, [("ada", ""), ("ada", "p2"), ("ada", "p3")]);
}

#[tokio::test]
async fn nothing_at_all_is_a_document_too() {
    let world = world().await;
    world.script.replies("room/ExportUser", [Ok(page(&[], ""))]);
    let export = world.http("ada", ROUTE, None).await;
    assert_eq!(export.json()["rooms"], json!([]));
}

#[tokio::test]
async fn what_fails_before_the_first_byte_is_told_and_later_it_cuts_the_document_off() {
    let world = world().await;
    let away = || {
        let reason = Reason::UPSTREAM_UNAVAILABLE;
        rpc::status(Code::Unavailable, reason, "no service answers")
    };
    let first = || Ok(page(&[r#"{"kind":"message"}"#], "p2"));
    for call in [
        "auth/ExportAccount",
        "social/ExportUser",
        "moderation/ExportUser",
    ] {
        let world = self::world().await;
        world.script.refuses(call, away());
        let refused = world.http("ada", ROUTE, None).await;
        assert_eq!(refused.status, 503, "{call}");
    }
    world.script.refuses("room/ExportUser", away());
    assert_eq!(world.http("ada", ROUTE, None).await.status, 503);
    for failure in [
        Err(away()),
        Err(Status::unknown("lost")),
        Ok(page(&["no JSON"], "")),
    ] {
        world.script.replies("room/ExportUser", [first(), failure]);
        let cut = world.http("ada", ROUTE, None).await;
        assert!(cut.body.is_none(), "a part must not look whole");
    }
    assert_eq!(world.http("", ROUTE, None).await.status, 401);
}
