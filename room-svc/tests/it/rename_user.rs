//! RenameUser.

use proto::{
    reason::Reason,
    room::{RenameUserRequest, room_service_server::RoomService},
};
use rpc::Refusal;
use tonic::{Code, Request};

use crate::world::World;

#[tokio::test]
async fn every_room_knows_the_new_name() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    eve.joins("#talk").await.expect("joined");
    ada.opens_direct(&bob.id()).await.expect("opened");
    for _ in 0..2 {
        world.renames_user(&bob, "Zed").await.expect("renamed");
    }
    let joined = ada.joins("#talk").await.expect("a view");
    let names: Vec<_> = joined.members.iter().map(|member| &member.name).collect();
    assert_eq!(names, ["Ada", "Eve", "Zed"]);
    ada.kicks("#talk", "@zed").await.expect("found by name");
    let direct = ada.opens_direct(&bob.id()).await.expect("opened");
    assert_eq!(direct.room.expect("a room").name, "Zed");
}

#[tokio::test]
async fn nonsense_is_refused() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let request = RenameUserRequest {
        tenant: "default".into(),
        user_id: ada.id(),
        name: "Zed".into(),
    };
    for bad in [
        RenameUserRequest {
            tenant: "A.B".into(),
            ..request.clone()
        },
        RenameUserRequest {
            user_id: "zed".into(),
            ..request.clone()
        },
        RenameUserRequest {
            name: String::new(),
            ..request
        },
    ] {
        let status = world.app.rename_user(Request::new(bad)).await;
        let refusal = Refusal::of(&status.expect_err("a refusal"));
        let expected = (Code::InvalidArgument, Reason::FIELD_INVALID);
        assert_eq!((refusal.code, refusal.reason), expected);
    }
}
