//! The life of one device, delivery by delivery (C1, C3, C4, C8, and its side of C9, C10, C11 and C12).

use std::collections::BTreeMap;

use super::{
    Check, Delivery, Id, Observer, Outcome, Turn, TurnKind, Verdict,
    ledger::Ledger,
    links::Links,
    missing,
    rules::Rules,
    snapshot::{self, Page},
    views::{End, View},
};

/// Goes through the life of device `number`. Returns how often its view of a room was given up.
pub(super) fn check(
    ledger: &mut Ledger<'_>,
    rules: &Rules,
    number: usize,
    verdict: &mut Verdict,
) -> u64 {
    let history = ledger.history;
    let observer = &history.observers[number];
    let starts = observer.starts.iter();
    let mut life = Life {
        number,
        observer,
        rules,
        links: Links::of(observer),
        connected_us: 0,
        views: starts
            .map(|start| (start.room, View::started(start.seq)))
            .collect(),
        last_turns: snapshot::last_turns(observer),
        restarts: 0,
        ledger,
        verdict,
    };
    let mut turns = observer.turns.iter().enumerate().peekable();
    for (index, delivery) in observer.deliveries.iter().enumerate() {
        while let Some((place, turn)) = turns.next_if(|(_, turn)| turn.before <= index) {
            life.turn(place, turn);
        }
        life.deliver(delivery);
    }
    for (place, turn) in turns {
        life.turn(place, turn);
    }
    life.find_missing();
    life.restarts
}

struct Life<'w, 'a> {
    number: usize,
    observer: &'a Observer,
    ledger: &'w mut Ledger<'a>,
    rules: &'w Rules,
    verdict: &'w mut Verdict,
    /// How many there were.
    restarts: u64,
    links: Links,
    /// When its last connection began.
    connected_us: u64,
    /// By room.
    views: BTreeMap<u32, View>,
    /// See [`snapshot::last_turns`].
    last_turns: BTreeMap<u32, usize>,
}

impl Life<'_, '_> {
    fn turn(&mut self, place: usize, turn: &Turn) {
        let at_us = turn.at_us;
        match turn.what {
            TurnKind::Connected { .. } => self.connected_us = at_us,
            TurnKind::Disconnected => {}
            TurnKind::Joined { room, seq } => {
                let end = self.end(room, at_us);
                self.views.entry(room).or_default().join(seq, end);
            }
            TurnKind::Left { room, seq } => {
                let end = self.end(room, at_us);
                self.views.entry(room).or_default().leave(seq, end);
            }
            TurnKind::Restart {
                room,
                seq,
                ref snapshot,
            } => {
                self.restarts += 1;
                self.check_page(place, (room, seq), at_us, snapshot);
                self.restart(room, seq, at_us);
            }
        }
    }

    /// What ends at `at_us` may have ended earlier for a person who was denied then.
    fn end(&self, room: u32, at_us: u64) -> End {
        let denied = self.rules.denied_since(self.observer.user, room, at_us);
        let at_us = denied.unwrap_or(at_us);
        End {
            at_us,
            calm_us: self
                .links
                .connected_since(at_us)
                .max(self.rules.healed_before(at_us)),
        }
    }

    fn restart(&mut self, room: u32, seq: u32, at_us: u64) {
        let number = self.number;
        let due_us = self.due_us();
        let Some(view) = self.views.get_mut(&room).filter(|view| view.is_open()) else {
            return;
        };
        let at = view.at();
        if seq < at {
            self.verdict.add(Check::Honesty, || {
                format!("device {number}, room {room}: continues after {seq}, but was told {at}")
            });
        }
        view.restart(seq);
        let Some(due_us) = due_us.filter(|&due_us| at_us > due_us) else {
            return;
        };
        let given_up = self.ledger.acked(room, at, seq);
        if let Some(&(late, _)) = given_up.iter().find(|it| self.is_before_heal(it.1)) {
            self.verdict.add(Check::Liveness, || {
                let late_ms = (at_us - due_us) / 1_000;
                format!(
                    "device {number} restarted room {room} instead of getting seq {late}, {late_ms} ms too late"
                )
            });
        }
    }

    fn check_page(
        &mut self,
        place: usize,
        (room, seq): (u32, u32),
        at_us: u64,
        page: &[(u32, Id)],
    ) {
        let is_superseded = self.last_turns.get(&room).is_some_and(|&last| last > place);
        let by = self.rules.answered_by(at_us);
        let is_denied = || {
            let user = self.observer.user;
            let until_end = self.rules.denied_since(user, room, by);
            until_end.is_some() || self.rules.denied_since(user, room, at_us).is_some()
        };
        if page.is_empty() && (is_superseded || is_denied()) {
            return;
        }
        let page = Page {
            device: self.number,
            viewer: self.observer.user,
            room,
            seq,
            at_us,
            messages: page,
        };
        snapshot::check(self.ledger, self.rules, &page, self.verdict);
    }

