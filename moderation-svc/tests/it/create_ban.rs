//! CreateBan: who and what may be banned, who is told, and that nothing of the person's gets past it.

use std::time::Duration;

use futures::future::join_all;
use proto::{
    event::Kind,
    id::{TENANT_FEED, Tenant},
    moderation::{BanMode, CreateBanRequest},
    reason::Reason,
};
use serde_json::json;
use tonic::Code;

use crate::{
    neighbours,
    world::{
        World, account_ban, assert_field, assert_no_admin, assert_refused, in_hours, json, key,
        range_ban,
    },
};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_account_is_banned_and_the_person_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let request = account_ban(&bob.named());
    let created = ada.bans(request.clone()).await.expect("banned");
    let ban = created.ban.expect("a ban");
    assert_eq!((created.hit_users, created.is_duplicate), (1, false));
    assert_eq!(
        (ban.user_id.as_str(), ban.cidr.as_str(), ban.until_ms),
        (bob.id().as_str(), "", 0)
    );
    assert_eq!(
        (ban.mode(), ban.by_user_id.as_str(), ban.reason.as_str()),
        (BanMode::Enforce, ada.id().as_str(), "spam")
    );
    assert!(world.is_banned(&bob).await);
    let feed = world.events(bob.caller.user_id).await;
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Banned]);
    assert_eq!(json(&feed[0].data), json!({ "reason": "spam" }));
    assert_eq!(world.told().await, []);
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "ban.create".into(),
            bob.id(),
            json!({ "ban": ban.ban_id, "mode": "enforce", "until": null })
        )]
    );

    // The same request again changes nothing.
    let again = ada.bans(request.clone()).await.expect("the first answer");
    assert!(again.is_duplicate && again.ban.as_ref() == Some(&ban));
    let other = CreateBanRequest {
        reason: "other".into(),
        ..request
    };
    assert_refused(ada.bans(other).await, Code::AlreadyExists, Reason::CONFLICT);
    assert_eq!(world.acts().await, ["ban.create"]);
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Banned]);
}

#[tokio::test]
async fn a_second_ban_takes_the_place_of_the_first_and_the_same_one_is_no_change() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let first = ada.bans(account_ban(&bob.id())).await.expect("banned");
    let first = first.ban.expect("a ban");
    let same = ada.bans(account_ban(&bob.id())).await.expect("banned");
    assert_eq!(same.ban.as_ref(), Some(&first));
    assert_eq!(world.acts().await, ["ban.create"]);

    let until_ms = in_hours(2);
    let shorter = CreateBanRequest {
        until_ms,
        reason: "calm down".into(),
        ..account_ban(&bob.id())
    };
    let second = ada.bans(shorter).await.expect("banned");
    let second = second.ban.expect("a ban");
    assert_eq!(
        (second.ban_id, second.until_ms, second.reason.as_str()),
        (first.ban_id, until_ms, "calm down")
    );
    let feed = world.events(bob.caller.user_id).await;
    assert_eq!(feed.len(), 2);
    assert_eq!(
        json(&feed[1].data),
        json!({ "reason": "calm down", "until": until_ms })
    );
    let listed = ada.lists_bans(Default::default()).await.expect("bans");
    assert_eq!(listed.bans.len(), 1);
}

#[tokio::test]
async fn whoever_is_banned_in_shadow_hears_nothing_of_it() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let shadow = |user: &str| CreateBanRequest {
        mode: BanMode::Shadow.into(),
        ..account_ban(user)
    };
    ada.bans(shadow(&bob.id())).await.expect("banned");
    assert!(world.events(bob.caller.user_id).await.is_empty());
    assert!(!world.is_banned(&bob).await);
    let hidden = |hidden| {
        (
            Kind::ShadowChanged,
            json!({ "user": bob.id(), "hidden": hidden }),
        )
    };
    assert_eq!(world.told().await, [hidden(true)]);
    // From shadow to the open: no longer hidden, but banned.
    ada.bans(account_ban(&bob.id())).await.expect("banned");
    assert_eq!(world.told().await, [hidden(true), hidden(false)]);
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Banned]);
    assert!(world.is_banned(&bob).await);
    ada.bans(shadow(&bob.id())).await.expect("banned");
    assert_eq!(world.told().await.len(), 3);
    assert!(!world.is_banned(&bob).await);
}

