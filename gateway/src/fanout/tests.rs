//! Members that are live, behind, muted, rewound and reset.

use futures::FutureExt;
use proto::{event::Kind, gateway::Progress};

use super::*;
use crate::conn::handle::{
    Control,
    tests::{handle, with_queue},
};

struct Room {
    channel: Arc<Channel>,
    enforced: Arc<Enforced>,
    seq: i64,
    log: Vec<Event>,
}

impl Room {
    fn new() -> Self {
        let stream = StreamId(uuid::Uuid::from_u128(7));
        let enforced: Arc<Enforced> = Arc::default();
        Self {
            channel: Arc::new(Channel::new(
                Tenant::default_tenant(),
                stream,
                Scope::Room,
                enforced.clone(),
            )),
            enforced,
            seq: 0,
            log: Vec::new(),
        }
    }

    fn commits(&mut self, kind: Kind, data: &str) {
        self.seq += 1;
        self.log.push(Event {
            tenant: "default".into(),
            stream_id: self.channel.stream().to_string(),
            seq: self.seq,
            event_id: format!("id-{}", self.seq),
            kind: u32::try_from(kind.number()).expect("small"),
            at_ms: 9,
            data: data.to_owned().into_bytes().into(),
            ..Event::default()
        });
    }

    /// Commits and delivers at once.
    fn says(&mut self, body: &str) {
        self.commits(Kind::MessagePosted, &format!(r#"{{"body":"{body}"}}"#));
        self.delivers(1);
    }

    fn delivers(&self, last: usize) {
        let from = self.log.len() - last;
        let events: Vec<_> = self.log[from..]
            .iter()
            .map(|event| self.channel.render(Arc::new(event.clone())))
            .collect();
        self.channel.deliver(&events);
    }

    fn membership(&mut self, kind: Kind, user: UserId) {
        let data =
            format!(r#"{{"user":{{"id":"{user}","name":"ada"}},"role":"member","reason":"left"}}"#);
        self.commits(kind, &data);
    }

    fn range(&self, after: i64, limit: usize) -> RangeResponse {
        let events = self
            .log
            .iter()
            .filter(|event| event.seq > after)
            .take(limit)
            .cloned()
            .collect();
        RangeResponse {
            events,
            head: self.seq,
            is_continuous: true,
            ..RangeResponse::default()
        }
    }

    fn pulls(&self, handle: &Handle, limit: usize) -> Pulled {
        let (at, _) = self.channel.place(handle.id).expect("a member");
        let range = self.range(at, limit);
        self.channel.pulled(handle.id, (at, ""), &range)
    }
}

fn start(told: i64) -> Start {
    Start {
        told,
        told_id: String::new(),
        replay_to: 0,
    }
}

/// Returns (seq, prev) of everything in the queue.
fn told(handle: &Handle) -> Vec<(i64, i64)> {
    let number = |value: &serde_json::Value, field: &str| value[field].as_i64().unwrap_or(-1);
    std::iter::from_fn(|| handle.outbound.pop())
        .map(|frame| serde_json::from_str::<serde_json::Value>(frame.as_str()).expect("JSON"))
        .map(|frame| (number(&frame, "seq"), number(&frame, "prev")))
        .collect()
}

#[test]
fn an_event_s_frame() {
    let mut room = Room::new();
    room.commits(Kind::MessagePosted, r#"{"body":"hi"}"#);
    let rendered = Rendered::new(
        Arc::new(room.log[0].clone()),
        Scope::Room,
        &Enforced::default(),
    );
    insta::assert_snapshot!(rendered.frame(0, false).expect("told"), @r#"{"type":"message.new","room":"00000000-0000-0000-0000-000000000007","seq":1,"prev":0,"cursor":"id-1","data":{"message":"id-1","room":"00000000-0000-0000-0000-000000000007","seq":1,"at":9,"reactions":[],"body":"hi"}}"#);
    let rendered = Rendered::new(
        Arc::new(room.log[0].clone()),
        Scope::Feed,
        &Enforced::default(),
    );
    insta::assert_snapshot!(rendered.frame(-1, true).expect("told"), @r#"{"type":"message.new","stream":"00000000-0000-0000-0000-000000000007","seq":1,"prev":-1,"cursor":"id-1","replayed":true,"data":{"message":"id-1","room":"00000000-0000-0000-0000-000000000007","seq":1,"at":9,"reactions":[],"body":"hi"}}"#);
    insta::assert_snapshot!(gap_frame(Scope::Room, room.channel.stream(), 2, 9), @r#"{"type":"room.gap","room":"00000000-0000-0000-0000-000000000007","data":{"room":"00000000-0000-0000-0000-000000000007","from":2,"to":9,"head":9}}"#);
    insta::assert_snapshot!(reset_frame(Scope::Feed, room.channel.stream(), 9), @r#"{"type":"room.reset","stream":"00000000-0000-0000-0000-000000000007","data":{"stream":"00000000-0000-0000-0000-000000000007","head":9}}"#);
}

#[test]
fn everyone_gets_the_same_bytes() {
    let mut room = Room::new();
    let (one, two) = (handle(), handle());
    assert!(room.channel.attach(&one, UserId::generate(), start(0)));
    assert!(room.channel.attach(&two, UserId::generate(), start(0)));
    room.says("hi");
    let (first, second) = (
        one.outbound.pop().expect("frame"),
        two.outbound.pop().expect("frame"),
    );
    assert_eq!(
        first.as_str().as_ptr(),
        second.as_str().as_ptr(),
        "shared, not copied"
    );
}

#[test]
fn events_for_gateways_only_leave_no_hole() {
    let mut room = Room::new();
    let one = handle();
    room.channel.attach(&one, UserId::generate(), start(0));
    room.says("a");
    room.commits(Kind::MembershipChanged, "{}");
    room.delivers(1);
    room.says("b");
    assert_eq!(told(&one), [(1, 0), (3, 1)]);
}

#[test]
fn a_member_that_is_behind_reads_the_log_and_becomes_live() {
    let mut room = Room::new();
    for _ in 0..5 {
        room.says("old");
    }
    let one = handle();
    let replay = Start {
        told: 2,
        told_id: "id-2".into(),
        replay_to: 5,
    };
    assert!(!room.channel.attach(&one, UserId::generate(), replay));
    room.says("meanwhile");
    assert_eq!(room.pulls(&one, 2), Pulled::Behind);
    assert_eq!(room.pulls(&one, 2), Pulled::Live);
    room.says("live");
    assert_eq!(told(&one), [(3, 2), (4, 3), (5, 4), (6, 5), (7, 6)]);
}

#[test]
fn an_id_must_be_proved_even_at_the_head() {
    let mut room = Room::new();
    room.says("a");
    let one = handle();
    let resume = Start {
        told: 1,
        told_id: "another".into(),
        replay_to: 1,
    };
    assert!(!room.channel.attach(&one, UserId::generate(), resume));
    let refused = RangeResponse {
        events: Vec::new(),
        head: 1,
        is_continuous: false,
        ..RangeResponse::default()
    };
    assert_eq!(
        room.channel.pulled(one.id, (1, ""), &refused),
        Pulled::Reset
    );
    assert!(one.outbound.pop().expect("frame").contains("room.reset"));
    assert!(!room.channel.is_behind(one.id));
    room.says("b");
    assert_eq!(told(&one), [(2, 1)]);
}

#[test]
fn a_slow_reader_loses_nothing() {
    let mut room = Room::new();
    let slow = with_queue(4, 1_000_000);
    room.channel.attach(&slow, UserId::generate(), start(0));
    let mut seen = Vec::new();
    for _ in 0..3 {
        room.says("x");
    }
    seen.push(told_one(&slow));
    for _ in 0..20 {
        room.says("x");
    }
    assert!(room.channel.is_behind(slow.id) && slow.outbound.is_broken());
    for (_, place) in slow.outbound.take_dropped() {
        room.channel.rewind(slow.id, place);
    }
    slow.outbound.mend();
    while room.pulls(&slow, 100) != Pulled::Live {
        seen.extend(told(&slow));
    }
    seen.extend(told(&slow));
    room.says("live again");
    seen.extend(told(&slow));
    let expected: Vec<_> = (1..=24).map(|seq| (seq, seq - 1)).collect();
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn how_far_a_member_has_got() {
    let mut room = Room::new();
    let (slow, stranger) = (with_queue(4, 1_000_000), handle());
    room.channel.attach(&slow, UserId::generate(), start(0));
    let progress = |room: &Room, handle: &Handle, seq| room.channel.standing(handle, seq).progress;
    assert_eq!(progress(&room, &stranger, 1), Progress::NotFollowing);
    assert_eq!(progress(&room, &slow, 1), Progress::NotHeard);
    room.says("x");
    assert_eq!(progress(&room, &slow, 1), Progress::Queued);
    told_one(&slow);
    assert_eq!(progress(&room, &slow, 1), Progress::Passed);
    for _ in 0..20 {
        room.says("x");
    }
    assert_eq!(progress(&room, &slow, 1), Progress::Passed);
    assert_eq!(progress(&room, &slow, 2), Progress::Behind, "dropped");
    assert_eq!(
        progress(&room, &slow, 21),
        Progress::Behind,
        "never offered"
    );
    tokio::time::advance(std::time::Duration::from_secs(9)).await;
    assert_eq!(progress(&room, &slow, 21), Progress::Frozen);
    assert_eq!(room.channel.standing(&slow, 21).heard, 21);
}

fn told_one(handle: &Handle) -> (i64, i64) {
    let frame = handle.outbound.pop().expect("a frame");
    let frame: serde_json::Value = serde_json::from_str(frame.as_str()).expect("JSON");
    (
        frame["seq"].as_i64().expect("seq"),
        frame["prev"].as_i64().expect("prev"),
    )
}

#[test]
fn who_left_is_told_of_it_and_of_nothing_after() {
    let mut room = Room::new();
    let (leaver, stayer) = (handle(), handle());
    let user = UserId::generate();
    room.channel.attach(&leaver, user, start(0));
    room.channel.attach(&stayer, UserId::generate(), start(0));
    assert!(
        !room.channel.set_leaving(leaver.id, true),
        "the departure was not told yet"
    );
    room.membership(Kind::MemberLeft, user);
    room.delivers(1);
    assert!(matches!(leaver.next_control(), Some(Control::Left(_))));
    room.says("secret");
    room.membership(Kind::MemberJoined, user);
    room.delivers(1);
    room.says("welcome back");
    assert_eq!(told(&leaver), [(1, 0), (3, 1), (4, 3)]);
    assert_eq!(told(&stayer), [(1, 0), (2, 1), (3, 2), (4, 3)]);
}

#[test]
fn a_reset_of_the_log_reaches_everyone() {
    let mut room = Room::new();
    let one = handle();
    room.channel.attach(&one, UserId::generate(), start(0));
    room.says("a");
    room.channel.reset(0);
    room.seq = 0;
    room.says("another history");
    assert_eq!(told(&one), [(1, 0), (-1, -1), (1, 0)]);
}

#[test]
fn what_a_blocked_person_does_is_skipped_and_no_hole() {
    let (mut room, blocker, other) = (Room::new(), handle(), handle());
    let (ada, bob, eve) = (UserId::generate(), UserId::generate(), UserId::generate());
    assert!(room.channel.attach(&blocker, ada, start(0)));
    assert!(room.channel.attach(&other, bob, start(0)));
    blocker.hidden.set(eve, true);
    room.says("one");
    room.commits(Kind::MessagePosted, r#"{"body":"from eve"}"#);
    room.log[1].actor = eve.to_string();
    room.delivers(1);
    room.says("three");
    let told = |handle: &Handle| -> Vec<String> {
        std::iter::from_fn(|| handle.outbound.pop())
            .map(|frame| frame.as_str().to_owned())
            .collect()
    };
    let (hers, his) = (told(&blocker), told(&other));
    assert_eq!((hers.len(), his.len()), (2, 3));
    assert!(hers[1].contains(r#""seq":3,"prev":1"#), "{}", hers[1]);
    assert!(his[2].contains(r#""seq":3,"prev":2"#), "{}", his[2]);

    // The same on a read from the log.
    let late = handle();
    late.hidden.set(eve, true);
    let behind = Start {
        told: 0,
        told_id: String::new(),
        replay_to: 3,
    };
    assert!(!room.channel.attach(&late, ada, behind));
    assert_eq!(room.pulls(&late, 10), Pulled::Live);
    let replayed = told(&late);
    assert_eq!(replayed.len(), 2);
    assert!(!replayed.iter().any(|frame| frame.contains("from eve")));
}

#[test]
fn in_shadow_one_is_seen_by_oneself_alone() {
    let (mut room, own, other) = (Room::new(), handle(), handle());
    let (eve, bob) = (UserId::generate(), UserId::generate());
    assert!(room.channel.attach(&own, eve, start(0)));
    assert!(room.channel.attach(&other, bob, start(0)));
    let shadowed = proto::moderation::ShadowedUser {
        tenant: "default".into(),
        user_id: eve.to_string(),
    };
    room.enforced
        .replace(&proto::moderation::ListEnforcedResponse {
            ranges: Vec::new(),
            shadowed: vec![shadowed],
        });
    room.commits(Kind::MessagePosted, r#"{"body":"hello?"}"#);
    room.log[0].actor = eve.to_string();
    room.delivers(1);
    assert!(own.outbound.pop().is_some() && other.outbound.pop().is_none());
    room.channel.whisper("typing", eve, &"{}".into());
    assert!(other.outbound.is_empty(), "not even that they write");
}

#[test]
fn whispers_reach_live_members_but_their_author_and_those_who_block_them() {
    let (room, ada, bob, eve) = (Room::new(), handle(), handle(), handle());
    let ids = [UserId::generate(), UserId::generate(), UserId::generate()];
    for (handle, id) in [&ada, &bob, &eve].into_iter().zip(ids) {
        assert!(room.channel.attach(handle, id, start(0)));
    }
    ada.hidden.set(ids[2], true);
    room.channel.whisper("typing", ids[2], &"{}".into());
    assert!(ada.outbound.is_empty() && eve.outbound.is_empty());
    assert!(bob.outbound.pop().is_some());
}

#[test]
fn the_end_of_a_room_is_everyone_s_departure() {
    let (mut room, ada) = (Room::new(), handle());
    assert!(room.channel.attach(&ada, UserId::generate(), start(0)));
    assert!(!room.channel.set_leaving(ada.id, true), "not told yet");
    room.commits(Kind::RoomDeleted, r#"{"by":{"id":"x","name":"bob"}}"#);
    room.delivers(1);
    let told = ada.outbound.pop().expect("told");
    assert!(told.as_str().contains("room.deleted"), "{told}");
    assert!(matches!(ada.next_control(), Some(Control::Left(_))));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_was_told_nothing_for_too_long_is_silent_until_it_is() {
    let mut room = Room::new();
    let one = handle();
    assert!(room.channel.attach(&one, UserId::generate(), start(0)));
    room.says("in time");
    tokio::time::advance(std::time::Duration::from_secs(9)).await;
    room.says("too late");
    let typing = Utf8Bytes::from_static(r#"{"type":"typing"}"#);
    room.channel.whisper("typing", UserId::generate(), &typing);
    assert_eq!(told(&one), [(1, 0)]);
    assert_eq!(room.pulls(&one, 10), Pulled::Behind);
    assert!(
        room.channel.is_behind(one.id),
        "it catches up after the thaw"
    );
    assert_eq!(told(&one), []);
    assert!(room.enforced.lease.renew(tokio::time::Instant::now()));
    assert_eq!(room.pulls(&one, 10), Pulled::Live);
    room.says("live");
    assert_eq!(told(&one), [(2, 1), (3, 2)]);
}

/// A connection's task, which is woken.
#[derive(Default)]
struct Woken(tokio::sync::Notify);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

impl Woken {
    /// Whether it was since it looked last; from now on it can be again.
    fn looks(self: &Arc<Self>, handle: &Handle) -> bool {
        handle.register(&self.clone().into());
        let woken = std::pin::pin!(self.0.notified());
        woken.now_or_never().is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_in_a_busy_room_leaves_together() {
    let mut room = Room::new();
    let members: Vec<_> = (0..100).map(|_| handle()).collect();
    for member in &members {
        assert!(room.channel.attach(member, UserId::generate(), start(0)));
    }
    let (task, one) = (Arc::new(Woken::default()), &members[42]);
    assert!(!task.looks(one));
    room.says("the first goes at once");
    assert!(task.looks(one));
    assert_eq!(told(one), [(1, 0)]);
    let first = Instant::now();
    for _ in 0..3 {
        room.says("and these");
    }
    assert!(!task.looks(one), "not before the pause is over");
    // The clock stands still but for what is waited for.
    task.0.notified().await;
    assert_eq!(first.elapsed().as_millis(), 15);
    assert_eq!(told(one), [(2, 1), (3, 2), (4, 3)]);
    assert!(!task.looks(one));
    tokio::time::advance(std::time::Duration::from_millis(16)).await;
    room.says("it was quiet");
    assert!(task.looks(one), "at once again");
}

#[tokio::test(start_paused = true)]
async fn who_falls_behind_takes_note_at_once_and_is_not_woken_for_what_comes_then() {
    let mut room = Room::new();
    let full = with_queue(2, 1_000);
    let others: Vec<_> = (0..100).map(|_| handle()).collect();
    for member in others.iter().chain([&full]) {
        assert!(room.channel.attach(member, UserId::generate(), start(0)));
    }
    let task = Arc::new(Woken::default());
    assert!(!task.looks(&full));
    room.says("the first goes at once");
    assert!(task.looks(&full));
    room.says("this one waits");
    assert!(!task.looks(&full));
    room.says("and this one finds no room");
    assert!(task.looks(&full), "before the pause is over");
    let (other, one) = (Arc::new(Woken::default()), &others[0]);
    assert!(!other.looks(one));
    other.0.notified().await;
    assert!(!task.looks(&full), "it reads the log");
}
