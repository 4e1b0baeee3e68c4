//! ReportConnections: how gateways keep the registry.

use proto::moderation::{
    Connection, ConnectionRef, ListConnectionsRequest, LiveConnection, ReportConnectionsRequest,
};
use redis::AsyncCommands;

use crate::world::{Person, World, assert_field};

fn live(connection: &Connection) -> LiveConnection {
    LiveConnection {
        tenant: "default".into(),
        connection: Some(connection.clone()),
    }
}

fn closed(connection: &Connection) -> ConnectionRef {
    ConnectionRef {
        tenant: "default".into(),
        connection_id: connection.connection_id.clone(),
    }
}

/// A gateway names everyone who is connected to it.
async fn names_all(world: &World, opened: Vec<LiveConnection>) {
    let request = ReportConnectionsRequest {
        gateway: "g1".into(),
        opened,
        closed: Vec::new(),
        is_refresh: true,
    };
    world.tries_to_report(request).await.expect("reported");
}

async fn listed(admin: &Person) -> Vec<Connection> {
    let listed = admin.lists_connections(ListConnectionsRequest::default());
    listed.await.expect("connections").connections
}

/// What is known of a person's session: whether it is online, and when it was seen.
async fn session(world: &World, person: &Person) -> (String, i64) {
    let session_id = person.caller.session_id;
    let fields = world
        .hash(&format!("hubbub:session:default:{session_id}"))
        .await;
    assert_eq!(fields["id"], session_id.to_string());
    assert_eq!(fields["username"], person.caller.name);
    let last_seen = fields["last_seen"].parse().expect("a time");
    (fields["online"].clone(), last_seen)
}

#[tokio::test]
async fn a_connection_is_written_down_with_a_lease() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    let connection = bob.connection();
    world
        .reports("g1", vec![live(&connection)], Vec::new())
        .await;
    let key = format!("hubbub:conn:default:{}", connection.connection_id);
    let fields = world.hash(&key).await;
    for (field, value) in [
        ("id", connection.connection_id.as_str()),
        ("user", bob.id().as_str()),
        ("username", "Bob"),
        ("session", connection.session_id.as_str()),
        ("gateway", "g1"),
        ("address", "203.0.113.7"),
        ("since", "1000"),
        ("last_seen", "2000"),
        ("online", "1"),
    ] {
        assert_eq!(fields[field], value, "{field}");
    }
    assert_eq!(fields.len(), 9);
    assert_eq!(session(&world, &bob).await, ("1".into(), 2_000));
    let mut redis = world.redis().await;
    let ttl: i64 = redis.pttl(&key).await.expect("a time");
    assert!((40_000..=45_000).contains(&ttl), "{ttl}");
    let of_bob: Vec<String> = redis
        .smembers(format!("hubbub:conns-of:default:{}", bob.id()))
        .await
        .expect("a set");
    assert_eq!(of_bob, std::slice::from_ref(&connection.connection_id));
    let session_ttl: i64 = redis
        .ttl(format!("hubbub:session:default:{}", connection.session_id))
        .await
        .expect("a time");
    assert!(session_ttl > 86_000, "{session_ttl}");
    let gateways: Vec<String> = redis.zrange("hubbub:gateways", 0, -1).await.expect("a set");
    assert_eq!(gateways, ["g1"]);
}

