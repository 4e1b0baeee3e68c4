//! ListUsers: every account by name, page by page, for administrators.

use proto::{
    auth::{
        DeactivateAccountRequest, EraseAccountRequest, Grant, ListUsersRequest, ListUsersResponse,
        Role, auth_service_server::AuthService,
    },
    reason::Reason,
};
use tonic::{Code, Request, Status};

use crate::world::{self, PASSWORD, World, by, refusal, user_id};

async fn list(
    world: &World,
    admin: &Grant,
    query: &str,
    page: &str,
    limit: u32,
) -> Result<ListUsersResponse, Status> {
    let message = ListUsersRequest {
        query: query.into(),
        page: page.into(),
        limit,
    };
    let answer = world.app.list_users(by(admin, message)).await?;
    Ok(answer.into_inner())
}

fn names(page: &ListUsersResponse) -> Vec<&str> {
    page.users.iter().map(|user| user.name.as_str()).collect()
}

#[tokio::test]
async fn accounts_come_by_name_and_page_by_page() {
    let (world, root) = World::with_admin().await;
    for name in ["dora", "Bob", "ada", "Carol"] {
        world.sign_up(name).await;
    }
    let mut elsewhere = world::sign_up("eve", PASSWORD);
    elsewhere.tenant = "other".into();
    let answer = world.app.sign_up(Request::new(elsewhere)).await;
    answer.expect("signs up");

    let all = list(&world, &root, "", "", 0).await.expect("lists");
    assert_eq!(names(&all), ["ada", "Bob", "Carol", "dora", "root"]);
    assert!(all.next_page.is_empty());
    assert_eq!(all.users[4].role(), Role::Admin);

    let first = list(&world, &root, "", "", 2).await.expect("lists");
    assert_eq!(names(&first), ["ada", "Bob"]);
    let second = list(&world, &root, "", &first.next_page, 2).await;
    let second = second.expect("lists");
    assert_eq!(names(&second), ["Carol", "dora"]);
    let third = list(&world, &root, "", &second.next_page, 2).await;
    let third = third.expect("lists");
    assert_eq!(names(&third), ["root"]);
    assert!(third.next_page.is_empty());
}

#[tokio::test]
async fn a_part_of_a_name_is_enough_and_nothing_in_it_is_a_pattern() {
    let (world, root) = World::with_admin().await;
    for name in ["ada", "ada_1", "adam", "bob"] {
        world.sign_up(name).await;
    }
    let cases: [(&str, &[&str]); 5] = [
        ("DA", &["ada", "ada_1", "adam"]),
        ("@adam", &["adam"]),
        ("a_", &["ada_1"]),
        ("%", &[]),
        ("nobody", &[]),
    ];
    for (query, expected) in cases {
        let page = list(&world, &root, query, "", 0).await.expect("lists");
        assert_eq!(names(&page), expected, "{query}");
    }
}

#[tokio::test]
async fn who_is_away_is_listed_and_who_is_erased_is_not() {
    let (world, root) = World::with_admin().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let message = DeactivateAccountRequest {
        password: PASSWORD.into(),
    };
    let hidden = world.app.deactivate_account(by(&ada, message)).await;
    hidden.expect("hides");
    let message = EraseAccountRequest {
        password: PASSWORD.into(),
    };
    let erased = world.app.erase_account(by(&bob, message)).await;
    erased.expect("erases");
    let page = list(&world, &root, "", "", 0).await.expect("lists");
    assert_eq!(names(&page), ["ada", "root"]);
    assert_eq!(page.users[0].user_id, user_id(&ada).to_string());
}

#[tokio::test]
async fn others_may_not_ask_and_bad_fields_are_named() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    assert_eq!(
        refusal(list(&world, &ada, "", "", 0).await),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
    let long = "x".repeat(65);
    for (query, page, limit) in [
        ("", "", 101),
        ("", "!!!", 0),
        ("", "AAAA", 0),
        ("a\0", "", 0),
        (long.as_str(), "", 0),
    ] {
        assert_eq!(
            refusal(list(&world, &root, query, page, limit).await),
            (Code::InvalidArgument, Reason::FIELD_INVALID),
            "{query} {page} {limit}"
        );
    }
}
