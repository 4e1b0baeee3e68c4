//! LogOut: the session ends everywhere, and the gateways are told.

use std::time::Duration;

use futures::StreamExt;
use prost::Message;
use proto::{
    auth::{LogOutRequest, auth_service_server::AuthService},
    event::Kind,
    reason::Reason,
    stream::EventBatch,
    subject::{self, Partition},
};
use tonic::Code;

use crate::world::{World, access_of, by, refusal, session_of, user_id};

#[tokio::test]
async fn logging_out_ends_the_session_and_only_this_one() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let other = world
        .log_in("ada", crate::world::PASSWORD)
        .await
        .expect("logs in");
    // Both are in the cache now.
    for credential in [session_of(&ada), access_of(&ada)] {
        world.authenticate(credential).await.expect("authenticates");
    }
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");

    for credential in [session_of(&ada), access_of(&ada)] {
        let answer = world.authenticate(credential).await;
        assert_eq!(
            refusal(answer),
            (Code::Unauthenticated, Reason::TOKEN_INVALID)
        );
    }
    world
        .authenticate(session_of(&other))
        .await
        .expect("the other lives");
    let live = sqlx::query_scalar!("select count(*) from auth.live_session");
    assert_eq!(live.fetch_one(&world.db).await.expect("reads"), Some(1));
}

#[tokio::test]
async fn the_private_feed_says_it_once() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    for _ in 0..2 {
        world
            .app
            .log_out(by(&ada, LogOutRequest {}))
            .await
            .expect("is idempotent");
    }
    let feed = world.feed(user_id(&ada)).await;
    let data = serde_json::json!({"sessions": [ada.session_id], "reason": "logout"});
    assert_eq!(feed, [(Kind::SessionsRevoked, data)]);
}

#[tokio::test]
async fn gateways_hear_it_at_once() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let partition = Partition::of(user_id(&ada).into());
    let mut heard = world
        .nats
        .client
        .subscribe(String::from(subject::events(partition)))
        .await
        .expect("subscribes");
    world.nats.client.flush().await.expect("flushes");
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");

    let message = tokio::time::timeout(Duration::from_secs(2), heard.next()).await;
    let message = message.expect("within 2 s").expect("a message");
    let batch = EventBatch::decode(message.payload).expect("a batch");
    assert_eq!(batch.events.len(), 1);
    assert_eq!(batch.events[0].stream_id, user_id(&ada).to_string());
    assert_eq!(
        batch.events[0].kind,
        u32::from(Kind::SessionsRevoked.number().unsigned_abs())
    );
}

#[tokio::test]
async fn nobody_can_put_an_ended_session_back_into_the_cache() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let readers = (0..20).map(|_| world.authenticate(session_of(&ada)));
    let (_, out) = tokio::join!(
        futures::future::join_all(readers),
        world.app.log_out(by(&ada, LogOutRequest {}))
    );
    out.expect("logs out");
    let answer = world.authenticate(session_of(&ada)).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
}
