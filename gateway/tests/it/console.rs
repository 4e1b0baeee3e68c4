//! Frames of the administrators' console, and what people are called.

use proto::{
    auth::*, moderation::*, reason::Reason, room::ListRoomsResponse, social::GetSettingsResponse,
};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    relayed::Relayed,
    world::{KEY, World},
};

#[tokio::test]
async fn people_are_named_and_accounts_are_looked_up() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let names = Relayed {
        kind: "user.list",
        data: json!({"users": ["u1", "u2"]}),
        call: "auth/ListNames",
        asks: ListNamesRequest {
            user_ids: vec!["u1".into(), "u2".into()],
        },
        answers: ListNamesResponse {
            people: vec![Named {
                user_id: "u2".into(),
                name: "bob".into(),
            }],
        },
        reply: json!({"users": [{"id": "u2", "name": "bob"}]}),
    };
    world.asks(&mut ada, names).await;
    world
        .needs(&mut ada, "user.list", &json!({"users": []}), &["users"])
        .await;
    let users = Relayed {
        kind: "mod.users",
        data: json!({"query": "bo", "page": "p", "limit": 3}),
        call: "auth/ListUsers",
        asks: ListUsersRequest {
            query: "bo".into(),
            page: "p".into(),
            limit: 3,
        },
        answers: ListUsersResponse {
            users: vec![User {
                user_id: "u2".into(),
                name: "bob".into(),
                role: Role::Admin.into(),
            }],
            next_page: "q".into(),
        },
        reply: json!({"users": [{"id": "u2", "name": "bob", "role": "ADMIN"}], "next": "q"}),
    };
    world.asks(&mut ada, users).await;
    let addresses = Relayed {
        kind: "mod.addresses",
        data: json!({"user": "@bob"}),
        call: "auth/ListAddresses",
        asks: ListAddressesRequest {
            user_id: "@bob".into(),
        },
        answers: ListAddressesResponse {
            addresses: vec![Address {
                address: "203.0.113.7".into(),
                first_seen_ms: 5,
                last_seen_ms: 9,
            }],
        },
        reply: json!({"addresses": [{"address": "203.0.113.7", "firstSeen": 5, "lastSeen": 9}]}),
    };
    world.asks(&mut ada, addresses).await;
}

#[tokio::test]
async fn bans_are_listed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let bans = Relayed {
        kind: "mod.bans",
        data: json!({"user": "@bob", "page": "p", "limit": 3}),
        call: "moderation/ListBans",
        asks: ListBansRequest {
            user_id: "@bob".into(),
            page: "p".into(),
            limit: 3,
        },
        answers: ListBansResponse {
            bans: vec![Ban {
                ban_id: "b1".into(),
                user_id: "u2".into(),
                reason: "spam".into(),
                mode: BanMode::Shadow.into(),
                by_user_id: "u1".into(),
                created_at_ms: 5,
                until_ms: 9,
                ..Ban::default()
            }],
            next_page: String::new(),
        },
        reply: json!({"bans": [
            {"id": "b1", "user": "u2", "reason": "spam", "mode": "shadow", "by": "u1", "at": 5, "until": 9},
        ]}),
    };
    world.asks(&mut ada, bans).await;
}

#[tokio::test]
async fn connections_are_listed_and_closed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let list = Relayed {
        kind: "mod.connections",
        data: json!({"user": "u2"}),
        call: "moderation/ListConnections",
        asks: ListConnectionsRequest {
            user_id: "u2".into(),
            ..ListConnectionsRequest::default()
        },
        answers: ListConnectionsResponse {
            connections: vec![Connection {
                connection_id: "c1".into(),
                user_id: "u2".into(),
                user_name: "bob".into(),
                gateway: "g1".into(),
                address: "203.0.113.7".into(),
                session_id: "s1".into(),
                since_ms: 5,
                last_seen_ms: 9,
            }],
            next_page: "q".into(),
            total: 4,
        },
        reply: json!({
            "connections": [{
                "id": "c1", "user": {"id": "u2", "name": "bob"}, "gateway": "g1", "address": "203.0.113.7",
                "since": 5, "lastSeen": 9,
            }],
            "total": 4,
            "next": "q",
        }),
    };
    world.asks(&mut ada, list).await;
    let end = Relayed {
        kind: "mod.disconnect",
        data: json!({"connection": "c1"}),
        call: "moderation/Disconnect",
        asks: DisconnectRequest {
            connection_id: "c1".into(),
        },
        answers: DisconnectResponse {},
        reply: json!({}),
    };
    world.asks(&mut ada, end).await;
}

/// A question why bob has not the message m1.
fn why(
    answers: ExplainDeliveryResponse,
    reply: Value,
) -> Relayed<ExplainDeliveryRequest, ExplainDeliveryResponse> {
    Relayed {
        kind: "mod.explain",
        data: json!({"message": "m1", "user": "@bob"}),
        call: "moderation/ExplainDelivery",
        asks: ExplainDeliveryRequest {
            message_id: "m1".into(),
            user_id: "@bob".into(),
        },
        answers,
        reply,
    }
}

