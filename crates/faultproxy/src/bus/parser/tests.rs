//! Streams cut at every place must give the same frames.

use proptest::prelude::*;

use super::*;

/// Reads a stream pushed in pieces: its frames, and how it ended.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Frame>, Result<(), Broken>) {
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for piece in pieces {
        parser.push(piece);
        loop {
            match parser.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(broken) => return (frames, Err(broken)),
            }
        }
    }
    (frames, Ok(()))
}

fn other(bytes: &str) -> Frame {
    Frame::Other(Bytes::copy_from_slice(bytes.as_bytes()))
}

fn message(subject: &str, bytes: &str) -> Frame {
    Frame::Message {
        subject: Bytes::copy_from_slice(subject.as_bytes()),
        bytes: Bytes::copy_from_slice(bytes.as_bytes()),
    }
}

#[test]
fn a_session_is_cut_into_frames_whatever_the_reads() {
    let parts = [
        other("CONNECT {\"verbose\":false,\"note\":\"PUB a 3\"}\r\n"),
        other("PING\r\n"),
        other("SUB _INBOX.x.* 1\r\n"),
        message("evt.7", "PUB evt.7 5\r\nhello\r\n"),
        message("evt.7", "PUB evt.7 0\r\n\r\n"),
        message("a.b", "pub a.b _INBOX.x.1 14\r\nPUB x 1\r\nab\r\n\n\r\n"),
        message(
            "evt.8",
            "HPUB evt.8 18 23\r\nNATS/1.0\r\nA: b\r\n\r\nhello\r\n",
        ),
        message(
            "evt.8",
            "HPUB\tevt.8  _INBOX.y 12 12 \r\nNATS/1.0\r\n\r\n\r\n",
        ),
        other("PONG\n"),
        message("c", "PUB c 1\nx\r\n"),
        other("UNSUB 1\r\n"),
    ];
    let stream: Vec<u8> = parts
        .iter()
        .flat_map(|frame| match frame {
            Frame::Other(bytes) | Frame::Message { bytes, .. } => bytes.to_vec(),
        })
        .collect();
    for cut in 0..=stream.len() {
        let (left, right) = stream.split_at(cut);
        let (frames, ended) = read([left, right]);
        assert_eq!((&frames[..], ended), (&parts[..], Ok(())), "cut at {cut}");
    }
    let (frames, ended) = read(stream.chunks(1));
    assert_eq!((&frames[..], ended), (&parts[..], Ok(())));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for line in [
        "PUB a\r\n",
        "PUB\r\n",
        "PUB a b c 1\r\n",
        "PUB a -1\r\n",
        "PUB a +1\r\n",
        "PUB a 1x\r\n",
        "PUB a b\r\n",
        "HPUB a 5\r\n",
        "HPUB a 6 5\r\n",
        "HPUB a x 5\r\n",
        "HPUB a r s 5 5\r\n",
        "PUB a 3\r\nabcd\r\n",
        "PUB a 3\r\nabcd\r",
    ] {
        let (frames, ended) = read([b"PING\r\n".as_slice(), line.as_bytes()]);
        assert_eq!(
            (frames, ended),
            (vec![other("PING\r\n")], Err(Broken::Malformed)),
            "{line}"
        );
    }
}

#[test]
fn a_broken_stream_stays_broken() {
    let mut parser = Parser::default();
    parser.push(b"PUB a x\r\n");
    assert_eq!(parser.next_frame(), Err(Broken::Malformed));
    parser.push(b"PING\r\n");
    assert_eq!(parser.next_frame(), Err(Broken::Malformed));
}

