//! ListAddresses, and what is noted for it at sign-up and log-in.

use proto::{
    auth::{Client, Grant, ListAddressesRequest, auth_service_server::AuthService},
    reason::Reason,
};
use sqlx::Row;
use tonic::{Code, Request, Status};

use crate::world::{self, PASSWORD, World, by, refusal, user_id};

async fn addresses(world: &World, admin: &Grant, user: &str) -> Result<Vec<String>, Status> {
    let message = ListAddressesRequest {
        user_id: user.into(),
    };
    let answer = world.app.list_addresses(by(admin, message)).await?;
    let addresses = answer.into_inner().addresses;
    assert!(
        addresses
            .iter()
            .all(|seen| 0 < seen.first_seen_ms && seen.first_seen_ms <= seen.last_seen_ms)
    );
    Ok(addresses.into_iter().map(|seen| seen.address).collect())
}

async fn log_in_from(world: &World, name: &str, address: &str) {
    let mut request = world::log_in(name, PASSWORD);
    request.client = Some(Client {
        address: address.into(),
        ..world::client()
    });
    let answer = world.app.log_in(Request::new(request)).await;
    answer.expect("logs in");
}

/// Lets everything be that much longer ago.
async fn age(world: &World, hours: i32) {
    let aged = sqlx::query!(
        r#"
        update auth.address_seen
        set first_seen_at = first_seen_at - make_interval(hours => $1),
            last_seen_at = last_seen_at - make_interval(hours => $1)
        "#,
        hours
    );
    aged.execute(&world.db).await.expect("writes");
}

#[tokio::test]
async fn addresses_are_listed_latest_first() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    age(&world, 2).await;
    log_in_from(&world, "ada", "2001:db8::7").await;
    age(&world, 2).await;
    log_in_from(&world, "ada", "::ffff:198.51.100.3").await;
    log_in_from(&world, "ada", "not an address").await;
    let expected = ["198.51.100.3", "2001:db8::7", "192.0.2.7"];
    for user in ["@Ada", &user_id(&ada).to_string()] {
        assert_eq!(
            addresses(&world, &root, user).await.expect("lists"),
            expected
        );
    }
    age(&world, 2).await;
    log_in_from(&world, "ada", "192.0.2.7").await;
    let expected = ["192.0.2.7", "198.51.100.3", "2001:db8::7"];
    assert_eq!(
        addresses(&world, &root, "@ada").await.expect("lists"),
        expected
    );
    age(&world, 30 * 24).await;
    let listed = addresses(&world, &root, "@ada").await.expect("lists");
    assert!(listed.is_empty(), "{listed:?}");
}

#[tokio::test]
async fn a_failed_log_in_notes_nothing() {
    let (world, root) = World::with_admin().await;
    world.sign_up("ada").await;
    let mut request = world::log_in("ada", "a wrong password");
    request.client = Some(Client {
        address: "198.51.100.3".into(),
        ..world::client()
    });
    let answer = world.app.log_in(Request::new(request)).await;
    answer.expect_err("is refused");
    assert_eq!(
        addresses(&world, &root, "@ada").await.expect("lists"),
        ["192.0.2.7"]
    );
}

#[tokio::test]
async fn an_address_is_written_at_most_once_an_hour() {
    let world = World::start().await;
    world.sign_up("ada").await;
    let versions = async || {
        let row = sqlx::query!(
            r#"select ctid::text as "version!", last_seen_at > now() - interval '1 minute' as "is_fresh!" from auth.address_seen"#
        );
        let row = row.fetch_one(&world.db).await.expect("one row");
        (row.version, row.is_fresh)
    };
    let first = versions().await;
    age(&world, 0).await;
    let second = versions().await;
    assert_ne!(first.0, second.0, "a write is seen by its version");
    log_in_from(&world, "ada", "192.0.2.7").await;
    assert_eq!(versions().await, second);
    age(&world, 2).await;
    assert!(!versions().await.1);
    log_in_from(&world, "ada", "192.0.2.7").await;
    assert!(versions().await.1);
}

#[tokio::test]
async fn others_may_not_ask_and_nobody_is_not_found() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    assert_eq!(
        refusal(addresses(&world, &ada, "@ada").await),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
    assert_eq!(
        refusal(addresses(&world, &root, "@nobody").await),
        (Code::NotFound, Reason::USER_NOT_FOUND)
    );
    assert_eq!(
        refusal(addresses(&world, &root, "ada").await),
        (Code::InvalidArgument, Reason::FIELD_INVALID)
    );
}

#[tokio::test]
async fn who_was_seen_from_a_range_is_a_search_of_an_index() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    log_in_from(&world, "ada", "198.51.100.3").await;
    log_in_from(&world, "ada", "2001:db8::7").await;
    let seen = async |range: &str| {
        let rows = sqlx::query_scalar!(
            r#"
            select host(address) as "address!"
            from auth.sighting
            where tenant_id = 'default' and address <<= $1::text::inet and last_seen_at > now() - interval '30 days'
            order by address
            "#,
            range
        );
        rows.fetch_all(&world.db).await.expect("reads")
    };
    assert_eq!(seen("198.51.100.0/24").await, ["198.51.100.3"]);
    assert_eq!(seen("2001:db8::/64").await, ["2001:db8::7"]);
    assert!(seen("203.0.113.0/24").await.is_empty());

    let many = sqlx::query!(
        r#"
        insert into auth.address_seen (tenant_id, user_id, address)
        select 'default', $1, '10.0.0.0'::inet + i from generate_series(1, 20000) as i
        "#,
        user_id(&ada).0
    );
    many.execute(&world.db).await.expect("writes");
    // The plan is the one for a range that is not known when it is made.
    let plan = sqlx::raw_sql(
        "analyze auth.address_seen;
         set plan_cache_mode = force_generic_plan;
         prepare reach (inet) as
             select distinct user_id from auth.sighting
             where tenant_id = 'default' and address <<= $1 and last_seen_at > now() - interval '30 days';
         explain execute reach ('198.51.100.0/24')",
    );
    let rows = plan.fetch_all(&world.db).await.expect("explains");
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let plan = lines.join("\n");
    assert!(plan.contains("address_seen_address_idx"), "{plan}");
}
