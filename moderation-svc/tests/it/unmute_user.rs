//! UnmuteUser.

use proto::{event::Kind, moderation::MuteUserRequest, reason::Reason};
use tonic::Code;

use crate::{
    neighbours,
    world::{Person, World, assert_field, assert_no_admin, assert_refused, in_hours, key},
};

async fn mutes(admin: &Person, user: &Person) {
    let request = MuteUserRequest {
        user_id: user.id(),
        reason: "shouting".into(),
        until_ms: in_hours(1),
        key: key(),
    };
    admin.mutes(request).await.expect("muted");
}

async fn count_muted(world: &World) -> i64 {
    let muted = sqlx::query_scalar!(r#"select count(*) as "muted!" from moderation.active_mute"#);
    muted.fetch_one(&world.db).await.expect("the view")
}

#[tokio::test]
async fn an_account_speaks_again_and_is_told_once() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    mutes(&ada, &bob).await;
    let used = key();
    for _ in 0..2 {
        ada.unmutes(&bob.named(), &used).await.expect("unmuted");
    }
    ada.unmutes(&bob.named(), &key())
        .await
        .expect("done already");
    assert_eq!(count_muted(&world).await, 0);
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::Muted, Kind::Unmuted]
    );
    assert_eq!(world.acts().await, ["mute", "unmute"]);
    let other = ada.unmutes(&key(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn a_mute_that_is_over_needs_no_end() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    mutes(&ada, &bob).await;
    let sql = "update moderation.mute set until = until - interval '2 hours'";
    neighbours::run(&world.db, sql.into()).await;
    assert_eq!(count_muted(&world).await, 0);
    ada.unmutes(&bob.id(), &key()).await.expect("over already");
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Muted]);
}

#[tokio::test]
async fn users_lift_nothing_and_a_name_must_be_someone_s() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    mutes(&ada, &bob).await;
    assert_no_admin(bob.unmutes(&bob.id(), &key()).await);
    assert_eq!(count_muted(&world).await, 1);
    let nobody = ada.unmutes("@nobody", &key()).await;
    assert_refused(nobody, Code::NotFound, Reason::USER_NOT_FOUND);
    assert_field(ada.unmutes("", &key()).await, "user");
    assert_field(ada.unmutes(&bob.id(), "").await, "key");
}