#[tokio::test]
async fn who_is_named_again_lives_longer() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    let connection = bob.connection();
    world
        .reports("g1", vec![live(&connection)], Vec::new())
        .await;
    let (user, session) = (bob.id(), &connection.session_id);
    let key = format!("hubbub:conn:default:{}", connection.connection_id);
    let beside = [
        key.clone(),
        format!("hubbub:conns-of:default:{user}"),
        format!("hubbub:conns-of-session:default:{session}"),
        format!("hubbub:session:default:{session}"),
        format!("hubbub:sessions-of:default:{user}"),
    ];
    let mut redis = world.redis().await;
    for key in &beside {
        let _: () = redis.pexpire(key, 5_000).await.expect("shortened");
    }
    let before = expiry(&world, &connection).await;
    let later = Connection {
        user_name: "Robert".into(),
        last_seen_ms: 9_000,
        ..connection.clone()
    };
    names_all(&world, vec![live(&later)]).await;
    for key in &beside {
        let ttl: i64 = redis.pttl(key).await.expect("a time");
        assert!(ttl > 40_000, "{key}: {ttl}");
    }
    assert!(expiry(&world, &connection).await > before);
    let connection = world.hash(&key).await;
    assert_eq!(connection.len(), 9);
    for fields in [connection, world.hash(&beside[3]).await] {
        let told = ["username", "last_seen", "online"].map(|field| fields[field].as_str());
        assert_eq!(told, ["Robert", "9000", "1"]);
    }
}

/// Until when a connection counts as alive, in ms since the epoch.
async fn expiry(world: &World, connection: &Connection) -> f64 {
    let mut redis = world.redis().await;
    let id = &connection.connection_id;
    let expiry: Option<f64> = redis
        .zscore("hubbub:conns:default", id)
        .await
        .expect("a score");
    expiry.expect("it stands there")
}

#[tokio::test]
async fn a_round_writes_down_whom_the_registry_does_not_know() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let other = "other".parse().expect("a tenant");
    let eve = world.person_of("Eve", true, other).await;
    let everyone: Vec<_> = (0..250).map(|_| bob.connection()).collect();
    let known = everyone.iter().skip(1).step_by(2).map(live);
    world.reports("g1", known.collect(), Vec::new()).await;
    let of_eve = LiveConnection {
        tenant: "other".into(),
        connection: Some(eve.connection()),
    };
    let mut round: Vec<_> = everyone.iter().map(live).collect();
    round.insert(100, of_eve.clone());
    names_all(&world, round).await;
    assert_eq!(listed(&eve).await, Vec::from_iter(of_eve.connection));
    let found = listed(&ada).await;
    assert_eq!(found, everyone[..found.len()]);
    let mut asked = redis::cmd("ZCARD");
    asked.arg("hubbub:conn-ids:default");
    let total: usize = asked
        .query_async(&mut world.redis().await)
        .await
        .expect("a count");
    assert_eq!(total, 250);
}

#[tokio::test]
async fn what_redis_gave_up_alone_is_written_down_again() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    let everyone: Vec<_> = (0..5).map(|_| bob.connection()).collect();
    let round = || everyone.iter().map(live).collect::<Vec<_>>();
    names_all(&world, round()).await;
    let (user, session) = (bob.id(), &everyone[0].session_id);
    let mut redis = world.redis().await;
    for (count, key) in [
        ("SCARD", "hubbub:tenants".into()),
        ("ZCARD", "hubbub:conn-ids:default".into()),
        ("ZCARD", "hubbub:conns:default".into()),
        ("HLEN", "hubbub:conn-owners:default".into()),
        ("SCARD", format!("hubbub:conns-of:default:{user}")),
        (
            "SCARD",
            format!("hubbub:conns-of-session:default:{session}"),
        ),
        ("HLEN", format!("hubbub:session:default:{session}")),
        ("SCARD", format!("hubbub:sessions-of:default:{user}")),
        (
            "HLEN",
            format!("hubbub:conn:default:{}", everyone[3].connection_id),
        ),
    ] {
        let mut counted = redis::cmd(count);
        counted.arg(&key);
        let before: usize = counted.query_async(&mut redis).await.expect("a count");
        assert!(before > 0, "{key}");
        let _: () = redis.del(&key).await.expect("deleted");
        names_all(&world, round()).await;
        let after: usize = counted.query_async(&mut redis).await.expect("a count");
        assert_eq!(after, before, "{key}");
    }
}

