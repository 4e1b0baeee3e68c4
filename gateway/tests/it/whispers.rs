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