#[test]
fn control_lines_are_bounded() {
    let line = |length: usize| [vec![b'x'; length - 2], b"\r\n".to_vec()].concat();
    for size in [1, 7, LINE_MAX, 2 * LINE_MAX] {
        let longest = line(LINE_MAX);
        let (frames, ended) = read(longest.chunks(size));
        assert_eq!((frames.len(), ended), (1, Ok(())));
        let longer = line(LINE_MAX + 1);
        let (frames, ended) = read(longer.chunks(size));
        assert_eq!((frames.len(), ended), (0, Err(Broken::LineTooLong)));
    }
}

#[test]
fn payloads_are_bounded() {
    let too_large = [
        format!("PUB a {}\r\n", PAYLOAD_MAX + 1),
        "PUB a 99999999999999999999999999\r\n".to_owned(),
        format!("HPUB a 12 {}\r\n", PAYLOAD_MAX + 1),
    ];
    for line in too_large {
        let (_, ended) = read([line.as_bytes()]);
        assert_eq!(ended, Err(Broken::PayloadTooLarge), "{line}");
    }
    let mut largest = format!("PUB a {PAYLOAD_MAX}\r\n").into_bytes();
    largest.resize(largest.len() + PAYLOAD_MAX, b'x');
    largest.extend_from_slice(END);
    let (frames, ended) = read(largest.chunks(64 << 10));
    assert_eq!((frames.len(), ended), (1, Ok(())));
}

#[test]
fn the_rest_of_a_stream_that_ended_within_a_message_is_kept() {
    let mut parser = Parser::default();
    parser.push(b"PING\r\nPUB a 5\r\nhel");
    assert_eq!(parser.next_frame(), Ok(Some(other("PING\r\n"))));
    assert_eq!(parser.next_frame(), Ok(None));
    assert_eq!(&parser.rest()[..], b"PUB a 5\r\nhel");
}

fn control_line() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec!["CONNECT", "SUB", "UNSUB", "PING", "PONG", "+OK"]);
    (word, "[ -~]{0,40}").prop_map(|(word, rest)| format!("{word} {rest}\r\n").into_bytes())
}

fn published() -> impl Strategy<Value = (String, Vec<u8>)> {
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    let headers = prop::option::of(0..50_usize);
    let reply = prop::option::of("_INBOX\\.[a-z]{1,8}");
    ("[a-z.]{1,20}", reply, headers, payload).prop_map(|(subject, reply, headers, payload)| {
        let reply = reply.map(|reply| format!("{reply} ")).unwrap_or_default();
        let size = payload.len();
        let line = match headers {
            None => format!("PUB {subject} {reply}{size}\r\n"),
            Some(headers) => format!("HPUB {subject} {reply}{} {size}\r\n", headers.min(size)),
        };
        (subject, [line.as_bytes(), &payload, END].concat())
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        control_line().prop_map(|bytes| Frame::Other(bytes.into())),
        published().prop_map(|(subject, bytes)| Frame::Message {
            subject: subject.into_bytes().into(),
            bytes: bytes.into(),
        }),
    ]
}

proptest! {
    #[test]
    fn any_session_in_any_pieces_gives_its_frames(
        frames in prop::collection::vec(frame(), 0..12),
        sizes in prop::collection::vec(1..300_usize, 1..20),
    ) {
        let mut stream = Vec::new();
        for frame in &frames {
            let (Frame::Other(bytes) | Frame::Message { bytes, .. }) = frame;
            stream.extend_from_slice(bytes);
        }
        let mut pieces = Vec::new();
        let mut left = &stream[..];
        for size in sizes.iter().cycle() {
            if left.is_empty() {
                break;
            }
            let (piece, rest) = left.split_at(left.len().min(*size));
            pieces.push(piece);
            left = rest;
        }
        prop_assert_eq!(read(pieces), (frames, Ok(())));
    }

    #[test]
    fn noise_never_panics_and_its_end_does_not_depend_on_the_reads(
        noise in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"PUBH 0123\r\n".to_vec())], 0..300),
        size in 1..50_usize,
    ) {
        prop_assert_eq!(read(noise.chunks(size)), read([&noise[..]]));
    }
}
