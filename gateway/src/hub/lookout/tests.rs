use proto::{
    id::{SessionId, Tenant, UserId},
    reason::Reason,
    subject::Partition,
};
use stream::Listener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Code;

use super::*;
use crate::{
    conn::handle::{Who, tests::handle},
    hub::presence::tests::{changed, is_forgotten, watches},
    whispers::Whispers,
};

fn person() -> Person {
    (Tenant::default_tenant(), UserId::generate())
}

fn two() -> (Person, Person) {
    let bob = person();
    // Of another partition, so that their subscriptions can be told apart.
    let partition = |person: &Person| Partition::of(person.1.into());
    let eve = std::iter::repeat_with(person).find(|eve| partition(eve) != partition(&bob));
    (bob, eve.expect("there are many"))
}

async fn seeks(hub: &Arc<Hub>, handle: &Arc<Handle>, people: &[&Person]) -> Lookout {
    let people = people.iter().map(|person| (*person).clone()).collect();
    let lookout = hub.look_out(handle, people).await;
    lookout.expect("no bus to wait for")
}

/// Whose change to what a socket was told since the last look.
fn told(handle: &Handle, names: &[(&str, &Person)]) -> Vec<String> {
    let frames = std::iter::from_fn(|| handle.outbound.pop());
    let told = frames.map(|frame| {
        let frame: serde_json::Value = serde_json::from_str(frame.as_str()).expect("JSON");
        let user = frame["data"]["user"].as_str().expect("a user").to_owned();
        let named = names
            .iter()
            .find(|(_, person)| person.1.to_string() == user);
        let status = frame["data"]["status"].as_str().expect("a status");
        format!("{} {status}", named.expect("somebody known").0)
    });
    told.collect()
}

#[tokio::test]
async fn what_is_heard_before_the_answer_is_told_after_it_and_the_latest_only() {
    let (hub, ada, bob) = (Arc::new(Hub::default()), handle(), person());
    let names = [("bob", &bob)];
    let lookout = seeks(&hub, &ada, &[&bob]).await;
    hub.hear(changed(&bob, "away"));
    hub.hear(changed(&bob, "dnd"));
    assert!(ada.outbound.is_empty(), "the answer comes first");
    lookout.go_live();
    assert_eq!(told(&ada, &names), ["bob dnd"]);
    hub.hear(changed(&bob, "online"));
    assert_eq!(told(&ada, &names), ["bob online"]);
}

#[tokio::test]
async fn who_may_not_be_followed_is_never_told() {
    let (hub, ada, (bob, eve)) = (Arc::new(Hub::default()), handle(), two());
    let names = [("bob", &bob), ("eve", &eve)];
    let mut lookout = seeks(&hub, &ada, &[&bob, &eve]).await;
    hub.hear(changed(&eve, "away"));
    hub.hear(changed(&bob, "away"));
    lookout.keep(&HashSet::from([bob.clone()]));
    hub.hear(changed(&eve, "dnd"));
    lookout.go_live();
    hub.hear(changed(&eve, "online"));
    assert_eq!(told(&ada, &names), ["bob away"]);
}

#[tokio::test]
async fn who_is_withdrawn_or_hidden_meanwhile_is_not_told() {
    let (hub, ada, (bob, eve)) = (Arc::new(Hub::default()), handle(), two());
    let own = person();
    let presence = hub.enter_connection(&ada);
    let who = Who {
        tenant: own.0.clone(),
        user: own.1,
        name: "ada".into(),
        session: SessionId::generate(),
        address: [127, 0, 0, 1].into(),
    };
    assert!(presence.identify(who, 1));
    let mut lookout = seeks(&hub, &ada, &[&bob, &eve]).await;
    hub.hear(changed(&bob, "away"));
    hub.hear(changed(&eve, "away"));
    // The service looked before: it said that both may be followed.
    lookout.keep(&HashSet::from([bob.clone(), eve.clone()]));
    hub.withdraw_presence(&own, &bob.1.to_string());
    ada.hidden.set(eve.1, true);
    lookout.go_live();
    hub.hear(changed(&bob, "online"));
    hub.hear(changed(&eve, "online"));
    assert!(ada.outbound.is_empty());
    drop(presence);
    assert!(is_forgotten(&hub));
}

