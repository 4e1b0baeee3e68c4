//! Many who come at once are looked up together: each still gets the answer that is theirs, as of after they asked.

use futures::future::join_all;
use proto::{
    auth::{
        AuthenticateRequest, Client, Grant, LogOutRequest, auth_service_server::AuthService,
        authenticate_request::Credential,
    },
    reason::Reason,
};
use tonic::{Code, Request};

use crate::{
    moderation,
    world::{World, access_of, by, refusal, session_of, user_id},
};

/// How often each of them comes, with the same credential.
const TIMES: usize = 20;

/// What somebody with a credential must be told.
struct Expected {
    credential: Credential,
    refused: Option<(Code, Reason)>,
    user_id: String,
}

fn expected(grant: &Grant, refused: Option<(Code, Reason)>) -> [Expected; 2] {
    [session_of(grant), access_of(grant)].map(|credential| Expected {
        credential,
        refused,
        user_id: user_id(grant).to_string(),
    })
}

async fn all_are_told(world: &World, crowd: &[Expected]) {
    let everyone = (0..TIMES).flat_map(|_| crowd);
    let told = everyone.map(async |it| {
        let answer = world.authenticate(it.credential.clone()).await;
        match it.refused {
            Some(refused) => assert_eq!(refusal(answer), refused),
            None => {
                let user = answer.expect("authenticates").user.expect("a user");
                assert_eq!(user.user_id, it.user_id);
            }
        }
    });
    join_all(told).await;
}

#[tokio::test]
async fn everyone_of_a_crowd_gets_the_answer_that_is_theirs() {
    let world = World::start().await;
    let invalid = (Code::Unauthenticated, Reason::TOKEN_INVALID);
    let banned = (Code::PermissionDenied, Reason::BANNED);
    let mut crowd = Vec::new();
    for number in 0..12 {
        let grant = world.sign_up(&format!("person{number}")).await;
        let refused = match number % 3 {
            0 => None,
            1 => {
                moderation::ban(&world.db, user_id(&grant)).await;
                Some(banned)
            }
            _ => {
                let out = world.app.log_out(by(&grant, LogOutRequest {})).await;
                out.expect("logged out");
                Some(invalid)
            }
        };
        crowd.extend(expected(&grant, refused));
    }
    let stranger = format!("hs_{}", "A".repeat(43));
    crowd.push(Expected {
        credential: Credential::SessionToken(stranger),
        refused: Some(invalid),
        user_id: String::new(),
    });
    // From the cache as far as it knows them, then all from Postgres.
    all_are_told(&world, &crowd).await;
    world.flush_redis().await;
    all_are_told(&world, &crowd).await;

    // A ban that is lifted, and one that is new, are seen by whoever asks afterwards.
    moderation::lift_bans(&world.db).await;
    for each in &mut crowd {
        each.refused = each.refused.filter(|refused| *refused != banned);
    }
    all_are_told(&world, &crowd).await;
}

#[tokio::test]
async fn addresses_and_uses_of_a_crowd_are_noted_each_once() {
    let world = World::start().await;
    let mut grants = Vec::new();
    for number in 0..4 {
        grants.push(world.sign_up(&format!("person{number}")).await);
    }
    let aged = sqlx::query!(
        "update auth.session set last_seen_at = now() - interval '1 day', idle_expires_at = now() + interval '1 hour'"
    );
    aged.execute(&world.db).await.expect("writes");
    let come = (0..TIMES).flat_map(|_| grants.iter().enumerate());
    let come = come.map(async |(number, grant)| {
        let request = AuthenticateRequest {
            credential: Some(session_of(grant)),
            origin: String::new(),
            client: Some(Client {
                address: format!("198.51.100.{number}"),
                agent: String::new(),
            }),
        };
        let answer = world.app.authenticate(Request::new(request)).await;
        answer.expect("authenticates");
    });
    join_all(come).await;
    let moved = sqlx::query_scalar!(
        r#"select count(*) as "count!" from auth.session where idle_expires_at > now() + interval '13 days'"#
    );
    assert_eq!(moved.fetch_one(&world.db).await.expect("reads"), 4);
    let seen = sqlx::query_scalar!(
        r#"select count(*) as "count!" from auth.address_seen where address <<= '198.51.100.0/24'"#
    );
    assert_eq!(seen.fetch_one(&world.db).await.expect("reads"), 4);
}
