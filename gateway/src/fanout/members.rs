//! Who follows a stream on this gateway.

use proto::id::ConnectionId;

use super::member::Member;

/// So many members have exactly the room they need.
const FEW: usize = 4;

/// Members in the order of their connections. A list and no table: everyone of a stream is told what happens in it, and
/// every idle connection is in some. Ids grow with time, so whoever connects and enters goes to the end; all others move
/// those after them, 72 B each.
#[derive(Default)]
pub(super) struct Members(Vec<Member>);

impl Members {
    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Finds a connection.
    pub(super) fn get(&self, connection: ConnectionId) -> Option<&Member> {
        let place = self.place(connection).ok()?;
        Some(&self.0[place])
    }

    /// Finds a connection.
    pub(super) fn get_mut(&mut self, connection: ConnectionId) -> Option<&mut Member> {
        let place = self.place(connection).ok()?;
        Some(&mut self.0[place])
    }

    /// Adds one, unless the connection is a member already. Returns who is one then.
    pub(super) fn enter(&mut self, member: Member) -> &Member {
        let place = match self.place(member.handle.id) {
            Ok(place) => place,
            Err(place) => {
                if self.0.len() < FEW {
                    // Most feeds have one member, and there is one for everyone.
                    self.0.reserve_exact(1);
                }
                self.0.insert(place, member);
                place
            }
        };
        &self.0[place]
    }

    /// Removes a connection.
    pub(super) fn remove(&mut self, connection: ConnectionId) {
        if let Ok(place) = self.place(connection) {
            self.0.remove(place);
        }
        if self.0.len() < self.0.capacity() / 4 {
            self.0.shrink_to(self.0.len() * 2);
        }
    }

    /// Returns everyone who is told what happens as it happens.
    pub(super) fn live(&self) -> impl Iterator<Item = &Member> {
        self.0.iter().filter(|member| member.is_live)
    }

    /// Returns everyone who is told what happens as it happens.
    pub(super) fn live_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.0.iter_mut().filter(|member| member.is_live)
    }

    /// Returns everyone.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.0.iter_mut()
    }

    fn place(&self, connection: ConnectionId) -> Result<usize, usize> {
        let id_of = |member: &Member| member.handle.id.0;
        self.0.binary_search_by_key(&connection.0, id_of)
    }
}

#[cfg(test)]
mod tests {
    use proto::id::UserId;

    use super::*;
    use crate::conn::handle::tests::handle;

    fn member() -> Member {
        Member {
            handle: handle(),
            user: UserId::generate(),
            told: 0,
            at: 0,
            at_id: None,
            is_live: true,
            is_muted: false,
            is_leaving: false,
            replay_to: 0,
        }
    }

    #[test]
    fn who_comes_is_found_until_they_leave_in_whatever_order() {
        let mut members = Members::default();
        let [first, second, third] = [(); 3].map(|()| member());
        let [one, two, three] = [&first, &second, &third].map(|member| member.handle.id);
        for member in [second, third, first] {
            members.enter(member);
        }
        for id in [one, two, three] {
            assert_eq!(members.get(id).map(|member| member.handle.id), Some(id));
        }
        members.remove(two);
        members.remove(two);
        assert!(members.get(two).is_none() && members.get_mut(three).is_some());
        assert_eq!((members.len(), members.live().count()), (2, 2));
    }

    #[test]
    fn one_member_takes_the_room_of_one() {
        let mut members = Members::default();
        members.enter(member());
        assert_eq!(members.0.capacity(), 1);
    }

    #[test]
    fn who_is_a_member_stays_as_they_are() {
        let mut members = Members::default();
        let known = Member {
            told: 7,
            ..member()
        };
        let again = Member {
            handle: known.handle.clone(),
            ..member()
        };
        members.enter(known);
        assert_eq!(members.enter(again).told, 7);
        assert_eq!(members.len(), 1);
    }

    #[test]
    fn a_room_that_was_left_takes_no_memory() {
        let mut members = Members::default();
        let ids: Vec<_> = (0..1_000)
            .map(|_| members.enter(member()).handle.id)
            .collect();
        for id in ids {
            members.remove(id);
        }
        assert_eq!(members.0.capacity(), 0);
    }
}
