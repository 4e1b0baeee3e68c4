//! EraseUser.

use proto::{
    event::Kind::FriendRemoved,
    social::{EraseUserRequest, social_service_server::SocialService},
};
use tonic::{Request, Status};

use crate::{
    contracts,
    world::{Person, World, assert_field, inner},
};

#[tokio::test]
async fn nothing_is_left_of_the_erased_and_friends_are_told() {
    let world = World::new().await;
    let [ada, bob, cyd, dan] = world.people(["Ada", "Bob", "Cyd", "Dan"]).await;
    world.befriends(&ada, &bob).await;
    world.befriends(&cyd, &ada).await;
    world.befriends(&bob, &cyd).await;
    ada.blocks(&dan).await.expect("blocked");
    dan.blocks_mutually(&ada).await.expect("blocked");
    ada.opens_to("anyone").await;
    ada.shows("dnd", "writing").await;
    let notification = ada.notifications().await.remove(0);
    world.person("Eli").await.asks(&ada).await.expect("asked");
    ada.asks(&world.person("Fay").await).await.expect("asked");
    ada.reads(&[&notification.notification_id]).await;
    world.reports("gw", &[(&ada, 1, true)]).await;

    contracts::close(&world.db, ada.caller.user_id).await;
    for _ in 0..2 {
        assert!(erases(&world, &ada).await.expect("erased"));
    }
    for friend in [&bob, &cyd] {
        let kinds = world.kinds(friend).await;
        let told = kinds.iter().filter(|kind| **kind == FriendRemoved);
        assert_eq!(told.count(), 1, "{kinds:?}");
        let user = &world.last(friend, FriendRemoved).await["user"];
        assert_eq!((&user["id"], &user["name"]), (&ada.id().into(), &"".into()));
    }
    assert_eq!(bob.bonds().await[0], ["Cyd"]);
    assert_eq!(dan.hidden().await, [""; 0]);
    assert_eq!(rows_of(&world, &ada).await, 0);
    let key = format!("hubbub:presence:default:{}", ada.id());
    let mut redis = world.redis().await;
    let is_kept: bool = redis::AsyncCommands::exists(&mut redis, key)
        .await
        .expect("reads");
    assert!(!is_kept);
}

#[tokio::test]
async fn someone_with_many_friends_is_erased_in_parts() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let many = format!(
        "insert into social.friend (tenant_id, low_id, high_id)
         select 'default', least(o, '{id}'::uuid), greatest(o, '{id}'::uuid)
         from (select gen_random_uuid() from generate_series(1, 450)) f (o)",
        id = ada.id()
    );
    contracts::run(&world.db, many).await;
    let mut parts = 1;
    while !erases(&world, &ada).await.expect("erased") {
        parts += 1;
    }
    assert_eq!((parts, rows_of(&world, &ada).await), (3, 0));
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for (tenant, user_id, field) in [
        ("A B", ada.id(), "tenant"),
        ("default", "@Ada".into(), "user"),
    ] {
        let tenant = tenant.into();
        let request = Request::new(EraseUserRequest { tenant, user_id });
        assert_field(inner(world.app.erase_user(request).await), field);
    }
}

async fn erases(world: &World, person: &Person) -> Result<bool, Status> {
    let request = EraseUserRequest {
        tenant: person.caller.tenant.to_string(),
        user_id: person.id(),
    };
    let erased = inner(world.app.erase_user(Request::new(request)).await)?;
    Ok(erased.is_done)
}

/// How many rows of this service have a person in any column.
async fn rows_of(world: &World, person: &Person) -> i64 {
    let rows = sqlx::query_scalar!(
        r#"
        select
            (select count(*) from social.friend where $1 in (low_id, high_id))
            + (select count(*) from social.friend_request where $1 in (from_id, to_id))
            + (select count(*) from social.block where $1 in (user_id, blocked_id))
            + (select count(*) from social.setting where user_id = $1)
            + (select count(*) from social.presence where user_id = $1)
            + (select count(*) from social.notification_read where user_id = $1)
            + (select count(*) from social.notification_mark where user_id = $1) as "rows!"
        "#,
        person.caller.user_id.0,
    );
    rows.fetch_one(&world.db).await.expect("counts")
}