    fn deliver(&mut self, delivery: &Delivery) {
        let Delivery {
            room, seq, prev, ..
        } = *delivery;
        let number = self.number;
        // A place that cannot be has been reported.
        let Some(is_repeated) = self.ledger.mark(number, room, seq) else {
            return;
        };
        if is_repeated {
            self.verdict.add(Check::Duplicate, || {
                format!("device {number} got room {room} seq {seq} again")
            });
            return;
        }
        self.check_denied(delivery);
        let view = self.views.get(&room);
        if !view.is_some_and(|view| view.covers(seq)) {
            self.verdict.add(Check::Entitlement, || {
                format!("device {number} is no member of room {room} at its seq {seq} and got it")
            });
            return;
        }
        let (at, is_told) = view.map_or((0, false), |view| (view.at(), view.follows(prev)));
        let is_next = seq > at && self.is_hidden_between(delivery, at);
        if !is_told || !is_next {
            self.verdict.add(Check::Order, || {
                format!("device {number}, room {room}: seq {seq} (prev {prev}) after {at}")
            });
        }
        self.check_late(delivery);
        if let Some(view) = self.views.get_mut(&room) {
            view.advance(seq);
        }
    }

    /// Whether everything between what was told last and this delivery is hidden from the user. What is, is done with.
    fn is_hidden_between(&mut self, delivery: &Delivery, at: u32) -> bool {
        let user = self.observer.user;
        if !self.rules.has_blocks(user) {
            return delivery.seq == at.saturating_add(1);
        }
        let (room, seq, to_us) = (delivery.room, delivery.seq, delivery.at_us);
        let is_hidden = |&place: &u32| {
            let author = self.ledger.author(room, place);
            author.is_some_and(|(author, send)| {
                self.rules
                    .may_be_hidden(user, author, send.invoked_us, to_us)
            })
        };
        let places = self.ledger.between(room, at, seq);
        let hidden: Vec<u32> = places.filter(is_hidden).collect();
        for &place in &hidden {
            self.ledger.mark(self.number, room, place);
        }
        // Where nobody saw anything there is nothing to hide.
        hidden.len() as u64 + 1 == u64::from(seq.saturating_sub(at))
    }

    /// C9 and C10, the side of deliveries.
    fn check_denied(&mut self, delivery: &Delivery) {
        let (number, user) = (self.number, self.observer.user);
        let Delivery {
            room, seq, at_us, ..
        } = *delivery;
        if self.rules.is_cut_off(user, room, at_us) {
            self.verdict.add(Check::Revocation, || {
                format!(
                    "device {number} of user {user} got room {room} seq {seq} after their denial"
                )
            });
        }
        let author = self
            .ledger
            .send(delivery.message)
            .and_then(|send| self.ledger.history.user_of(send.bot));
        let is_hidden = author.filter(|&author| self.rules.is_hidden(user, author, at_us, at_us));
        if let Some(author) = is_hidden {
            self.verdict.add(Check::Block, || {
                format!("device {number} was shown room {room} seq {seq} by user {author}, whom user {user} blocks")
            });
        }
    }

    /// C11, the side of deliveries.
    fn check_late(&mut self, delivery: &Delivery) {
        let (room, seq, at_us) = (delivery.room, delivery.seq, delivery.at_us);
        let number = self.number;
        let Some(due_us) = self.due_us().filter(|&due_us| at_us > due_us) else {
            return;
        };
        if self.is_before_heal(delivery.message) {
            self.verdict.add(Check::Liveness, || {
                let late_ms = (at_us - due_us) / 1_000;
                format!("device {number} got room {room} seq {seq} {late_ms} ms too late")
            });
        }
    }

    /// Until when the device is to have everything that was acknowledged before the last fault was over.
    fn due_us(&self) -> Option<u64> {
        let since_us = self.rules.last_heal_us()?.max(self.connected_us);
        let catch_up_us = self.rules.bounds().catch_up_us;
        Some(since_us.saturating_add(catch_up_us))
    }

    fn is_before_heal(&self, message: u32) -> bool {
        let outcome = self.ledger.send(message).map(|send| send.outcome);
        let Some(Outcome::Acked { at_us, .. }) = outcome else {
            return false;
        };
        self.rules
            .last_heal_us()
            .is_some_and(|heal_us| at_us <= heal_us)
    }

    /// C1 for one device. The marks are those of its deliveries, so this is its last act.
    fn find_missing(&mut self) {
        for (room, view) in std::mem::take(&mut self.views) {
            let denied = self.rules.denied_since(self.observer.user, room, u64::MAX);
            let end = match denied {
                Some(_) => self.end(room, u64::MAX),
                None => End::NEVER,
            };
            for part in view.finish(end) {
                missing::check(
                    self.ledger,
                    self.rules,
                    (self.number, room),
                    &part,
                    self.verdict,
                );
            }
        }
    }
}
