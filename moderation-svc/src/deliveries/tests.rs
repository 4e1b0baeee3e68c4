//! Every rule, and what outweighs what.

use proto::id::{ConnectionId, SessionId};

use super::*;

fn message() -> ExplainMessageResponse {
    ExplainMessageResponse {
        seq: 7,
        joined_seq: 2,
        is_member: true,
        delivered_seq: 6,
        read_seq: 6,
        author_id: UserId::generate().to_string(),
        ..ExplainMessageResponse::default()
    }
}

fn socket(progress: Progress) -> Socket {
    Socket {
        connection: Connection {
            connection_id: ConnectionId::generate(),
            user_id: UserId::generate(),
            user_name: "ada".into(),
            gateway: "g1".into(),
            address: "203.0.113.7".into(),
            session_id: SessionId::generate(),
            since_ms: 1,
            last_seen_ms: 2,
        },
        said: ExplainResponse {
            progress: progress.into(),
            ..ExplainResponse::default()
        },
    }
}

#[test]
fn each_rule_is_named() {
    let user = UserId::generate();
    let all = [
        (None, message()),
        (
            Some(Rule::Banned),
            ExplainMessageResponse {
                is_banned: true,
                is_member: false,
                ..message()
            },
        ),
        (
            Some(Rule::NotAMember),
            ExplainMessageResponse {
                is_member: false,
                ..message()
            },
        ),
        (
            Some(Rule::JoinedLater),
            ExplainMessageResponse {
                joined_seq: 8,
                ..message()
            },
        ),
        (
            Some(Rule::AuthorShadowed),
            ExplainMessageResponse {
                is_author_shadowed: true,
                ..message()
            },
        ),
        (
            Some(Rule::AuthorBlocked),
            ExplainMessageResponse {
                is_author_blocked: true,
                ..message()
            },
        ),
        (
            Some(Rule::HiddenByUser),
            ExplainMessageResponse {
                is_hidden: true,
                ..message()
            },
        ),
    ];
    for (expected, message) in all {
        assert_eq!(rule(&message, user), expected);
    }
    let own = ExplainMessageResponse {
        is_author_shadowed: true,
        author_id: user.to_string(),
        ..message()
    };
    assert_eq!(rule(&own, user), None);
}

#[test]
fn what_has_got_furthest_is_the_end_of_it() {
    let end = |message: &ExplainMessageResponse, sockets: &[Progress]| {
        let sockets: Vec<_> = sockets.iter().copied().map(socket).collect();
        outcome(message, None, &sockets)
    };
    let ways = [
        (vec![], Outcome::Offline),
        (vec![Progress::Gone], Outcome::Offline),
        (vec![Progress::Gone, Progress::Unanswered], Outcome::Unknown),
        (vec![Progress::NotFollowing], Outcome::Unknown),
        (
            vec![Progress::Unanswered, Progress::Queued],
            Outcome::Waiting,
        ),
        (vec![Progress::Behind], Outcome::Waiting),
        (vec![Progress::NotHeard], Outcome::Waiting),
        (vec![Progress::Frozen], Outcome::Waiting),
        (vec![Progress::Behind, Progress::Passed], Outcome::Written),
    ];
    for (sockets, expected) in ways {
        assert_eq!(end(&message(), &sockets), expected, "{sockets:?}");
    }
    let got = ExplainMessageResponse {
        delivered_seq: 7,
        ..message()
    };
    assert_eq!(end(&got, &[]), Outcome::Delivered);
    let read = ExplainMessageResponse { read_seq: 7, ..got };
    assert_eq!(end(&read, &[Progress::Behind]), Outcome::Read);
    let is_kept = outcome(
        &read,
        Some(Rule::AuthorBlocked),
        &[socket(Progress::Passed)],
    );
    assert_eq!(is_kept, Outcome::Withheld(Rule::AuthorBlocked));
}
