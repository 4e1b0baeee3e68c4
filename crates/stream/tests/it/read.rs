//! Reading: ranges, heads and pages.

use proto::{
    event::Kind,
    id::UserId,
    stream::{
        HeadsRequest, RangeRequest, StreamRef, stream_service_client::StreamServiceClient,
        stream_service_server::StreamServiceServer,
    },
};
use stream::{Anchor, Append, Log};
use tonic::Code;

use crate::{World, message, new_stream, tenant};

fn seqs(events: &[proto::stream::Event]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

/// A stream of `count` events: the odd ones are messages, the even ones somebody joining.
async fn filled(world: &World, count: usize) -> proto::id::StreamId {
    let (room, ada) = (new_stream(), UserId::generate());
    let appends: Vec<Append> = (1..=count)
        .map(|i| {
            let mut append = message(room, ada, &i.to_string(), &i.to_string());
            if i % 2 == 0 {
                append.kind = Kind::MemberJoined;
            }
            append
        })
        .collect();
    world.append_silently(&appends).await;
    room
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_what_follows_or_says_that_nothing_can() {
    let world = World::new().await;
    let (room, log) = (filled(&world, 10).await, &world.log);
    let all = world.events(room).await;
    assert_eq!(
        all[2].data,
        r#"{"body":"3"}"#.as_bytes(),
        "stored as it was written"
    );

    let range = log
        .range(&tenant(), room, 4, &all[3].event_id, 3)
        .await
        .expect("read");
    assert_eq!(
        (seqs(&range.events), range.head, range.is_continuous),
        (vec![5, 6, 7], 10, true)
    );
    let range = log
        .range(&tenant(), room, 10, &all[9].event_id, 3)
        .await
        .expect("read");
    assert_eq!(
        (range.events.len(), range.head, range.is_continuous),
        (0, 10, true)
    );

    for (after, after_id) in [
        (11, ""),
        (4, all[4].event_id.as_str()),
        (11, all[4].event_id.as_str()),
    ] {
        let range = log
            .range(&tenant(), room, after, after_id, 3)
            .await
            .expect("read");
        assert_eq!(
            (range.events.len(), range.head, range.is_continuous),
            (0, 10, false),
            "{after} {after_id}"
        );
    }
    let empty = log
        .range(&tenant(), new_stream(), 0, "", 3)
        .await
        .expect("read");
    assert_eq!((empty.head, empty.is_continuous), (0, true));
    let gone = log
        .range(&tenant(), new_stream(), 1, "", 3)
        .await
        .expect("read");
    assert_eq!((gone.head, gone.is_continuous), (0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_beginning_was_cut_off_says_so() {
    let world = World::new().await;
    let (room, log) = (filled(&world, 10).await, &world.log);
    sqlx::raw_sql("delete from stream.event where seq <= 6")
        .execute(&world.pool)
        .await
        .expect("cut");
    let cut = log.range(&tenant(), room, 4, "", 3).await.expect("read");
    assert_eq!((cut.events.len(), cut.is_continuous), (0, false));
    assert!(
        log.range(&tenant(), room, 6, "", 3)
            .await
            .expect("read")
            .is_continuous
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn large_events_end_an_answer_early() {
    let world = World::new().await;
    let (room, ada, body) = (new_stream(), UserId::generate(), "x".repeat(16_000));
    let appends: Vec<_> = (0..100)
        .map(|i| message(room, ada, &i.to_string(), &body))
        .collect();
    world.append_silently(&appends).await;
    let range = world
        .log
        .range(&tenant(), room, 0, "", 500)
        .await
        .expect("read");
    assert_eq!((range.head, range.is_continuous), (100, true));
    assert!(
        (20..40).contains(&range.events.len()),
        "{}",
        range.events.len()
    );
    let page = world
        .log
        .page(&tenant(), room, Kind::MessagePosted, Anchor::Newest, 100)
        .await
        .expect("read");
    assert!(page.has_more);
    assert_eq!(
        page.events.last().map(|event| event.seq),
        Some(100),
        "the newest are kept"
    );
    assert_eq!(world.events(room).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_in_the_order_asked() {
    let world = World::new().await;
    let (full, empty) = (filled(&world, 3).await, new_stream());
    let reference = |id: String| StreamRef {
        tenant: tenant().to_string(),
        stream_id: id,
    };
    let asked = [
        reference(empty.to_string()),
        reference(full.to_string()),
        reference("nonsense".into()),
    ];
    let heads = world.log.heads(&asked).await.expect("read");
    assert_eq!(
        heads.iter().map(|head| head.seq).collect::<Vec<_>>(),
        [0, 3, 0]
    );
    assert_eq!(heads[1].event_id, world.events(full).await[2].event_id);
    assert_eq!(
        (heads[0].event_id.as_str(), heads[2].stream_id.as_str()),
        ("", "nonsense")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_one_kind_oldest_first() {
    let world = World::new().await;
    let room = filled(&world, 20).await;
    let cases = [
        (Anchor::Newest, 3, vec![15, 17, 19], true),
        (Anchor::Newest, 10, (1..20).step_by(2).collect(), false),
        (Anchor::Before(7), 2, vec![3, 5], true),
        (Anchor::Before(7), 3, vec![1, 3, 5], false),
        (Anchor::Before(1), 3, vec![], false),
        (Anchor::After(7), 3, vec![9, 11, 13], true),
        (Anchor::After(16), 3, vec![17, 19], false),
        (Anchor::Around(9), 4, vec![7, 9, 11, 13], true),
        (Anchor::Around(10), 20, (1..20).step_by(2).collect(), false),
    ];
    for (anchor, limit, expected, has_more) in cases {
        let page = world
            .log
            .page(&tenant(), room, Kind::MessagePosted, anchor, limit)
            .await
            .expect("read");
        assert_eq!(
            (seqs(&page.events), page.has_more),
            (expected, has_more),
            "{anchor:?} {limit}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_checks_its_bounds() {
    let world = World::new().await;
    let room = filled(&world, 3).await;
    let mut client =
        StreamServiceClient::new(StreamServiceServer::new(Log::new(world.pool.clone())));
    let stream = Some(StreamRef {
        tenant: tenant().to_string(),
        stream_id: room.to_string(),
    });
    let good = RangeRequest {
        stream,
        after: 1,
        after_id: String::new(),
        limit: 500,
    };
    let answer = client
        .range(good.clone())
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(seqs(&answer.events), [2, 3]);
    let bad = [
        RangeRequest {
            stream: None,
            ..good.clone()
        },
        RangeRequest {
            limit: 0,
            ..good.clone()
        },
        RangeRequest {
            limit: 501,
            ..good.clone()
        },
        RangeRequest { after: -1, ..good },
    ];
    for request in bad {
        assert_eq!(
            client.range(request).await.expect_err("refused").code(),
            Code::InvalidArgument
        );
    }
    let streams = vec![StreamRef::default(); 2_001];
    let refused = client
        .heads(HeadsRequest { streams })
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_said_of_a_log_names_the_run_of_the_database_server() {
    let world = World::new().await;
    let (room, ada) = (new_stream(), UserId::generate());
    let appends = [message(room, ada, "1", "1")];
    let appended = world.append_silently(&appends).await;
    let told = stream::events_of(&appends, &appended);
    let era = told[0].era;
    assert!(era > 0);
    let range = world.log.range(&tenant(), room, 0, "", 1).await;
    assert_eq!(range.expect("read").era, era);
    let reference = StreamRef {
        tenant: tenant().to_string(),
        stream_id: room.to_string(),
    };
    let heads = world.log.heads(&[reference]).await.expect("read");
    assert_eq!(heads[0].era, era);
}