#[tokio::test]
async fn administrators_ban_users_and_nobody_else_does_nor_is() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let (bob, joe) = (world.person("Bob").await, world.person("Joe").await);
    for (caller, target, allowed) in [
        (&bob, &joe, None),
        (&bob, &eve, None),
        (&ada, &joe, Some(true)),
        (&ada, &eve, Some(false)),
    ] {
        let answer = caller.bans(account_ban(&target.id())).await;
        match allowed {
            None => assert_no_admin(answer),
            Some(false) => {
                assert_refused(answer, Code::PermissionDenied, Reason::PERMISSION_DENIED);
            }
            Some(true) => assert!(answer.is_ok()),
        }
        assert_eq!(world.is_banned(target).await, allowed == Some(true));
    }
    let herself = ada.bans(account_ban("@ada")).await;
    assert_refused(herself, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    assert_no_admin(bob.bans(range_ban("203.0.113.0/24")).await);
    assert_eq!(world.acts().await, ["ban.create"]);
}

#[tokio::test]
async fn only_administrators_of_today_who_are_logged_in_ban() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let bob = world.person("Bob").await;
    neighbours::demote(&world.db, &ada.caller).await;
    assert_no_admin(ada.bans(account_ban(&bob.id())).await);
    // Now she can be banned herself, and then she can do nothing at all.
    eve.bans(account_ban(&ada.id())).await.expect("banned");
    let banned = ada.bans(account_ban(&bob.id())).await;
    assert_refused(banned, Code::PermissionDenied, Reason::BANNED);
    neighbours::end_session(&world.db, &eve.caller).await;
    let ended = eve.bans(account_ban(&bob.id())).await;
    assert_refused(ended, Code::Unauthenticated, Reason::TOKEN_INVALID);
    assert!(!world.is_banned(&bob).await);
}

#[tokio::test]
async fn a_range_is_banned_for_a_time_and_the_gateways_are_told() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    neighbours::sight(&world.db, &bob.caller, "203.0.113.9", 29).await;
    neighbours::sight(&world.db, &bob.caller, "203.0.113.10", 1).await;
    neighbours::sight(&world.db, &eve.caller, "203.0.113.11", 31).await;
    let request = range_ban("203.0.113.77/24");
    let created = ada.bans(request.clone()).await.expect("banned");
    let ban = created.ban.expect("a ban");
    assert_eq!(
        (ban.cidr.as_str(), ban.user_id.as_str(), created.hit_users),
        ("203.0.113.0/24", "", 1)
    );
    let days = (ban.until_ms - ban.created_at_ms) / 86_400_000;
    assert_eq!(days, 30);
    assert_eq!(
        world.told().await,
        [(
            Kind::RangeBanned,
            json!({ "ban": ban.ban_id, "cidr": "203.0.113.0/24", "shadow": false, "until": ban.until_ms })
        )]
    );
    let (_, action, subject, detail) = world.audit().await.remove(0);
    assert_eq!(
        (action.as_str(), subject),
        ("ban.create", ban.ban_id.clone())
    );
    assert_eq!(
        detail,
        json!({ "cidr": "203.0.113.0/24", "mode": "enforce", "until": ban.until_ms })
    );
    let again = ada.bans(request).await.expect("the first answer");
    assert!(again.is_duplicate && again.ban == Some(ban) && again.hit_users == 1);

    let site = ada.bans(range_ban("2001:db8::1")).await.expect("banned");
    assert_eq!(site.ban.expect("a ban").cidr, "2001:db8::/64");
}

#[tokio::test]
async fn ranges_that_would_hit_everyone_the_house_or_oneself_are_refused() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    neighbours::sight(&world.db, &ada.caller, "192.0.2.55", 29).await;
    neighbours::sight(&world.db, &ada.caller, "2001:db8:7::9", 0).await;
    neighbours::sight(&world.db, &ada.caller, "203.0.113.9", 31).await;
    for cidr in [
        "0.0.0.0/0",
        "::/0",
        "203.0.0.0/7",
        "10.0.0.0/8",
        "127.0.0.1",
        "100.64.0.1",
        "::1",
        "fe80::/10",
        "fd00::/64",
        "224.0.0.0/8",
        "198.51.100.3",
        "192.0.2.0/24",
        "2001:db8:7::1",
    ] {
        let refused = ada.bans(range_ban(cidr)).await;
        assert_refused(refused, Code::InvalidArgument, Reason::RANGE_REFUSED);
    }
    ada.bans(range_ban("203.0.113.0/24"))
        .await
        .expect("she has not been there for a month");
    assert_eq!(world.acts().await, ["ban.create"]);
}

