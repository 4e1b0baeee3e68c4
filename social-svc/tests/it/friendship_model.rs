//! Friends and blocks against a tiny model: whatever three people do in whatever order, answers, lists, the right to
//! write and what the feeds tell agree with it.

use std::collections::{BTreeMap, BTreeSet};

use proto::{
    event::Kind,
    reason::Reason::{self, ALREADY_FRIENDS, FIELD_INVALID, REQUEST_NOT_FOUND},
    social::{FriendState, ListBlocksRequest},
};
use rpc::Refusal;
use tonic::Status;

use crate::world::{Person, World, json, kind_of};

const NAMES: [&str; 3] = ["Ada", "Bob", "Cyd"];
const STEPS: usize = 250;

/// Two of the three: who does something, and to whom.
type Pair = (usize, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Waiting,
    Declined,
    Withdrawn,
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Ask,
    Accept,
    Decline,
    Cancel,
    Part,
    Block { is_mutual: bool },
    Unblock,
}

/// What is expected of a deed: a state for asking and accepting, nothing for others, or a refusal.
type Outcome = Result<Option<FriendState>, Reason>;

#[derive(Default)]
struct Model {
    /// Both directions.
    friends: BTreeSet<Pair>,
    asked: BTreeMap<Pair, Asked>,
    blocks: BTreeMap<Pair, bool>,
}

impl Model {
    fn apply(&mut self, deed: Deed, pair: Pair) -> Outcome {
        let back = (pair.1, pair.0);
        let are_friends = self.friends.contains(&pair);
        let waits_here =
            self.asked.get(&back) == Some(&Asked::Waiting) && !self.blocks.contains_key(&pair);
        match deed {
            Deed::Ask if are_friends => return Err(ALREADY_FRIENDS),
            Deed::Ask if self.blocks.contains_key(&pair) => return Err(FIELD_INVALID),
            Deed::Ask => return Ok(Some(self.ask(pair))),
            Deed::Accept if are_friends => return Ok(Some(FriendState::Friends)),
            Deed::Accept if waits_here => return Ok(Some(self.befriend(pair))),
            Deed::Decline if waits_here => {
                self.asked.insert(back, Asked::Declined);
            }
            Deed::Cancel if self.waits_for_asker(pair) => self.withdraw(pair),
            Deed::Accept | Deed::Decline | Deed::Cancel => return Err(REQUEST_NOT_FOUND),
            Deed::Part => self.part(pair),
            Deed::Block { is_mutual } => self.block(pair, is_mutual),
            Deed::Unblock => {
                self.blocks.remove(&pair);
            }
        }
        Ok(None)
    }

    fn ask(&mut self, pair: Pair) -> FriendState {
        if self.waits_for_asker((pair.1, pair.0)) {
            return self.befriend(pair);
        }
        match self.asked.get(&pair) {
            Some(Asked::Declined | Asked::Withdrawn) => self.asked.insert(pair, Asked::Declined),
            _ => self.asked.insert(pair, Asked::Waiting),
        };
        FriendState::Pending
    }

    fn befriend(&mut self, pair: Pair) -> FriendState {
        for pair in [pair, (pair.1, pair.0)] {
            self.friends.insert(pair);
            self.asked.remove(&pair);
        }
        FriendState::Friends
    }

    fn part(&mut self, pair: Pair) {
        self.friends.remove(&pair);
        self.friends.remove(&(pair.1, pair.0));
    }

    fn block(&mut self, pair: Pair, is_mutual: bool) {
        if self.blocks.insert(pair, is_mutual).is_some() {
            return;
        }
        self.part(pair);
        self.withdraw(pair);
        if let Some(asked) = self.asked.get_mut(&(pair.1, pair.0))
            && *asked == Asked::Waiting
        {
            *asked = Asked::Declined;
        }
    }

    fn withdraw(&mut self, pair: Pair) {
        match self.asked.remove(&pair) {
            Some(Asked::Declined | Asked::Withdrawn) => {
                self.asked.insert(pair, Asked::Withdrawn);
            }
            Some(Asked::Waiting) | None => {}
        }
    }

    fn waits_for_asker(&self, pair: Pair) -> bool {
        matches!(
            self.asked.get(&pair),
            Some(Asked::Waiting | Asked::Declined)
        )
    }

    /// Friends, who asks, and who was asked, as one of the three is shown them.
    fn bonds(&self, own: usize) -> [BTreeSet<String>; 3] {
        let others = |is: &dyn Fn(usize) -> bool| {
            let others = (0..NAMES.len()).filter(|other| *other != own && is(*other));
            others.map(|other| NAMES[other].into()).collect()
        };
        [
            others(&|other| self.friends.contains(&(own, other))),
            others(&|other| {
                self.asked.get(&(other, own)) == Some(&Asked::Waiting)
                    && !self.blocks.contains_key(&(own, other))
            }),
            others(&|other| self.waits_for_asker((own, other))),
        ]
    }

    fn hides(&self, viewer: usize, other: usize) -> bool {
        self.blocks.contains_key(&(viewer, other))
            || self.blocks.get(&(other, viewer)) == Some(&true)
    }
}