fn a_socket_that_is_behind() -> SocketProgress {
    SocketProgress {
        connection: Some(Connection {
            connection_id: "c1".into(),
            user_id: "u2".into(),
            user_name: "bob".into(),
            gateway: "g1".into(),
            address: "203.0.113.7".into(),
            since_ms: 5,
            last_seen_ms: 9,
            ..Connection::default()
        }),
        progress: "behind".into(),
        told_seq: 6,
        heard_seq: 8,
        waiting: 3,
    }
}

#[tokio::test]
async fn a_delivery_is_explained() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let waiting = ExplainDeliveryResponse {
        outcome: DeliveryOutcome::Waiting.into(),
        room_id: "r1".into(),
        seq: 7,
        at_ms: 5,
        author_id: "u1".into(),
        delivered_seq: 6,
        read_seq: 4,
        sockets: vec![a_socket_that_is_behind()],
        ..ExplainDeliveryResponse::default()
    };
    let reply = json!({
        "outcome": "waiting", "room": "r1", "seq": 7, "at": 5, "author": "u1", "deleted": false,
        "delivered": 6, "read": 4,
        "sockets": [{
            "connection": {
                "id": "c1", "user": {"id": "u2", "name": "bob"}, "gateway": "g1", "address": "203.0.113.7",
                "since": 5, "lastSeen": 9,
            },
            "progress": "behind", "told": 6, "heard": 8, "waiting": 3,
        }],
    });
    world.asks(&mut ada, why(waiting, reply)).await;
    let withheld = ExplainDeliveryResponse {
        outcome: DeliveryOutcome::Withheld.into(),
        withheld: Withheld::AuthorBlocked.into(),
        room_id: "r1".into(),
        is_deleted: true,
        ..ExplainDeliveryResponse::default()
    };
    let reply = json!({
        "outcome": "withheld", "rule": "author_blocked", "room": "r1", "seq": 0, "at": 0, "author": "",
        "deleted": true, "delivered": 0, "read": 0, "sockets": [],
    });
    world.asks(&mut ada, why(withheld, reply)).await;
}

#[tokio::test]
async fn words_are_listed_added_and_removed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let filter = || Filter {
        filter_id: "f1".into(),
        pattern: "sp*m".into(),
        action: "refuse".into(),
        created_by: "u1".into(),
        created_at_ms: 5,
    };
    let view = json!({"id": "f1", "pattern": "sp*m", "action": "refuse", "by": "u1", "at": 5});
    let list = Relayed {
        kind: "mod.filters",
        data: json!({}),
        call: "moderation/ListFilters",
        asks: ListFiltersRequest {},
        answers: ListFiltersResponse {
            filters: vec![filter()],
        },
        reply: json!({"filters": [view]}),
    };
    world.asks(&mut ada, list).await;
    let data = json!({"pattern": "sp*m", "action": "refuse"});
    let add = Relayed {
        kind: "mod.filterAdd",
        data: data.clone(),
        call: "moderation/CreateFilter",
        asks: CreateFilterRequest {
            pattern: "sp*m".into(),
            action: "refuse".into(),
            key: KEY.into(),
        },
        answers: CreateFilterResponse {
            filter: Some(filter()),
        },
        reply: json!({"filter": view}),
    };
    world.changes(&mut ada, add).await;
    world
        .needs(&mut ada, "mod.filterAdd", &data, &["pattern", "action"])
        .await;
    let remove = Relayed {
        kind: "mod.filterRemove",
        data: json!({"filter": "f1"}),
        call: "moderation/DeleteFilter",
        asks: DeleteFilterRequest {
            filter_id: "f1".into(),
            key: KEY.into(),
        },
        answers: DeleteFilterResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, remove).await;
}

#[tokio::test]
async fn who_answers_is_up_and_who_does_not_is_down() {
    let world = World::busy().await;
    world
        .script
        .answers("auth/ListUsers", &ListUsersResponse::default());
    world
        .script
        .answers("room/ListRooms", &ListRoomsResponse::default());
    world
        .script
        .answers("social/GetSettings", &GetSettingsResponse::default());
    let away = rpc::status(
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
        "no service answers",
    );
    world.script.refuses("moderation/ListFilters", away);
    let mut root = world.connect("root").await;
    let answer = root.request("mod.health", None, &json!({})).await;
    let services = answer["data"]["services"].as_array().expect("a list");
    let found: Vec<_> = services
        .iter()
        .map(|one| (one["name"].as_str(), one["up"].as_bool()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("auth"), Some(true)),
            (Some("room"), Some(true)),
            (Some("social"), Some(true)),
            (Some("moderation"), Some(false)),
        ]
    );
    assert!(
        services
            .iter()
            .all(|one| one["latencyMs"].as_u64().is_some_and(|took| took < 2_000))
    );
    let mut ada = world.connect("ada").await;
    let refused = ada.request("mod.health", None, &json!({})).await;
    assert_eq!(refused["error"]["reason"], "ADMIN_REQUIRED");
}