#[tokio::test]
async fn a_development_stack_bans_the_address_that_all_come_from() {
    let world = World::with(|moderation| moderation.allow_private = true).await;
    let ada = world.admin("Ada").await;
    neighbours::sight(&world.db, &ada.caller, "127.0.0.1", 0).await;
    ada.bans(range_ban("127.0.0.1")).await.expect("banned");
    let all = ada.bans(range_ban("0.0.0.0/0")).await;
    assert_refused(all, Code::InvalidArgument, Reason::RANGE_REFUSED);
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let with = |change: fn(&mut CreateBanRequest)| {
        let mut request = account_ban(&bob.id());
        change(&mut request);
        request
    };
    for (field, request) in [
        ("user", account_ban("")),
        ("user", with(|ban| ban.cidr = "203.0.113.0/24".into())),
        ("cidr", range_ban("0313.0.0161.7")),
        ("cidr", range_ban("0xcb007107")),
        ("cidr", range_ban("203.0.113.0/33")),
        ("reason", with(|ban| ban.reason = " ".into())),
        ("reason", with(|ban| ban.reason = "x".repeat(501))),
        ("until", with(|ban| ban.until_ms = 1_000)),
        ("until", with(|ban| ban.until_ms = -1)),
        ("until", with(|ban| ban.until_ms = i64::MAX)),
        ("mode", with(|ban| ban.mode = 9)),
        ("key", with(|ban| ban.key = String::new())),
    ] {
        assert_field(ada.bans(request).await, field);
    }
    for nobody in [key(), "@nobody".into()] {
        let unknown = ada.bans(account_ban(&nobody)).await;
        assert_refused(unknown, Code::NotFound, Reason::USER_NOT_FOUND);
    }
    assert!(world.acts().await.is_empty());
}

#[tokio::test]
async fn another_tenant_s_people_do_not_exist() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let bob = world.person_of("Bob", false, other).await;
    for named in [bob.id(), bob.named()] {
        let unknown = ada.bans(account_ban(&named)).await;
        assert_refused(unknown, Code::NotFound, Reason::USER_NOT_FOUND);
    }
}

#[tokio::test]
async fn two_administrators_at_once_make_one_ban() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let bob = world.person("Bob").await;
    for target in [account_ban(&bob.id()), range_ban("203.0.113.0/24")] {
        let requests = [&ada, &eve, &ada, &eve].map(|admin| {
            let request = CreateBanRequest {
                key: key(),
                ..target.clone()
            };
            async {
                admin
                    .bans(request)
                    .await
                    .expect("banned")
                    .ban
                    .expect("a ban")
            }
        });
        let bans = join_all(requests).await;
        assert!(bans.iter().all(|ban| ban.ban_id == bans[0].ban_id));
    }
    let listed = ada.lists_bans(Default::default()).await.expect("bans");
    assert_eq!(listed.bans.len(), 2);
    assert!(ada.verifies_audit().await.expect("a verdict").is_intact);
}

#[tokio::test]
async fn a_ban_waits_for_what_is_under_way_and_what_comes_later_sees_it() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    // An append in Bob's name that has not committed.
    let mut under_way = world.db.begin().await.expect("a transaction");
    lock_shared(&mut under_way, &bob).await;
    let banning = {
        let (ada, request) = (ada.clone(), account_ban(&bob.id()));
        tokio::spawn(async move { ada.bans(request).await })
    };
    wait_for_waiting(&world, 1).await;
    assert!(!banning.is_finished() && !world.is_banned(&bob).await);
    // An append that comes while the ban is being made waits for it.
    let later = {
        let (world_db, bob) = (world.db.clone(), bob.clone());
        tokio::spawn(async move {
            let mut tx = world_db.begin().await.expect("a transaction");
            lock_shared(&mut tx, &bob).await;
            let banned = sqlx::query_scalar!(
                r#"select exists (select 1 from moderation.active_ban where user_id = $1) as "is_banned!""#,
                bob.caller.user_id.0,
            );
            banned.fetch_one(&mut *tx).await.expect("the view")
        })
    };
    wait_for_waiting(&world, 2).await;
    under_way.commit().await.expect("committed");
    banning.await.expect("no panic").expect("banned");
    assert!(
        later.await.expect("no panic"),
        "the later append sees the ban"
    );
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Banned]);
    assert_eq!(world.kinds(TENANT_FEED).await, [Kind::ModerationNoted]);
}

/// Takes a person's lock as an append in their name does.
async fn lock_shared(conn: &mut sqlx::PgConnection, person: &crate::world::Person) {
    sqlx::query!(
        r#"select pg_advisory_xact_lock_shared(stream.actor_lock($1, $2))::text as "locked?""#,
        person.caller.tenant.as_str(),
        person.caller.user_id.0,
    )
    .fetch_one(conn)
    .await
    .expect("the lock");
}

/// Waits until so many transactions of this database wait for a person's lock.
async fn wait_for_waiting(world: &World, count: i64) {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let waiting = sqlx::query_scalar!(
                r#"
                select count(*) as "waiting!"
                from pg_locks l
                join pg_database d on d.oid = l.database
                where d.datname = current_database() and l.locktype = 'advisory' and not l.granted
                "#
            );
            if waiting.fetch_one(&world.db).await.expect("the locks") == count {
                break;
            }
        }
    });
    waited.await.expect("they wait");
}
