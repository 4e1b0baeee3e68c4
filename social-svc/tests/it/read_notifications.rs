//! ReadNotifications.

use proto::{event::Kind::NotificationsRead, reason::Reason, social::ReadNotificationsRequest};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, key};

/// Ada, and the ids of her five notifications, newest first.
async fn notified(world: &World) -> (Person, Vec<String>) {
    let ada = world.person("Ada").await;
    for number in 0..5 {
        let fan = world.person(&format!("fan{number}")).await;
        fan.asks(&ada).await.expect("asked");
    }
    let listed = ada.notifications().await;
    let ids = listed.into_iter().map(|each| each.notification_id);
    (ada, ids.collect())
}

#[tokio::test]
async fn what_is_read_stays_read_and_is_told_once() {
    let world = World::new().await;
    let (ada, ids) = notified(&world).await;
    let request = ReadNotificationsRequest {
        notification_ids: vec![ids[1].clone(), ids[3].clone()],
        key: key(),
    };
    let read = ada.read_notifications(request.clone()).await;
    assert_eq!(read.expect("read").unread, 3);
    assert_eq!(is_read(&ada).await, [false, true, false, true, false]);
    let told = world.last(&ada, NotificationsRead).await;
    assert_eq!(
        (&told["unread"], &told["ids"][0]),
        (&3.into(), &ids[1].as_str().into())
    );

    assert_eq!(ada.reads(&[&ids[4]]).await, 2);
    assert_eq!(ada.reads(&[&ids[4], &ids[1]]).await, 2, "read already");
    assert_eq!(is_read(&ada).await, [false, true, false, true, true]);
    // The repeat gives its own answer, not today's.
    let repeat = ada.read_notifications(request.clone()).await;
    assert_eq!(repeat.expect("a repeat").unread, 3);
    assert_eq!(ada.reads(&[&ids[0], &ids[2]]).await, 0);
    assert_eq!(is_read(&ada).await, [true; 5]);
    assert_eq!(ada.counts().await.unread_notifications, 0);
    let events = world.kinds(&ada).await;
    let told = events.iter().filter(|kind| **kind == NotificationsRead);
    assert_eq!(told.count(), 3);

    let other = ReadNotificationsRequest {
        notification_ids: vec![ids[0].clone()],
        ..request
    };
    let other = ada.read_notifications(other).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn all_there_are_can_be_read_and_later_ones_are_unread() {
    let world = World::new().await;
    let (ada, ids) = notified(&world).await;
    ada.reads(&[&ids[2]]).await;
    assert_eq!(ada.reads(&[]).await, 0);
    assert_eq!(is_read(&ada).await, [true; 5]);
    assert_eq!(ada.reads(&[]).await, 0);
    world.person("Late").await.asks(&ada).await.expect("asked");
    assert_eq!(is_read(&ada).await, [false, true, true, true, true, true]);
    assert_eq!(ada.counts().await.unread_notifications, 1);
    let left = sqlx::query_scalar!(r#"select count(*) as "rows!" from social.notification_read"#);
    assert_eq!(left.fetch_one(&world.db).await.expect("counts"), 0);
}

#[tokio::test]
async fn what_is_no_notification_of_ones_own_is_passed_over() {
    let world = World::new().await;
    let (ada, ids) = notified(&world).await;
    let bob = world.person("Bob").await;
    assert_eq!(bob.reads(&[&ids[0]]).await, 0);
    let requested = &world.events(&ada).await[0].event_id;
    assert_eq!(ada.reads(&[requested, &key()]).await, 5);
    assert_eq!(world.kinds(&bob).await, []);

    let reading = |ids: Vec<String>, key: &str| ReadNotificationsRequest {
        notification_ids: ids,
        key: key.into(),
    };
    let bad = reading(vec!["x".into()], &key());
    assert_field(ada.read_notifications(bad).await, "ids");
    let many = reading(vec![key(); 201], &key());
    assert_field(ada.read_notifications(many).await, "ids");
    let keyless = reading(ids, "");
    assert_field(ada.read_notifications(keyless).await, "key");
}

async fn is_read(person: &Person) -> Vec<bool> {
    let listed = person.notifications().await;
    listed.into_iter().map(|each| each.is_read).collect()
}
