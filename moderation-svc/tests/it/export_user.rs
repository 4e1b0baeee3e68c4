//! ExportUser.

use proto::moderation::{BanMode, CreateBanRequest, LiftBanRequest, MuteUserRequest};
use serde_json::json;

use crate::world::{World, account_ban, in_hours, key, message_report, person_report};

#[tokio::test]
async fn a_person_gets_their_bans_mutes_and_own_reports() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    assert_eq!(
        bob.exports().await,
        json!({ "bans": [], "mutes": [], "reports": [] })
    );
    let created = ada.bans(account_ban(&bob.id())).await.expect("banned");
    let ban = created.ban.expect("a ban");
    let lift = LiftBanRequest {
        user_id: bob.id(),
        key: key(),
        ..LiftBanRequest::default()
    };
    ada.lifts(lift).await.expect("lifted");
    let mute = MuteUserRequest {
        user_id: bob.id(),
        reason: "shouting".into(),
        until_ms: in_hours(1),
        key: key(),
    };
    ada.mutes(mute.clone()).await.expect("muted");
    let message_id = world.rooms.post(&eve.caller, "their own words");
    let filed = bob
        .reports(message_report(message_id))
        .await
        .expect("reported");
    eve.reports(person_report("@bob")).await.expect("reported");

    let export = bob.exports().await;
    assert_eq!(
        export["bans"],
        json!([{ "ban": ban.ban_id, "reason": "spam", "since": ban.created_at_ms, "until": null }])
    );
    assert_eq!(export["mutes"][0]["reason"], "shouting");
    assert_eq!(export["mutes"][0]["until"], mute.until_ms);
    let reports = export["reports"].as_array().expect("a list");
    assert_eq!(reports.len(), 1);
    assert_eq!(
        (&reports[0]["report"], &reports[0]["note"]),
        (&json!(filed.report_id), &json!("look at this"))
    );
    // Not who did it, not what others wrote.
    let text = export.to_string();
    assert!(!text.contains(&ada.id()) && !text.contains("their own words"));
    assert!(!text.contains("every day"));
}

#[tokio::test]
async fn whoever_is_hidden_does_not_learn_it_here() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let shadow = CreateBanRequest {
        mode: BanMode::Shadow.into(),
        ..account_ban(&bob.id())
    };
    ada.bans(shadow).await.expect("banned");
    assert_eq!(bob.exports().await["bans"], json!([]));
}