#[tokio::test]
async fn a_session_is_online_until_its_last_connection_closes() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (one, two) = (bob.connection(), bob.connection());
    world
        .reports("g1", vec![live(&one), live(&two)], Vec::new())
        .await;
    world.reports("g1", Vec::new(), vec![closed(&one)]).await;
    assert_eq!(session(&world, &bob).await, ("1".into(), 2_000));
    assert_eq!(listed(&ada).await, std::slice::from_ref(&two));
    world.reports("g1", Vec::new(), vec![closed(&two)]).await;
    let (online, last_seen) = session(&world, &bob).await;
    assert!(online == "0" && last_seen > 1_000_000_000_000);
    assert!(listed(&ada).await.is_empty());
    // What was under way when they closed does not bring them back, a report or a round.
    let both = || vec![live(&one), live(&two)];
    world.reports("g1", both(), Vec::new()).await;
    names_all(&world, both()).await;
    assert!(listed(&ada).await.is_empty());
    assert_eq!(session(&world, &bob).await.0, "0");
    // Twice is as good as once.
    world.reports("g1", Vec::new(), vec![closed(&two)]).await;
}

#[tokio::test]
async fn connections_of_a_gateway_that_died_are_swept_and_their_sessions_go_offline() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (dead, other) = (bob.connection(), ada.connection());
    world
        .reports("g1", vec![live(&dead), live(&other)], Vec::new())
        .await;
    world.app.registry.sweep().await.expect("swept");
    assert_eq!(listed(&ada).await.len(), 2);
    world.lets_die(&dead).await;
    world.app.registry.sweep().await.expect("swept");
    assert_eq!(session(&world, &bob).await, ("0".into(), 2_000));
    assert_eq!(session(&world, &ada).await.0, "1");
    let mut redis = world.redis().await;
    let of_bob: usize = redis
        .scard(format!("hubbub:conns-of:default:{}", bob.id()))
        .await
        .expect("a count");
    assert_eq!(of_bob, 0);
    assert_eq!(listed(&ada).await, [other]);
    // It was only cut off: what it reports again lives again.
    world.reports("g1", vec![live(&dead)], Vec::new()).await;
    assert_eq!(listed(&ada).await.len(), 2);
    assert_eq!(session(&world, &bob).await.0, "1");
}

#[tokio::test]
async fn a_registry_that_lost_everything_is_whole_after_one_round() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let everyone: Vec<_> = (0..50).map(|_| bob.connection()).collect();
    let round = || everyone.iter().map(live).collect::<Vec<_>>();
    names_all(&world, round()).await;
    redis::cmd("FLUSHALL")
        .exec_async(&mut world.redis().await)
        .await
        .expect("flushed");
    assert!(listed(&ada).await.is_empty());
    // Closing what is not known is fine.
    world
        .reports("g1", Vec::new(), vec![closed(&everyone[0])])
        .await;
    names_all(&world, round()).await;
    assert_eq!(listed(&ada).await, everyone[1..]);
}

#[tokio::test]
async fn bad_reports_are_refused_whole() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let good = ReportConnectionsRequest {
        gateway: "g1".into(),
        opened: vec![live(&bob.connection())],
        closed: Vec::new(),
        is_refresh: true,
    };
    let bad_tenant = LiveConnection {
        tenant: "a:b".into(),
        ..live(&bob.connection())
    };
    let bad_id = Connection {
        connection_id: "x".into(),
        ..bob.connection()
    };
    let with = |bad: LiveConnection| ReportConnectionsRequest {
        opened: vec![live(&bob.connection()), bad],
        ..good.clone()
    };
    for (field, request) in [
        (
            "gateway",
            ReportConnectionsRequest {
                gateway: "a.>".into(),
                ..good.clone()
            },
        ),
        ("tenant", with(bad_tenant)),
        ("connection", with(live(&bad_id))),
        (
            "opened",
            ReportConnectionsRequest {
                opened: vec![live(&bob.connection()); 1_001],
                ..good.clone()
            },
        ),
        (
            "connection",
            ReportConnectionsRequest {
                closed: vec![ConnectionRef {
                    tenant: "default".into(),
                    connection_id: String::new(),
                }],
                ..good.clone()
            },
        ),
    ] {
        assert_field(world.tries_to_report(request).await, field);
    }
    assert!(listed(&ada).await.is_empty());
}
