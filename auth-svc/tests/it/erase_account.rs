//! EraseAccount: nothing stays but a tombstone, here at once and elsewhere soon after.

use proto::{
    auth::{
        EraseAccountRequest, Grant, IssueTicketRequest, SetRoleRequest,
        auth_service_server::AuthService, authenticate_request::Credential,
    },
    event::Kind,
    reason::Reason,
};
use tonic::{Code, Status};

use crate::{
    neighbours::erased,
    world::{ADMIN_PASSWORD, PASSWORD, World, access_of, by, refusal, session_of, user_id},
};

const INVALID: (Code, Reason) = (Code::Unauthenticated, Reason::TOKEN_INVALID);

async fn erase(world: &World, grant: &Grant, password: &str) -> Result<(), Status> {
    let message = EraseAccountRequest {
        password: password.into(),
    };
    world.app.erase_account(by(grant, message)).await.map(drop)
}

/// Lets the time that gateways get to hear of it be over.
async fn settle(world: &World) {
    let aged = sqlx::query!("update auth.account set erased_at = erased_at - interval '1 minute'");
    aged.execute(&world.db).await.expect("writes");
}

#[tokio::test]
async fn every_credential_dies_and_the_sockets_are_told() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    let message = IssueTicketRequest {
        origin: String::new(),
    };
    let ticket = world.app.issue_ticket(by(&ada, message)).await;
    let ticket = Credential::Ticket(ticket.expect("issues").into_inner().ticket);
    for credential in [session_of(&ada), access_of(&ada), session_of(&there)] {
        world.authenticate(credential).await.expect("authenticates");
    }
    erase(&world, &ada, PASSWORD).await.expect("erases");
    for credential in [
        session_of(&ada),
        access_of(&ada),
        session_of(&there),
        ticket,
    ] {
        assert_eq!(refusal(world.authenticate(credential).await), INVALID);
    }
    assert_eq!(world.live_sessions(user_id(&ada)).await, 0);
    let feed = world.feed(user_id(&ada)).await;
    let data =
        serde_json::json!({"sessions": [ada.session_id, there.session_id], "reason": "revoked"});
    assert_eq!(feed, [(Kind::SessionsRevoked, data)]);
    assert_eq!(refusal(erase(&world, &ada, PASSWORD).await), INVALID);
}

#[tokio::test]
async fn nothing_stays_but_a_tombstone_and_the_name_is_free() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let wrong = world.log_in("ada", "a wrong password").await;
    wrong.expect_err("is refused");
    erase(&world, &ada, PASSWORD).await.expect("erases");

    let id = user_id(&ada);
    let row = sqlx::query!(
        r#"
        select name, name_folded, password_hash, role, erased_at is not null as "is_erased!",
            (select count(*) from auth.session s where s.user_id = a.user_id) as "sessions!",
            (select count(*) from auth.ticket) as "tickets!",
            (select count(*) from auth.address_seen s where s.user_id = a.user_id) as "addresses!",
            (select count(*) from auth.login_delay where subject =
                sha256(convert_to('account', 'UTF8') || '\x00'::bytea || convert_to('ada', 'UTF8'))) as "delays!"
        from auth.account a
        where user_id = $1
        "#,
        id.0
    );
    let row = row.fetch_one(&world.db).await.expect("a tombstone");
    let tombstone = format!("deleted-{id}");
    assert_eq!(
        (row.name, row.name_folded),
        (tombstone.clone(), tombstone.clone())
    );
    assert_eq!(
        (row.password_hash.as_str(), row.role.as_str()),
        ("", "USER")
    );
    assert!(row.is_erased);
    assert_eq!((row.sessions, row.tickets), (0, 0));
    assert_eq!((row.addresses, row.delays), (0, 0));

    for name in ["ada", tombstone.as_str()] {
        assert_eq!(
            refusal(world.look_up(&bob, name).await),
            (Code::NotFound, Reason::USER_NOT_FOUND)
        );
        assert_eq!(
            refusal(world.log_in(name, PASSWORD).await),
            (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
        );
    }
    assert_eq!(world.people().await, ["bob"]);
    let other = world.sign_up("ada").await;
    assert_ne!(user_id(&other), id);
    assert_eq!(world.people().await, ["ada", "bob"]);
}

#[tokio::test]
async fn the_other_services_are_told_until_they_are_done() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    erase(&world, &ada, PASSWORD).await.expect("erases");
    let told = |service| erased(service, user_id(&ada));
    // Rooms erase the private feed, so gateways get to read it first.
    world.run_jobs().await;
    let mut asked = world.neighbours.asked();
    asked.sort();
    assert_eq!(asked, [told("moderation"), told("social")]);
    assert_eq!(world.jobs().await, 1);

    settle(&world).await;
    world.neighbours.need_rounds(12);
    world.run_jobs().await;
    assert_eq!(world.neighbours.asked(), vec![told("room"); 10]);
    assert_eq!(world.jobs().await, 1);
    world.run_jobs().await;
    assert_eq!(world.neighbours.asked(), vec![told("room"); 3]);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn a_name_that_was_not_told_yet_is_never_told() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let message = proto::auth::ChangeNameRequest {
        name: "grace".into(),
        password: PASSWORD.into(),
    };
    let renamed = world.app.change_name(by(&ada, message)).await;
    renamed.expect("renames");
    erase(&world, &ada, PASSWORD).await.expect("erases");
    settle(&world).await;
    world.run_jobs().await;
    let mut asked = world.neighbours.asked();
    asked.sort();
    let told = ["moderation", "room", "social"].map(|service| erased(service, user_id(&ada)));
    assert_eq!(asked, told);
}

#[tokio::test]
async fn a_wrong_password_erases_nothing() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    assert_eq!(
        refusal(erase(&world, &ada, "a wrong password").await),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    assert_eq!(world.people().await, ["ada"]);
    assert_eq!(world.jobs().await, 0);
    world.log_in("ada", PASSWORD).await.expect("logs in");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (world, root) = World::with_admin().await;
    assert_eq!(
        refusal(erase(&world, &root, ADMIN_PASSWORD).await),
        (Code::PermissionDenied, Reason::PERMISSION_DENIED)
    );
    let ada = world.sign_up("ada").await;
    let promotion = SetRoleRequest {
        user_id: user_id(&ada).to_string(),
        role: proto::auth::Role::Admin.into(),
    };
    let promoted = world.app.set_role(by(&root, promotion)).await;
    promoted.expect("promotes");
    let (first, second) = tokio::join!(
        erase(&world, &root, ADMIN_PASSWORD),
        erase(&world, &ada, PASSWORD)
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn no_log_in_survives_an_erasure_beside_it() {
    let world = World::start().await;
    for i in 0..6 {
        let name = format!("ada{i}");
        let ada = world.sign_up(&name).await;
        let log_ins = (0..3).map(|_| world.log_in(&name, PASSWORD));
        let (done, grants) = tokio::join!(
            erase(&world, &ada, PASSWORD),
            futures::future::join_all(log_ins)
        );
        done.expect("erases");
        for grant in grants.into_iter().flatten() {
            assert_eq!(
                refusal(world.authenticate(session_of(&grant)).await),
                INVALID
            );
        }
        assert_eq!(world.live_sessions(user_id(&ada)).await, 0);
    }
}
