//! ExportUser.

use proto::social::{ExportUserRequest, social_service_server::SocialService};
use serde_json::Value;

use crate::world::{Person, World, inner, json};

#[tokio::test]
async fn an_export_has_everything_that_is_the_caller_s_to_know() {
    let world = World::new().await;
    let [ada, bob, cyd, dan, eve] = world.people(["Ada", "Bob", "Cyd", "Dan", "Eve"]).await;
    world.befriends(&ada, &bob).await;
    ada.asks(&cyd).await.expect("asked");
    cyd.declines(&ada).await.expect("declined");
    dan.asks(&ada).await.expect("asked");
    ada.blocks_mutually(&eve).await.expect("blocked");
    eve.asks(&ada).await.expect("asked");
    ada.opens_to("shared").await;
    ada.shows("dnd", "writing").await;

    let export = exports(&ada).await;
    assert_eq!(export["friends"][0]["name"], "Bob");
    let requests = &export["requests"];
    assert_eq!(requests["incoming"][0]["user"]["name"], "Dan");
    assert_eq!(requests["incoming"][1], Value::Null);
    assert_eq!(requests["outgoing"][0]["user"]["name"], "Cyd");
    assert_eq!(export["blocks"][0]["user"]["id"], eve.id());
    assert_eq!(export["blocks"][0]["mutual"], true);
    assert_eq!(export["settings"]["directFrom"], "shared");
    assert_eq!(
        (&export["presence"]["status"], &export["presence"]["text"]),
        (&"dnd".into(), &"writing".into())
    );

    let export = exports(&eve).await;
    assert_eq!(export["blocks"], Value::Array(vec![]));
    assert_eq!(export["requests"]["outgoing"][0]["user"]["name"], "Ada");
    assert_eq!(export["presence"]["lastSeen"], Value::Null);
}

async fn exports(person: &Person) -> Value {
    let request = person.request(ExportUserRequest {});
    let export = inner(person.app.export_user(request).await).expect("an export");
    json(&export.social)
}
