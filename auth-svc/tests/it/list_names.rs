//! ListNames: what people are called, by their ids.

use proto::{
    auth::{
        DeactivateAccountRequest, Grant, ListNamesRequest, Named, auth_service_server::AuthService,
    },
    id::UserId,
    reason::Reason,
};
use tonic::{Code, Request, Status};

use crate::world::{self, PASSWORD, World, by, refusal, user_id};

async fn names(world: &World, who: &Grant, user_ids: Vec<String>) -> Result<Vec<String>, Status> {
    let answer = world.app.list_names(by(who, ListNamesRequest { user_ids }));
    let people = answer.await?.into_inner().people.into_iter();
    let mut names: Vec<_> = people.map(|Named { name, .. }| name).collect();
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn people_are_named_and_nobody_else() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let gone = world.sign_up("gone").await;
    let message = DeactivateAccountRequest {
        password: PASSWORD.into(),
    };
    let hidden = world.app.deactivate_account(by(&gone, message)).await;
    hidden.expect("hides");
    let mut elsewhere = world::sign_up("eve", PASSWORD);
    elsewhere.tenant = "other".into();
    let eve = world.app.sign_up(Request::new(elsewhere)).await;
    let eve = eve.expect("signs up").into_inner().grant.expect("a grant");
    let ids = [&ada, &bob, &gone, &eve].map(|grant| user_id(grant).to_string());
    let ids = ids.into_iter().chain([UserId::generate().to_string()]);
    let found = names(&world, &bob, ids.collect()).await.expect("finds");
    assert_eq!(found, ["ada", "bob"]);
    assert_eq!(
        names(&world, &bob, Vec::new()).await.expect("finds"),
        [""; 0]
    );
}

#[tokio::test]
async fn bad_fields_are_named() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let many = vec![UserId::generate().to_string(); 101];
    for ids in [many, vec!["@ada".into()], vec![String::new()]] {
        assert_eq!(
            refusal(names(&world, &ada, ids).await),
            (Code::InvalidArgument, Reason::FIELD_INVALID)
        );
    }
}
