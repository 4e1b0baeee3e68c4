//! LogIn: what is told and what is not, delays, the queue, rehash.

use std::time::{Duration, Instant};

use proto::reason::Reason;
use rpc::Refusal;
use tonic::{Code, Status};

use crate::{
    moderation,
    world::{self, PASSWORD, World, log_in_at, refusal, user_id},
};

fn bytes(status: &Status) -> (Code, String, Vec<u8>) {
    (
        status.code(),
        status.message().into(),
        status.details().to_vec(),
    )
}

async fn fail(world: &World, name: &str) -> (Status, Duration) {
    let started = Instant::now();
    let status = world
        .log_in(name, "a wrong password")
        .await
        .expect_err("is refused");
    (status, started.elapsed())
}

/// Lets every delay end now.
async fn let_delays_end(world: &World) {
    let over = sqlx::query!("update auth.login_delay set until = now()");
    over.execute(&world.db).await.expect("writes");
}

/// Returns the delay that the last failure on a name set, in seconds.
async fn delay_of(world: &World, name: &str) -> i64 {
    let delay = sqlx::query_scalar!(
        r#"
        select extract(epoch from until - since)::bigint as "delay_s!"
        from auth.login_delay
        where subject = sha256(convert_to('account', 'UTF8') || '\x00'::bytea || convert_to($1, 'UTF8'))
        "#,
        name
    );
    delay.fetch_one(&world.db).await.expect("a delay")
}

