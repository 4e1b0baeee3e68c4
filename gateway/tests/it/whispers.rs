//! An interest in whispers, on a real bus.

use std::{collections::HashSet, sync::Arc};

use gateway::whispers::Whispers;
use proto::{id::UserId, stream::Ephemeral, subject::Partition};
use stream::{Ephemerals, Listener};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What is heard comes within this.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

struct Ear(mpsc::UnboundedSender<Ephemeral>);

impl Listener for Ear {
    fn hear(&self, message: Ephemeral) {
        let _ = self.0.send(message);
    }
}

fn said(user: UserId) -> Ephemeral {
    Ephemeral {
        tenant: "default".into(),
        stream_id: user.to_string(),
        kind: "presence.changed".into(),
        actor: user.to_string(),
        data: b"{}".as_slice().into(),
    }
}

/// Somebody of another partition.
fn elsewhere(user: UserId) -> UserId {
    let partition = |user: UserId| Partition::of(user.into());
    std::iter::repeat_with(UserId::generate)
        .find(|other| partition(*other) != partition(user))
        .expect("there are many")
}

#[tokio::test]
async fn an_interest_brings_the_whispers_of_its_partition_until_it_ends() {
    let nats = testkit::nats().await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let ear: Arc<dyn Listener> = Arc::new(Ear(sender));
    let stop = CancellationToken::new();
    let whispers = Whispers::new(nats.client.clone(), &ear, &TaskTracker::new(), stop.clone());
    let ephemerals = Ephemerals::new(nats.client.clone());
    let ada = UserId::generate();
    let bob = elsewhere(ada);
    for user in [ada, ada, bob] {
        whispers.follow(user.into());
    }
    let both = [ada.into(), bob.into()];
    whispers.stand(both).await.expect("the bus is there");
    // One of two interests is left.
    whispers.unfollow(ada.into());
    // Says something of both until it is heard of him, and tells whether something of her was.
    let mut is_heard = async || {
        ephemerals.publish(said(ada)).await;
        ephemerals.publish(said(bob)).await;
        let mut is_heard = false;
        loop {
            let of = heard.recv().await.expect("an ear").stream_id;
            if of == bob.to_string() {
                return is_heard;
            }
            is_heard = true;
        }
    };
    let both = async { while !is_heard().await {} };
    let both = tokio::time::timeout(PATIENCE, both).await;
    both.expect("she is heard beside him");
    // After the last one ends nothing of her is heard beside him, as soon as the bus knows.
    whispers.unfollow(ada.into());
    let silence = async {
        let mut without = 0;
        while without < 5 {
            without = if is_heard().await { 0 } else { without + 1 };
        }
    };
    let silence = tokio::time::timeout(PATIENCE, silence).await;
    silence.expect("silence");
    stop.cancel();
}

#[tokio::test]
async fn what_is_said_once_an_interest_stands_is_heard() {
    let nats = testkit::nats().await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let ear: Arc<dyn Listener> = Arc::new(Ear(sender));
    let stop = CancellationToken::new();
    let whispers = Whispers::new(nats.client.clone(), &ear, &TaskTracker::new(), stop.clone());
    let ephemerals = Ephemerals::new(nats.client.clone());
    let mut partitions = HashSet::new();
    while partitions.len() < 32 {
        let user = UserId::generate();
        if !partitions.insert(Partition::of(user.into())) {
            continue;
        }
        whispers.follow(user.into());
        whispers
            .stand([user.into()])
            .await
            .expect("the bus is there");
        ephemerals.publish(said(user)).await;
        let message = tokio::time::timeout(PATIENCE, heard.recv()).await;
        let message = message.expect("heard in time").expect("an ear");
        assert_eq!(message.stream_id, user.to_string());
    }
    stop.cancel();
}