#[tokio::test]
async fn a_request_that_fails_leaves_what_was_watched_before() {
    let (hub, ada, (bob, eve)) = (Arc::new(Hub::default()), handle(), two());
    let names = [("bob", &bob), ("eve", &eve)];
    watches(&hub, &ada, &[&bob]).await;
    let lookout = seeks(&hub, &ada, &[&bob, &eve]).await;
    hub.hear(changed(&bob, "away"));
    hub.hear(changed(&eve, "away"));
    drop(lookout);
    hub.hear(changed(&bob, "dnd"));
    hub.hear(changed(&eve, "dnd"));
    assert_eq!(told(&ada, &names), ["bob away", "bob dnd"]);
    hub.unwatch(&ada);
    assert!(is_forgotten(&hub));
}

#[tokio::test]
async fn who_was_watched_before_is_told_again_after_an_answer_that_may_be_older() {
    let (hub, ada, bob) = (Arc::new(Hub::default()), handle(), person());
    let names = [("bob", &bob)];
    watches(&hub, &ada, &[&bob]).await;
    let lookout = seeks(&hub, &ada, &[&bob]).await;
    hub.hear(changed(&bob, "away"));
    assert_eq!(told(&ada, &names), ["bob away"]);
    lookout.go_live();
    assert_eq!(told(&ada, &names), ["bob away"]);
}

/// A hub whose bus cannot be reached.
async fn away() -> (Arc<Hub>, Whispers) {
    let hub = Arc::new(Hub::default());
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let nats = options
        .connect("127.0.0.1:1")
        .await
        .expect("it tries again");
    let ears: Arc<dyn Listener> = hub.clone();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let whispers = Whispers::new(nats, &ears, &tasks, stop);
    assert!(hub.whispers.set(whispers.clone()).is_ok());
    (hub, whispers)
}

#[tokio::test(start_paused = true)]
async fn without_the_bus_nobody_is_watched_and_what_was_watched_stays() {
    let (hub, whispers) = away().await;
    let (ada, (bob, eve)) = (handle(), two());
    let names = [("bob", &bob), ("eve", &eve)];
    hub.seek(ada.id, &HashSet::from([bob.clone()]));
    hub.settle(&ada, HashSet::from([bob.clone()]));
    let Err(refused) = hub.look_out(&ada, HashSet::from([eve.clone()])).await else {
        panic!("the bus was never told")
    };
    assert_eq!(refused.code(), Code::Unavailable);
    let reason = rpc::Refusal::of(&refused).reason;
    assert_eq!(reason, Reason::UPSTREAM_UNAVAILABLE);
    hub.hear(changed(&bob, "away"));
    hub.hear(changed(&eve, "away"));
    assert_eq!(told(&ada, &names), ["bob away"]);
    assert_eq!(whispers.count(eve.1.into()), 0, "nobody wants it any more");
}

#[tokio::test]
async fn a_subscription_that_nobody_needs_any_more_is_released() {
    let (hub, whispers) = away().await;
    let ((ada, other), (bob, eve)) = ((handle(), handle()), two());
    let counts = || [&bob, &eve].map(|person| whispers.count(person.1.into()));
    let replaces = |handle: &Arc<Handle>, people: &[&Person]| {
        let people: HashSet<_> = people.iter().map(|person| (*person).clone()).collect();
        hub.seek(handle.id, &people);
        hub.settle(handle, people);
    };
    replaces(&ada, &[&bob, &eve]);
    replaces(&ada, &[&bob, &eve]);
    replaces(&other, &[&bob]);
    assert_eq!(counts(), [1, 1]);
    replaces(&ada, &[&eve]);
    assert_eq!(counts(), [1, 1], "somebody else watches bob");
    replaces(&other, &[]);
    assert_eq!(counts(), [0, 1]);
    hub.seek(other.id, &HashSet::from([bob.clone(), eve.clone()]));
    assert_eq!(counts(), [1, 2]);
    hub.give_up(other.id, &[bob.clone(), eve.clone()]);
    hub.unwatch(&ada);
    assert_eq!(counts(), [0, 0]);
    assert!(is_forgotten(&hub));
}
