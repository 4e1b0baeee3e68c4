//! Frames of moderators, administrators, and of those who report.

use proto::{moderation::*, room::*};
use serde_json::{Value, json};

use crate::{
    relayed::Relayed,
    world::{KEY, World},
};

fn ban(user: &str, cidr: &str, mode: BanMode, until_ms: i64) -> Ban {
    Ban {
        ban_id: "b1".into(),
        user_id: user.into(),
        cidr: cidr.into(),
        reason: "spam".into(),
        mode: mode.into(),
        by_user_id: "u1".into(),
        created_at_ms: 5,
        until_ms,
    }
}

#[tokio::test]
async fn accounts_and_ranges_are_banned() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let account = Relayed {
        kind: "mod.ban",
        data: json!({"user": "@bob", "reason": "spam"}),
        call: "moderation/CreateBan",
        asks: CreateBanRequest {
            user_id: "@bob".into(),
            cidr: String::new(),
            reason: "spam".into(),
            until_ms: 0,
            mode: BanMode::Enforce.into(),
            key: KEY.into(),
        },
        answers: CreateBanResponse {
            ban: Some(ban("u2", "", BanMode::Enforce, 0)),
            hit_users: 1,
            is_duplicate: true,
        },
        reply: json!({
            "ban": {"id": "b1", "user": "u2", "reason": "spam", "mode": "enforce"},
            "hit": {"users": 1},
            "duplicate": true,
        }),
    };
    world.changes(&mut ada, account).await;
    let range = Relayed {
        kind: "mod.ban",
        data: json!({"cidr": "203.0.113.7/24", "reason": "spam", "until": 99, "mode": "shadow"}),
        call: "moderation/CreateBan",
        asks: CreateBanRequest {
            user_id: String::new(),
            cidr: "203.0.113.7/24".into(),
            reason: "spam".into(),
            until_ms: 99,
            mode: BanMode::Shadow.into(),
            key: KEY.into(),
        },
        answers: CreateBanResponse {
            ban: Some(ban("", "203.0.113.0/24", BanMode::Shadow, 99)),
            hit_users: 4,
            is_duplicate: false,
        },
        reply: json!({
            "ban": {"id": "b1", "cidr": "203.0.113.0/24", "reason": "spam", "mode": "shadow", "until": 99},
            "hit": {"users": 4},
        }),
    };
    world.changes(&mut ada, range).await;
    let data = json!({"user": "@bob", "reason": "spam", "mode": "loud"});
    let refused = ada.request("mod.ban", Some(KEY), &data).await;
    assert_eq!(
        refused["error"]["fields"],
        json!({"mode": "must be enforce or shadow"})
    );
    world.needs(&mut ada, "mod.ban", &data, &["reason"]).await;
}

#[tokio::test]
async fn bans_are_lifted_and_tried_out() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    for (data, [ban_id, user_id, cidr]) in [
        (json!({"ban": "b1"}), ["b1", "", ""]),
        (json!({"user": "@bob"}), ["", "@bob", ""]),
        (
            json!({"cidr": "203.0.113.0/24"}),
            ["", "", "203.0.113.0/24"],
        ),
    ] {
        let unban = Relayed {
            kind: "mod.unban",
            data,
            call: "moderation/LiftBan",
            asks: LiftBanRequest {
                ban_id: ban_id.into(),
                user_id: user_id.into(),
                cidr: cidr.into(),
                key: KEY.into(),
            },
            answers: LiftBanResponse { lifted: 2 },
            reply: json!({"lifted": 2}),
        };
        world.changes(&mut ada, unban).await;
    }
    let preview = Relayed {
        kind: "mod.preview",
        data: json!({"cidr": "203.0.113.7/24"}),
        call: "moderation/PreviewBan",
        asks: PreviewBanRequest {
            cidr: "203.0.113.7/24".into(),
        },
        answers: PreviewBanResponse {
            cidr: "203.0.113.0/24".into(),
            users: 5,
            admins: 1,
            sample: vec!["bob".into()],
            live_connections: 2,
            reported_users: 3,
        },
        reply: json!({
            "cidr": "203.0.113.0/24", "users": 5, "admins": 1, "sample": ["bob"], "liveConnections": 2,
            "reportedUsers": 3,
        }),
    };
    world.asks(&mut ada, preview).await;
}

#[tokio::test]
async fn in_a_room_it_is_the_room_s_affair() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let (room, user_id, key) = (|| "r1".into(), || "u2".into(), || KEY.into());
    let kick = Relayed {
        kind: "mod.kick",
        data: json!({"room": "r1", "user": "u2", "reason": "spam"}),
        call: "room/KickMember",
        asks: KickMemberRequest {
            room: room(),
            user_id: user_id(),
            reason: "spam".into(),
            key: key(),
        },
        answers: KickMemberResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, kick).await;
    let data = json!({"room": "r1", "user": "u2", "until": 99, "reason": "spam"});
    let mute = Relayed {
        kind: "mod.mute",
        data: data.clone(),
        call: "room/MuteMember",
        asks: MuteMemberRequest {
            room: room(),
            user_id: user_id(),
            reason: "spam".into(),
            until_ms: 99,
            key: key(),
        },
        answers: MuteMemberResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, mute).await;
    world
        .needs(&mut ada, "mod.mute", &data, &["user", "until"])
        .await;
    let unmute = Relayed {
        kind: "mod.unmute",
        data: json!({"room": "r1", "user": "u2"}),
        call: "room/UnmuteMember",
        asks: UnmuteMemberRequest {
            room: room(),
            user_id: user_id(),
            key: key(),
        },
        answers: UnmuteMemberResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, unmute).await;
    assert!(
        world
            .script
            .asked::<MuteUserRequest>("moderation/MuteUser")
            .is_empty()
    );
}

