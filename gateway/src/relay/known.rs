//! The rooms a connection's user is in, as requests name them: by id, or by `#name`.

use proto::id::RoomId;

/// A room as a connection knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRoom {
    /// Without `#`. `None`: a direct conversation, whose name is a person's and says nothing about rooms.
    name: Option<Box<str>>,
}

/// Every connection holds one for as long as it lives, so it is no larger than it must be. In the order of ids.
#[derive(Debug, Default)]
pub struct KnownRooms(Vec<(RoomId, KnownRoom)>);

impl KnownRoom {
    /// Takes a room's name and its kind: `channel`, `private` or `direct`.
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Self {
        Self {
            name: (kind != "direct").then(|| name.into()),
        }
    }

    fn is_named(&self, name: &str) -> bool {
        let own = self.name.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

impl KnownRooms {
    /// Whether the user is in a room.
    #[must_use]
    pub fn contains(&self, room: RoomId) -> bool {
        self.place(room).is_ok()
    }

    /// Finds a room by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<RoomId> {
        let found = self.0.iter().find(|(_, known)| known.is_named(name));
        found.map(|(room, _)| *room)
    }

    /// The user is in a room now, or it has another name.
    pub fn insert(&mut self, room: RoomId, known: KnownRoom) {
        match self.place(room) {
            Ok(place) => self.0[place].1 = known,
            Err(place) => self.0.insert(place, (room, known)),
        }
    }

    /// The user is no longer in a room.
    pub fn remove(&mut self, room: RoomId) {
        if let Ok(place) = self.place(room) {
            self.0.remove(place);
        }
    }

    /// Gives back the room for more than there are.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    fn place(&self, room: RoomId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&room.0, |(id, _)| id.0)
    }
}

impl FromIterator<(RoomId, KnownRoom)> for KnownRooms {
    fn from_iter<T: IntoIterator<Item = (RoomId, KnownRoom)>>(rooms: T) -> Self {
        let mut known: Vec<_> = rooms.into_iter().collect();
        known.sort_unstable_by_key(|(room, _)| room.0);
        known.shrink_to_fit();
        Self(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_found_by_id_and_name_until_they_are_left() {
        let [tea, ada, late] = [3, 1, 2].map(|nth| RoomId(uuid::Uuid::from_u128(nth)));
        let mut rooms: KnownRooms = [
            (tea, KnownRoom::new("Tea", "channel")),
            (ada, KnownRoom::new("ada", "direct")),
        ]
        .into_iter()
        .collect();
        rooms.insert(late, KnownRoom::new("late", "private"));
        assert!([tea, ada, late].iter().all(|room| rooms.contains(*room)));
        assert_eq!((rooms.named("tea"), rooms.named("ada")), (Some(tea), None));
        rooms.insert(tea, KnownRoom::new("coffee", "channel"));
        assert_eq!(
            (rooms.named("tea"), rooms.named("COFFEE")),
            (None, Some(tea))
        );
        rooms.remove(tea);
        rooms.remove(tea);
        assert!(!rooms.contains(tea) && rooms.contains(ada) && rooms.contains(late));
    }
}