/// A small generator, so that a failure can be repeated from its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("small")
    }

    fn deed(&mut self) -> Deed {
        match self.below(12) {
            0..3 => Deed::Ask,
            3..5 => Deed::Accept,
            5 => Deed::Decline,
            6..8 => Deed::Cancel,
            8 => Deed::Part,
            9 => Deed::Block {
                is_mutual: self.below(2) == 0,
            },
            _ => Deed::Unblock,
        }
    }

    fn pair(&mut self) -> Pair {
        let one = self.below(NAMES.len());
        (one, (one + 1 + self.below(NAMES.len() - 1)) % NAMES.len())
    }
}

#[tokio::test]
async fn three_people_and_the_model_agree_after_every_step() {
    story(0x9E37_79B9_7F4A_7C15).await;
}

#[tokio::test]
async fn they_agree_in_another_order_too() {
    story(0xD1B5_4A32_D192_ED03).await;
}

async fn story(seed: u64) {
    let world = World::new().await;
    let people = world.people(NAMES).await;
    let (mut model, mut dice) = (Model::default(), Dice(seed));
    let mut deeds = Vec::new();
    for step in 0..STEPS {
        let (deed, pair) = (dice.deed(), dice.pair());
        deeds.push((deed, pair));
        let expected = model.apply(deed, pair);
        let outcome = does(deed, &people[pair.0], &people[pair.1]).await;
        let recent = &deeds[deeds.len().saturating_sub(12)..];
        assert_eq!(outcome, expected, "seed {seed:x}, step {step}: {recent:?}");
        compare(
            &world,
            &people,
            &model,
            &format!("seed {seed:x}, step {step}: {recent:?}"),
        )
        .await;
    }
    for (own, person) in people.iter().enumerate() {
        replay(&world, person, &model.bonds(own)).await;
    }
}

async fn does(deed: Deed, one: &Person, other: &Person) -> Outcome {
    let done = |done: Result<(), Status>| done.map(|()| None);
    let outcome = match deed {
        Deed::Ask => one.asks(other).await.map(Some),
        Deed::Accept => one.accepts(other).await.map(Some),
        Deed::Decline => done(one.declines(other).await),
        Deed::Cancel => done(one.cancels(other).await),
        Deed::Part => done(one.parts_from(other).await),
        Deed::Block { is_mutual: true } => done(one.blocks_mutually(other).await),
        Deed::Block { is_mutual: false } => done(one.blocks(other).await),
        Deed::Unblock => done(one.unblocks(other).await),
    };
    outcome.map_err(|status| Refusal::of(&status).reason)
}

async fn compare(world: &World, people: &[Person; 3], model: &Model, place: &str) {
    for (own, person) in people.iter().enumerate() {
        let listed = person.bonds().await;
        let bonds = listed.map(|names| names.into_iter().collect::<BTreeSet<String>>());
        assert_eq!(bonds, model.bonds(own), "{} {place}", NAMES[own]);
        let blocks = person.list_blocks(ListBlocksRequest::default()).await;
        let blocks = blocks.expect("a list").blocks.len();
        let expected = model.blocks.keys().filter(|(by, _)| *by == own).count();
        assert_eq!(blocks, expected, "{} {place}", NAMES[own]);
        let hidden: BTreeSet<String> = person.hidden().await.into_iter().collect();
        let expected = (0..NAMES.len()).filter(|other| *other != own && model.hides(own, *other));
        let expected: BTreeSet<String> = expected.map(|other| people[other].id()).collect();
        assert_eq!(hidden, expected, "{} {place}", NAMES[own]);
        for (other, recipient) in people.iter().enumerate() {
            let may = world.may_message(person, recipient).await;
            let expected = model.friends.contains(&(own, other));
            assert_eq!(may, expected, "{} to {} {place}", NAMES[own], NAMES[other]);
        }
    }
}

/// Whoever only follows their feed ends with the same lists. A request that was made during a block shows afterwards
/// without an event.
async fn replay(world: &World, person: &Person, bonds: &[BTreeSet<String>; 3]) {
    let [mut friends, mut incoming, mut outgoing] = [const { BTreeSet::new() }; 3];
    let mut hidden = BTreeSet::new();
    for event in world.events(person).await {
        let data = json(&event.data);
        let name = || data["user"]["name"].as_str().unwrap_or_default().to_owned();
        match kind_of(&event) {
            Kind::FriendSent => drop(outgoing.insert(name())),
            Kind::FriendRequested => {
                incoming.insert(data["from"]["name"].as_str().expect("a name").to_owned());
            }
            Kind::FriendAccepted => {
                incoming.remove(&name());
                outgoing.remove(&name());
                assert!(friends.insert(name()), "friends twice");
            }
            Kind::FriendDeclined => assert!(incoming.remove(&name()), "nothing to decline"),
            Kind::FriendCancelled => {
                incoming.remove(&name());
                outgoing.remove(&name());
            }
            Kind::FriendRemoved => assert!(friends.remove(&name()), "no friend to lose"),
            Kind::HiddenChanged => {
                let user = data["user"].as_str().expect("an id").to_owned();
                if data["hidden"] == true {
                    assert!(hidden.insert(user), "hidden twice");
                } else {
                    assert!(hidden.remove(&user), "not hidden");
                }
            }
            _ => {}
        }
    }
    assert_eq!((&friends, &outgoing), (&bonds[0], &bonds[2]));
    assert!(incoming.is_subset(&bonds[1]), "{incoming:?} {:?}", bonds[1]);
    let listed: BTreeSet<String> = person.hidden().await.into_iter().collect();
    assert_eq!(hidden, listed);
}
