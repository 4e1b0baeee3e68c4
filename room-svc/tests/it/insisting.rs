//! Somebody who goes on sending until it is refused.

use futures::future::join_all;
use proto::reason::Reason;
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Code, Status};

use crate::world::{Person, assert_refused};

/// Sends under way at any time.
const AT_ONCE: usize = 10;

/// Sends into a room until each sender was refused, so that what ends the right to send meets sends under way, however
/// fast either of them is.
pub(crate) struct Insisting {
    senders: Vec<JoinHandle<(Vec<String>, Status)>>,
}

impl Insisting {
    /// Begins, and returns when something was accepted.
    pub(crate) async fn begin(person: &Person, room: &str) -> Self {
        let (first, is_first) = oneshot::channel();
        let mut first = Some(first);
        let senders = (0..AT_ONCE).map(|_| {
            let (person, room) = (person.clone(), room.to_owned());
            tokio::spawn(insist(person, room, first.take()))
        });
        let senders = senders.collect();
        is_first.await.expect("one was accepted");
        Self { senders }
    }

    /// Waits until each sender was refused, for this reason. Returns the ids of what was accepted.
    pub(crate) async fn end(self, reason: Reason) -> Vec<String> {
        let mut all = Vec::new();
        for sender in join_all(self.senders).await {
            let (accepted, refusal) = sender.expect("no panic");
            assert_refused(Err::<(), _>(refusal), Code::PermissionDenied, reason);
            all.extend(accepted);
        }
        all
    }
}

async fn insist(
    person: Person,
    room: String,
    mut first: Option<oneshot::Sender<()>>,
) -> (Vec<String>, Status) {
    let mut accepted = Vec::new();
    loop {
        match person.says(&room, "still here").await {
            Ok(sent) => accepted.push(sent.message_id),
            Err(refusal) => return (accepted, refusal),
        }
        if let Some(first) = first.take() {
            first.send(()).expect("somebody waits for it");
        }
    }
}
