//! Whom a request asks to watch, until it is answered. Their changes are heard from before the service is asked how they
//! are, and told after its answer was: none is lost in between, and none that is older than the answer comes before it.

use std::{collections::HashSet, sync::Arc};

use tonic::Status;

use super::{Hub, Person};
use crate::conn::handle::Handle;

/// See the module. One per connection at a time; ends when dropped, and what was watched before stays.
///
/// Of each person the latest change is kept, so it holds no more frames than people were asked for.
pub struct Lookout {
    hub: Arc<Hub>,
    handle: Arc<Handle>,
    people: HashSet<Person>,
}

impl Hub {
    /// Begins to hear of people for a connection, and waits until none of their changes can be missed. It is told of
    /// nobody yet.
    ///
    /// # Errors
    /// When the bus is away.
    pub async fn look_out(
        self: &Arc<Self>,
        handle: &Arc<Handle>,
        people: HashSet<Person>,
    ) -> Result<Lookout, Status> {
        self.seek(handle.id, &people);
        let lookout = Lookout {
            hub: self.clone(),
            handle: handle.clone(),
            people,
        };
        if let Some(whispers) = self.whispers.get() {
            let streams = lookout.people.iter().map(|(_, user)| (*user).into());
            whispers.stand(streams).await?;
        }
        Ok(lookout)
    }
}

impl Lookout {
    /// Forgets everyone else, and what was heard of them: the connection may be told of these only.
    pub fn keep(&mut self, followable: &HashSet<Person>) {
        let others = self
            .people
            .extract_if(|person| !followable.contains(person));
        let others: Vec<_> = others.collect();
        self.hub.give_up(self.handle.id, &others);
    }

    /// Makes the connection watch exactly who is left, and tells it what was heard meanwhile. For after the answer.
    pub fn go_live(mut self) {
        let people = std::mem::take(&mut self.people);
        self.hub.settle(&self.handle, people);
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.hub.give_up(self.handle.id, &self.people);
    }
}

#[cfg(test)]
mod tests;
