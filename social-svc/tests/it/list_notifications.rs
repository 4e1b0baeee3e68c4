//! ListNotifications.

use proto::social::ListNotificationsRequest;

use crate::world::{World, assert_field, json};

#[tokio::test]
async fn notifications_come_newest_first_in_pages() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let mut people = Vec::new();
    for number in 0..5 {
        let person = world.person(&format!("fan{number}")).await;
        person.asks(&ada).await.expect("asked");
        people.push(person);
    }
    let (mut page, mut listed) = (String::new(), Vec::new());
    loop {
        let request = ListNotificationsRequest { page, limit: 2 };
        let answer = ada.list_notifications(request).await.expect("a page");
        assert!(answer.notifications.len() <= 2);
        listed.extend(answer.notifications);
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let titles: Vec<_> = listed.iter().map(|each| each.title.as_str()).collect();
    let expected = (0..5)
        .rev()
        .map(|number| format!("fan{number} asks to be friends"));
    let expected: Vec<_> = expected.collect();
    assert_eq!(titles, expected);
    let first = &listed[4];
    assert_eq!(first.kind, "friend.requested");
    assert_eq!(json(&first.data)["user"], people[0].id());
    assert!(first.at_ms > 0 && !first.is_read);
    assert_eq!(people[0].notifications().await, []);
}

#[tokio::test]
async fn those_of_people_who_are_hidden_by_now_are_left_out() {
    let world = World::new().await;
    let [ada, bob, eve] = world.people(["Ada", "Bob", "Eve"]).await;
    eve.asks(&ada).await.expect("asked");
    bob.asks(&ada).await.expect("asked");
    ada.blocks(&eve).await.expect("blocked");
    let titles = |listed: Vec<proto::social::Notification>| {
        let titles = listed.into_iter().map(|each| each.title);
        titles.collect::<Vec<_>>()
    };
    assert_eq!(
        titles(ada.notifications().await),
        ["Bob asks to be friends"]
    );
    assert_eq!(ada.counts().await.unread_notifications, 1);
    ada.unblocks(&eve).await.expect("unblocked");
    assert_eq!(ada.notifications().await.len(), 2);
}

#[tokio::test]
async fn a_page_is_one_of_this_list_and_not_too_long() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for (page, limit, field) in [("x", 1, "page"), ("-1", 1, "page"), ("", 101, "limit")] {
        let page = page.into();
        let request = ListNotificationsRequest { page, limit };
        assert_field(ada.list_notifications(request).await, field);
    }
}
