//! What a NATS client sends, as the fault proxy cuts it into messages.

use faultproxy::parser::{Broken, Frame, Parser};

pub(crate) fn check(bytes: &[u8]) {
    let (frames, end) = cut(bytes, bytes.len().max(1));
    // Where the network cuts the stream must not change what is in it.
    for size in [1, 3, 64] {
        let (pieces, end_of_pieces) = cut(bytes, size);
        assert_eq!(pieces, frames, "in pieces of {size}");
        assert_eq!(end_of_pieces, end, "in pieces of {size}");
    }
    let mut rest = bytes;
    for frame in &frames {
        let (Frame::Message { bytes, .. } | Frame::Other(bytes)) = frame;
        if let Frame::Message { subject, .. } = frame {
            let is_in_it = bytes.windows(subject.len().max(1)).any(|it| it == subject);
            assert!(!subject.is_empty() && is_in_it, "{frame:?}");
            assert!(bytes.ends_with(b"\r\n"), "{frame:?}");
        }
        assert!(rest.starts_with(bytes), "{frame:?} is not what was sent");
        rest = &rest[bytes.len()..];
    }
    if let Ok(left) = end {
        assert_eq!(left, rest, "nothing is lost");
    }
}

/// Reads a stream in pieces of a size; returns its frames, and what is left over or why it cannot be read.
fn cut(bytes: &[u8], size: usize) -> (Vec<Frame>, Result<Vec<u8>, Broken>) {
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for piece in bytes.chunks(size) {
        parser.push(piece);
        loop {
            match parser.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(broken) => return (frames, Err(broken)),
            }
        }
    }
    (frames, Ok(parser.rest().to_vec()))
}