#[tokio::test]
async fn an_unknown_name_is_told_and_timed_like_a_wrong_password() {
    let world = World::with(|auth| auth.limits.account_failures = 100).await;
    world.sign_up("ada").await;
    let (mut wrong, mut unknown) = (Duration::MAX, Duration::MAX);
    // The quickest of several tells the work from the noise of a busy machine.
    for _ in 0..12 {
        let (known_status, known_time) = fail(&world, "ada").await;
        let (unknown_status, unknown_time) = fail(&world, "nobody").await;
        let (impossible_status, _) = fail(&world, "no body\0").await;
        assert_eq!(bytes(&known_status), bytes(&unknown_status));
        assert_eq!(bytes(&known_status), bytes(&impossible_status));
        wrong = wrong.min(known_time);
        unknown = unknown.min(unknown_time);
    }
    let (status, _) = fail(&world, "ada").await;
    assert_eq!(
        refusal::<()>(Err(status)),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    assert!(
        wrong < unknown * 2 && unknown < wrong * 2,
        "{wrong:?} and {unknown:?}"
    );
}

#[tokio::test]
async fn the_name_may_be_written_in_any_case() {
    let world = World::start().await;
    let first = world.sign_up("Ada").await;
    let second = world.log_in("ADA", PASSWORD).await.expect("logs in");
    assert_eq!(first.user, second.user);
    assert_ne!(first.session_token, second.session_token);
}

#[tokio::test]
async fn five_failures_bring_a_growing_delay_that_outlives_redis_and_restarts() {
    let world = World::start().await;
    world.sign_up("ada").await;
    for name in ["ada", "nobody"] {
        for _ in 0..5 {
            let (status, _) = fail(&world, name).await;
            assert_eq!(Refusal::of(&status).reason, Reason::CREDENTIALS_INVALID);
        }
    }
    assert_eq!(delay_of(&world, "ada").await, 1);
    world.hold_delays().await;
    world.flush_redis().await;
    let restarted = world.replica(|_| ()).await.expect("starts");
    for name in ["ada", "Nobody"] {
        // Not even the right password is looked at.
        let status = log_in_at(&restarted, name, PASSWORD)
            .await
            .expect_err("is refused");
        let refused = Refusal::of(&status);
        assert_eq!(
            (refused.code, refused.reason),
            (Code::ResourceExhausted, Reason::RATE_LIMITED)
        );
        let hour = Duration::from_secs(3_600);
        let after = refused.retry_after.expect("a time");
        assert!(
            after <= hour + Duration::from_secs(1) && after > hour / 2,
            "{after:?}"
        );
    }
    for expected_s in [2, 4, 8] {
        let_delays_end(&world).await;
        fail(&world, "ada").await;
        assert_eq!(delay_of(&world, "ada").await, expected_s);
    }
    let_delays_end(&world).await;
    world
        .log_in("ada", PASSWORD)
        .await
        .expect("a delay is no lock");
    let (status, _) = fail(&world, "ada").await;
    assert_eq!(Refusal::of(&status).reason, Reason::CREDENTIALS_INVALID);
}

#[tokio::test]
async fn the_delay_has_a_ceiling() {
    let world = World::with(|auth| auth.limits.account_delay_max_s = 3).await;
    for _ in 0..9 {
        let_delays_end(&world).await;
        fail(&world, "nobody").await;
    }
    assert_eq!(delay_of(&world, "nobody").await, 3);
}

#[tokio::test]
async fn guesses_in_parallel_count_like_guesses_in_a_row() {
    let world = World::start().await;
    world.sign_up("ada").await;
    fail(&world, "ada").await;
    let many = sqlx::query!("update auth.login_delay set failures = 11");
    many.execute(&world.db).await.expect("writes");
    let guesses = (0..20).map(|_| world.log_in("ada", "a wrong password"));
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers
        .into_iter()
        .filter(|answer| {
            let status = answer.as_ref().expect_err("is refused");
            Refusal::of(status).reason == Reason::CREDENTIALS_INVALID
        })
        .count();
    assert_eq!(looked_at, 1);
}

#[tokio::test]
async fn log_ins_in_parallel_within_the_limit_all_succeed() {
    let world = World::start().await;
    world.sign_up("ada").await;
    for _ in 0..8 {
        let logins = (0..4).map(|_| world.log_in("ada", PASSWORD));
        for answer in futures::future::join_all(logins).await {
            answer.expect("logs in");
        }
    }
}

#[tokio::test]
async fn an_address_gets_so_many_failures_per_minute_and_success_costs_nothing() {
    let world = World::with(|auth| auth.limits.address_per_minute = 3).await;
    world.sign_up("ada").await;
    for _ in 0..4 {
        world.log_in("ada", PASSWORD).await.expect("logs in");
    }
    fail(&world, "bob").await;
    fail(&world, "eve").await;
    let status = world
        .log_in("ada", PASSWORD)
        .await
        .expect_err("the minute is full");
    assert_eq!(
        refusal::<()>(Err(status)),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
}

#[tokio::test]
async fn a_full_hash_queue_refuses_at_once_and_counts_nothing() {
    let world = World::with(|auth| {
        auth.argon2.workers = 1;
        auth.argon2.queue = 1;
    })
    .await;
    let names: Vec<String> = (0..16).map(|i| format!("nobody{i}")).collect();
    let answers =
        futures::future::join_all(names.iter().map(|name| world.log_in(name, PASSWORD))).await;
    let mut busy = 0;
    for (name, answer) in names.iter().zip(answers) {
        let refused = Refusal::of(&answer.expect_err("nobody gets in"));
        if refused.reason == Reason::RATE_LIMITED {
            busy += 1;
            assert!(refused.retry_after.is_some(), "{name}");
        }
    }
    assert!(busy > 0);
    let uncounted = sqlx::query_scalar!("select count(*) from auth.login_delay where failures = 0");
    assert_eq!(
        uncounted.fetch_one(&world.db).await.expect("reads"),
        Some(busy)
    );
}

#[tokio::test]
async fn a_hash_is_renewed_when_the_parameters_rise() {
    let world = World::start().await;
    world.sign_up("ada").await;
    let stored = async || {
        let row = sqlx::query_scalar!("select password_hash from auth.account");
        row.fetch_one(&world.db).await.expect("reads")
    };
    let old = stored().await;
    world.log_in("ada", PASSWORD).await.expect("logs in");
    assert_eq!(stored().await, old);

    let stronger = world
        .replica(|auth| auth.argon2.memory_kib = 20_480)
        .await
        .expect("starts");
    log_in_at(&stronger, "ada", PASSWORD)
        .await
        .expect("logs in");
    let renewed = stored().await;
    assert!(renewed.contains("m=20480"), "{renewed}");
    log_in_at(&stronger, "ada", PASSWORD)
        .await
        .expect("logs in");
    assert_eq!(stored().await, renewed);
    // A replica that still has the old settings leaves the better hash alone.
    world.log_in("ada", PASSWORD).await.expect("logs in");
    assert_eq!(stored().await, renewed);
}

#[tokio::test]
async fn the_agent_is_kept_within_bounds() {
    use proto::auth::{ListSessionsRequest, auth_service_server::AuthService};
    let world = World::start().await;
    world.sign_up("ada").await;
    let mut request = world::log_in("ada", PASSWORD);
    request.client = Some(proto::auth::Client {
        address: "not an address".into(),
        agent: format!("\0\n{}", "ü".repeat(300)),
    });
    let answer = world
        .app
        .log_in(tonic::Request::new(request))
        .await
        .expect("logs in");
    let grant = answer.into_inner().grant.expect("a grant");
    let listed = world
        .app
        .list_sessions(world::by(&grant, ListSessionsRequest {}))
        .await;
    let sessions = listed.expect("lists").into_inner().sessions;
    assert_eq!(sessions[0].agent, "ü".repeat(256));
}

#[tokio::test]
async fn only_who_knows_the_password_is_told_of_a_ban() {
    let world = World::with(|auth| auth.limits.account_failures = 100).await;
    let (ada, _) = (world.sign_up("ada").await, world.sign_up("bob").await);
    moderation::ban(&world.db, user_id(&ada)).await;
    let (mut banned, mut free) = (Duration::MAX, Duration::MAX);
    for _ in 0..8 {
        let (banned_status, banned_time) = fail(&world, "ada").await;
        let (free_status, free_time) = fail(&world, "bob").await;
        assert_eq!(bytes(&banned_status), bytes(&free_status));
        banned = banned.min(banned_time);
        free = free.min(free_time);
    }
    assert!(
        banned < free * 2 && free < banned * 2,
        "{banned:?} and {free:?}"
    );
    let answer = world.log_in("ada", PASSWORD).await;
    assert_eq!(refusal(answer), (Code::PermissionDenied, Reason::BANNED));
    assert_eq!(world.live_sessions(user_id(&ada)).await, 1);
    world.log_in("bob", PASSWORD).await.expect("logs in");

    moderation::lift_bans(&world.db).await;
    world.log_in("ada", PASSWORD).await.expect("is free again");
}

#[tokio::test]
async fn an_administrators_session_is_short() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    let minutes = |grant: &proto::auth::Grant| {
        (grant.session_expires_at_ms - grant.access_expires_at_ms) / 60_000 + 15
    };
    assert!((29..=31).contains(&minutes(&root)), "{}", minutes(&root));
    assert!(minutes(&ada) > 13 * 24 * 60);
    let is_bound = sqlx::query_scalar!(
        r#"select absolute_expires_at <= now() + interval '12 hours' as "is_bound!" from auth.session where user_id = $1"#,
        user_id(&root).0
    );
    assert!(is_bound.fetch_one(&world.db).await.expect("reads"));
}
