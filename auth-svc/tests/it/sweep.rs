//! The background work: what is over is deleted, and nothing else.

use proto::auth::{IssueTicketRequest, auth_service_server::AuthService};

use crate::world::{PASSWORD, World, by, session_of};

async fn counts(world: &World) -> (i64, i64, i64) {
    let row = sqlx::query!(
        r#"
        select (select count(*) from auth.session) as "sessions!",
            (select count(*) from auth.ticket) as "tickets!",
            (select count(*) from auth.login_delay) as "delays!"
        "#
    );
    let row = row.fetch_one(&world.db).await.expect("reads");
    (row.sessions, row.tickets, row.delays)
}

#[tokio::test]
async fn what_is_over_goes_and_the_rest_stays() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let old = world.log_in("ada", PASSWORD).await.expect("logs in");
    for grant in [&ada, &old] {
        let request = by(
            grant,
            IssueTicketRequest {
                origin: String::new(),
            },
        );
        world.app.issue_ticket(request).await.expect("issues");
    }
    world
        .log_in("nobody", PASSWORD)
        .await
        .expect_err("is refused");
    // The address, and the unknown name.
    assert_eq!(counts(&world).await, (2, 2, 2));
    world.app.sweep().await.expect("sweeps");
    assert_eq!(counts(&world).await, (2, 2, 2));

    let aged = sqlx::query!("update auth.login_delay set until = until - interval '25 hours'");
    aged.execute(&world.db).await.expect("writes");
    let aged = sqlx::query!(
        "update auth.session set absolute_expires_at = now() - interval '31 days' where session_id::text = $1",
        old.session_id
    );
    aged.execute(&world.db).await.expect("writes");
    world.app.sweep().await.expect("sweeps");
    // The old session took its ticket with it.
    assert_eq!(counts(&world).await, (1, 1, 0));
    let aged = sqlx::query!("update auth.ticket set expires_at = now() - interval '11 minutes'");
    aged.execute(&world.db).await.expect("writes");
    world.app.sweep().await.expect("sweeps");
    assert_eq!(counts(&world).await, (1, 0, 0));
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
}

#[tokio::test]
async fn where_people_were_seen_is_forgotten_after_three_months() {
    let world = World::start().await;
    world.sign_up("ada").await;
    let seen = async || {
        let count = sqlx::query_scalar!(r#"select count(*) as "count!" from auth.sighting"#);
        count.fetch_one(&world.db).await.expect("reads")
    };
    for (days, expected) in [(89, 1), (2, 0)] {
        let aged = sqlx::query!(
            "update auth.address_seen set last_seen_at = last_seen_at - make_interval(days => $1)",
            days
        );
        aged.execute(&world.db).await.expect("writes");
        world.app.sweep().await.expect("sweeps");
        assert_eq!(seen().await, expected);
    }
}