#[tokio::test]
async fn without_a_room_it_is_the_platform_s() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let (user_id, key) = (|| "@bob".into(), || KEY.into());
    let mute = Relayed {
        kind: "mod.mute",
        data: json!({"user": "@bob", "until": 99}),
        call: "moderation/MuteUser",
        asks: MuteUserRequest {
            user_id: user_id(),
            reason: String::new(),
            until_ms: 99,
            key: key(),
        },
        answers: MuteUserResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, mute).await;
    let unmute = Relayed {
        kind: "mod.unmute",
        data: json!({"user": "@bob"}),
        call: "moderation/UnmuteUser",
        asks: UnmuteUserRequest {
            user_id: user_id(),
            key: key(),
        },
        answers: UnmuteUserResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, unmute).await;
    let warn = Relayed {
        kind: "mod.warn",
        data: json!({"user": "@bob", "reason": "spam"}),
        call: "moderation/WarnUser",
        asks: WarnUserRequest {
            user_id: user_id(),
            reason: "spam".into(),
            key: key(),
        },
        answers: WarnUserResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, warn).await;
    world
        .needs(
            &mut ada,
            "mod.warn",
            &json!({"user": "u", "reason": "r"}),
            &["user", "reason"],
        )
        .await;
}

fn report() -> Report {
    Report {
        report_id: "p1".into(),
        reporter_id: "u1".into(),
        user_id: "u2".into(),
        message_id: "m1".into(),
        room_id: "r1".into(),
        category: "spam".into(),
        note: "look".into(),
        snapshot: "buy".into(),
        state: "in_review".into(),
        handled_by: "u3".into(),
        outcome: "warned".into(),
        created_at_ms: 5,
        updated_at_ms: 6,
    }
}

fn report_view() -> Value {
    json!({
        "id": "p1", "reporter": "u1", "user": "u2", "message": "m1", "room": "r1", "category": "spam",
        "note": "look", "snapshot": "buy", "state": "in_review", "handledBy": "u3", "outcome": "warned",
        "createdAt": 5, "updatedAt": 6,
    })
}

#[tokio::test]
async fn reports_are_made() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    for (data, [message_id, user_id]) in [
        (
            json!({"message": "m1", "category": "spam", "note": "look"}),
            ["m1", ""],
        ),
        (
            json!({"user": "@bob", "category": "spam", "note": "look"}),
            ["", "@bob"],
        ),
    ] {
        let make = Relayed {
            kind: "mod.report",
            data,
            call: "moderation/ReportContent",
            asks: ReportContentRequest {
                message_id: message_id.into(),
                user_id: user_id.into(),
                category: "spam".into(),
                note: "look".into(),
                key: KEY.into(),
            },
            answers: ReportContentResponse {
                report_id: "p1".into(),
                is_duplicate: false,
            },
            reply: json!({"report": "p1"}),
        };
        world.changes(&mut ada, make).await;
    }
}

#[tokio::test]
async fn reports_are_listed_and_moved_on() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let update = Relayed {
        kind: "mod.reportUpdate",
        data: json!({"report": "p1", "state": "resolved", "outcome": "warned"}),
        call: "moderation/UpdateReport",
        asks: UpdateReportRequest {
            report_id: "p1".into(),
            state: "resolved".into(),
            outcome: "warned".into(),
            key: KEY.into(),
        },
        answers: UpdateReportResponse {
            report: Some(report()),
        },
        reply: json!({"report": report_view()}),
    };
    world.changes(&mut ada, update).await;
    let bare = Report {
        report_id: "p2".into(),
        user_id: "u2".into(),
        category: "filter".into(),
        state: "open".into(),
        ..Report::default()
    };
    let list = Relayed {
        kind: "mod.reports",
        data: json!({"state": "open", "page": "p", "limit": 2}),
        call: "moderation/ListReports",
        asks: ListReportsRequest {
            state: "open".into(),
            page: "p".into(),
            limit: 2,
        },
        answers: ListReportsResponse {
            reports: vec![report(), bare],
            next_page: "q".into(),
        },
        reply: json!({
            "reports": [
                report_view(),
                {"id": "p2", "user": "u2", "category": "filter", "note": "", "state": "open", "createdAt": 0,
                 "updatedAt": 0},
            ],
            "next": "q",
        }),
    };
    world.asks(&mut ada, list).await;
}

#[tokio::test]
async fn the_log_is_read() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let audit = Relayed {
        kind: "mod.audit",
        data: json!({"page": "p", "limit": 2, "actor": "u1", "subject": "u2", "action": "ban.create"}),
        call: "moderation/ListAudit",
        asks: ListAuditRequest {
            page: "p".into(),
            limit: 2,
            actor_id: "u1".into(),
            subject: "u2".into(),
            action: "ban.create".into(),
        },
        answers: ListAuditResponse {
            rows: vec![AuditRow {
                seq: 7,
                at_ms: 5,
                actor_id: "u1".into(),
                action: "ban.create".into(),
                subject: "u2".into(),
                detail: r#"{"reason": "spam"}"#.into(),
                hash: "ff".into(),
            }],
            next_page: String::new(),
        },
        reply: json!({"rows": [{
            "seq": 7, "at": 5, "actor": "u1", "action": "ban.create", "subject": "u2",
            "detail": {"reason": "spam"}, "hash": "ff",
        }]}),
    };
    world.asks(&mut ada, audit).await;
}
