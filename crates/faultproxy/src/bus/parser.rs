//! Reads what a NATS client sends. No I/O.
//!
//! Of the protocol only two things matter here: where a control line ends, and how long the payload is that follows a
//! `PUB` (`PUB <subject> [reply] <bytes>`) or `HPUB` (`HPUB <subject> [reply] <header bytes> <all bytes>`).

#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use thiserror::Error;

/// The most bytes of a control line, its end included; the server's own default.
const LINE_MAX: usize = 4 << 10;
/// The most bytes of a payload, its headers included.
const PAYLOAD_MAX: usize = 8 << 20;
/// What ends a payload.
const END: &[u8] = b"\r\n";

/// A part of the stream that is passed on or spoilt as a whole. The bytes of all frames are the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A publish with its payload.
    Message {
        /// Where it goes.
        subject: Bytes,
        /// All of it, from `PUB` to the end of the payload.
        bytes: Bytes,
    },
    /// Any other control line.
    Other(Bytes),
}

/// Why a stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Broken {
    /// No line end within 4 KiB.
    #[error("a control line of more than {LINE_MAX} bytes")]
    LineTooLong,
    /// A payload of more than 8 MiB was announced.
    #[error("a payload of more than {PAYLOAD_MAX} bytes")]
    PayloadTooLarge,
    /// The words of a publish do not fit, or its payload does not end where it said.
    #[error("a publish that is not well formed")]
    Malformed,
}

/// A client's stream, cut into frames. Holds at most one frame and what was pushed with its end.
#[derive(Debug, Default)]
pub struct Parser {
    buffer: BytesMut,
    /// How much of the buffer holds no line end.
    searched: usize,
    /// The publish at the start of the buffer whose payload has not come whole.
    publish: Option<Publish>,
    broken: Option<Broken>,
}

/// What a publish's control line says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Publish {
    /// Where the subject stands in the line.
    subject: Range<usize>,
    /// Of the line, the payload and both line ends.
    length: usize,
}

impl Parser {
    /// Adds bytes of the stream. Take all frames before the next push, or the buffer grows.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes the next frame; `None` until more is pushed.
    ///
    /// # Errors
    /// When the stream cannot be read; then for ever.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Broken> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let frame = self.read();
        self.broken = frame.as_ref().err().copied();
        frame
    }

    /// Takes what is left when no more will come.
    pub fn rest(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    fn read(&mut self) -> Result<Option<Frame>, Broken> {
        if let Some(publish) = self.publish.take() {
            return self.message(publish);
        }
        let Some(length) = self.line()? else {
            return Ok(None);
        };
        match publish(&self.buffer[..length])? {
            Some(publish) => self.message(publish),
            None => Ok(Some(Frame::Other(self.take(length)))),
        }
    }

    /// Returns the length of the line at the start of the buffer, its end included.
    fn line(&mut self) -> Result<Option<usize>, Broken> {
        let known = self.buffer.len().min(LINE_MAX);
        let ended = self.buffer[self.searched..known]
            .iter()
            .position(|byte| *byte == b'\n');
        match ended {
            Some(offset) => Ok(Some(self.searched + offset + 1)),
            None if known == LINE_MAX => Err(Broken::LineTooLong),
            None => {
                self.searched = known;
                Ok(None)
            }
        }
    }

    fn message(&mut self, publish: Publish) -> Result<Option<Frame>, Broken> {
        if self.buffer.len() < publish.length {
            self.publish = Some(publish);
            return Ok(None);
        }
        let bytes = self.take(publish.length);
        if !bytes.ends_with(END) {
            return Err(Broken::Malformed);
        }
        let subject = bytes.slice(publish.subject);
        Ok(Some(Frame::Message { subject, bytes }))
    }

    fn take(&mut self, length: usize) -> Bytes {
        self.searched = 0;
        self.buffer.split_to(length).freeze()
    }
}

/// Reads a control line; `None` if it is not a publish.
fn publish(line: &[u8]) -> Result<Option<Publish>, Broken> {
    let words = words(line);
    let word = |index: usize| {
        words
            .get(index)
            .map_or(&[][..], |range| &line[range.clone()])
    };
    let (has_headers, most) = if word(0).eq_ignore_ascii_case(b"PUB") {
        (false, 4)
    } else if word(0).eq_ignore_ascii_case(b"HPUB") {
        (true, 5)
    } else {
        return Ok(None);
    };
    // The reply subject may be left out.
    if words.len() != most && words.len() != most - 1 {
        return Err(Broken::Malformed);
    }
    let size = number(word(words.len() - 1))?;
    if has_headers && number(word(words.len() - 2))? > size {
        return Err(Broken::Malformed);
    }
    Ok(Some(Publish {
        subject: words[1].clone(),
        length: line.len() + size + END.len(),
    }))
}

/// Returns where the words of a line stand.
fn words(line: &[u8]) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (index, byte) in line.iter().enumerate() {
        match (byte.is_ascii_whitespace(), start) {
            (false, None) => start = Some(index),
            (true, Some(from)) => {
                words.push(from..index);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| from..line.len()));
    words
}

fn number(word: &[u8]) -> Result<usize, Broken> {
    let is_number = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(word).map_err(|_| Broken::Malformed)?;
    match text.parse::<usize>() {
        Ok(size) if is_number && size <= PAYLOAD_MAX => Ok(size),
        // Digits that are no number are one too large for the machine.
        _ if is_number => Err(Broken::PayloadTooLarge),
        _ => Err(Broken::Malformed),
    }
}
