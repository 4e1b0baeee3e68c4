//! ListConnections.

use proto::{
    id::Tenant,
    moderation::{Connection, ListConnectionsRequest},
    reason::Reason,
};
use redis::AsyncCommands;
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_no_admin, assert_refused};

async fn pages(admin: &Person, user_id: &str, limit: u32) -> (Vec<Connection>, i64) {
    let (mut rows, mut page) = (Vec::new(), String::new());
    loop {
        let request = ListConnectionsRequest {
            user_id: user_id.into(),
            page,
            limit,
        };
        let answer = admin.lists_connections(request).await.expect("a page");
        rows.extend(answer.connections);
        page = answer.next_page;
        if page.is_empty() {
            return (rows, answer.total);
        }
    }
}

#[tokio::test]
async fn connections_of_all_gateways_come_oldest_first_in_pages() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _one) = world.gateway("g1").await;
    let (g2, _two) = world.gateway("g2").await;
    let mut made = Vec::new();
    for index in 0..7 {
        let gateway = if index % 2 == 0 { &g1 } else { &g2 };
        let person = if index < 4 { &ada } else { &bob };
        made.push(world.connects(person, gateway).await);
    }
    assert_eq!(pages(&ada, "", 3).await, (made.clone(), 7));
    assert_eq!(pages(&ada, "", 0).await, (made.clone(), 7));
    for named in [bob.id(), bob.named()] {
        assert_eq!(pages(&ada, &named, 2).await, (made[4..].to_vec(), 3));
    }
}

#[tokio::test]
async fn the_dead_are_left_out_and_forgotten() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let mut made = Vec::new();
    for _ in 0..6 {
        made.push(world.connects(&bob, &g1).await);
    }
    // Half of them without their hash, though the index does not know yet.
    let mut redis = world.redis().await;
    for dead in [0, 2, 5] {
        let key = format!("hubbub:conn:default:{}", made[dead].connection_id);
        let _: () = redis.del(key).await.expect("deleted");
    }
    let living: Vec<_> = [1, 3, 4].map(|index| made[index].clone()).into();
    assert_eq!(pages(&ada, "", 2).await.0, living);
    assert_eq!(pages(&ada, "", 2).await, (living.clone(), 3));
    assert_eq!(pages(&ada, &bob.id(), 0).await, (living, 3));
    for key in ["hubbub:conns:default", "hubbub:conn-ids:default"] {
        let left: usize = redis.zcard(key).await.expect("a count");
        assert_eq!(left, 3, "{key}");
    }
    let owners: usize = redis
        .hlen("hubbub:conn-owners:default")
        .await
        .expect("a count");
    assert_eq!(owners, 3);
}

#[tokio::test]
async fn a_tenant_sees_its_own_only() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    world.connects(&bob, &g1).await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    assert_eq!(pages(&zoe, "", 0).await, (Vec::new(), 0));
    assert_eq!(pages(&zoe, &bob.id(), 0).await, (Vec::new(), 0));
    assert_no_admin(
        bob.lists_connections(ListConnectionsRequest::default())
            .await,
    );
    let request = |user_id: &str, page: &str| ListConnectionsRequest {
        user_id: user_id.into(),
        page: page.into(),
        limit: 0,
    };
    assert_field(ada.lists_connections(request("", "x")).await, "page");
    assert_refused(
        ada.lists_connections(request("@nobody", "")).await,
        Code::NotFound,
        Reason::USER_NOT_FOUND,
    );
}

#[tokio::test]
async fn without_redis_that_is_said() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let refused = ada
        .at(world.app_without_redis())
        .lists_connections(ListConnectionsRequest::default())
        .await;
    let refusal = assert_refused(refused, Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE);
    assert!(refusal.retry_after.is_some());
}
