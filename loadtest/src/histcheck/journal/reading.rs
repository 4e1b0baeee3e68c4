//! Reading a history that anybody may have written: whatever it claims, it takes no more memory than a few times its own
//! size.

use std::io::{self, BufRead};

use super::{Line, VERSION};
use crate::histcheck::{History, Observer};

/// Most rooms of a history. A room without messages has no line of its own, so what the first line says is believed up to
/// here: 10,000 empty rooms take less than a megabyte.
pub const ROOMS_MAX: u32 = 10_000;

/// Why something is not a history.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line could not be read.
    #[error("line {line} cannot be read")]
    Unreadable {
        /// Its number, counted from 1.
        line: u64,
        /// What stood in the way.
        source: io::Error,
    },
    /// A line is not what it has to be.
    #[error("line {line} is not part of a history")]
    Line {
        /// Its number, counted from 1.
        line: u64,
        /// What is wrong with it.
        source: Problem,
    },
    /// The end is missing.
    #[error("the history was cut off: it has no last line")]
    CutOff,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not one of the lines there are.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The header stands elsewhere, or something else in its place.
    #[error("the header is the first line and no other")]
    Header,
    /// The history is of another version.
    #[error("version {0} is not {VERSION}")]
    Version(u32),
    /// More rooms are announced than [`ROOMS_MAX`].
    #[error("{0} rooms are too many, {ROOMS_MAX} are allowed")]
    Rooms(u32),
    /// A device stands before one that has a lower number, or is not among those that the header announces.
    #[error("device {device} stands in the place of device {next}, of {announced}")]
    DeviceOrder {
        /// The device that stands there.
        device: u32,
        /// The one that has to follow.
        next: u32,
        /// How many the header announces.
        announced: u32,
    },
    /// Something is said of a device that is not there, or not yet.
    #[error("there is no device {0}")]
    Device(u32),
    /// Something is said of a room that is not there.
    #[error("there is no room {0}")]
    Room(u32),
    /// The last line came before the last device.
    #[error("{came} devices came, {announced} were announced")]
    DevicesMissing {
        /// How many there are.
        came: usize,
        /// How many the header announces.
        announced: u32,
    },
    /// The last line counts other lines than there are.
    #[error("{came} lines came before it, not {counted}")]
    Lines {
        /// How many there are.
        came: u64,
        /// How many it says.
        counted: u64,
    },
    /// Lines after the last one.
    #[error("something follows the last line")]
    AfterEnd,
}

/// Reads a history.
///
/// # Errors
/// When `input` cannot be read, or a line is not what it has to be; the error names the line.
pub fn read(input: impl BufRead) -> Result<History, Error> {
    let mut reader = Reader::default();
    for (text, line) in input.lines().zip(1_u64..) {
        let text = text.map_err(|source| Error::Unreadable { line, source })?;
        let taken = reader.take(&text);
        taken.map_err(|source| Error::Line { line, source })?;
    }
    if !reader.is_ended {
        return Err(Error::CutOff);
    }
    Ok(reader.history)
}

#[derive(Default)]
struct Reader {
    history: History,
    /// Devices that the header announces. Memory is taken only for those that have come.
    devices: u32,
    lines: u64,
    is_ended: bool,
}

impl Reader {
    fn take(&mut self, text: &str) -> Result<(), Problem> {
        if self.is_ended {
            return Err(Problem::AfterEnd);
        }
        let line: Line = serde_json::from_str(text)?;
        let is_header = matches!(line, Line::Header { .. });
        if is_header != (self.lines == 0) {
            return Err(Problem::Header);
        }
        self.add(line)?;
        self.lines += 1;
        Ok(())
    }

    fn add(&mut self, line: Line) -> Result<(), Problem> {
        let history = &mut self.history;
        match line {
            Line::Header {
                version,
                devices,
                rooms,
                settings,
            } => {
                check_header(version, rooms)?;
                history.finals.resize_with(rooms as usize, Vec::new);
                history.settings = settings;
                self.devices = devices;
            }
            Line::Device {
                device,
                user,
                starts,
            } => {
                self.check_order(device)?;
                self.history.observers.push(Observer {
                    user,
                    starts,
                    ..Observer::default()
                });
            }
            Line::Send(send) => {
                self.observer(send.bot)?;
                self.history.sends.push(send);
            }
            Line::Delivery { device, delivery } => {
                self.observer(device)?.deliveries.push(delivery);
            }
            Line::Turn { device, turn } => self.observer(device)?.turns.push(turn),
            Line::Denial(denial) => history.denials.push(denial),
            Line::Look(look) => history.looks.push(look),
            Line::Block(block) => history.blocks.push(block),
            Line::Fault(fault) => history.faults.push(fault),
            Line::Restore(restore) => history.restore = Some(restore),
            Line::Final { room, entry } => {
                let entries = history.finals.get_mut(room as usize);
                entries.ok_or(Problem::Room(room))?.push(entry);
            }
            Line::Head(head) => history.heads.push(head),
            Line::End { lines } => self.end(lines)?,
        }
        Ok(())
    }

    fn check_order(&self, device: u32) -> Result<(), Problem> {
        let (came, announced) = (self.history.observers.len(), self.devices);
        if came == device as usize && device < announced {
            return Ok(());
        }
        Err(Problem::DeviceOrder {
            device,
            // Never more than were announced.
            next: came as u32,
            announced,
        })
    }

    fn observer(&mut self, device: u32) -> Result<&mut Observer, Problem> {
        let observer = self.history.observers.get_mut(device as usize);
        observer.ok_or(Problem::Device(device))
    }

    fn end(&mut self, counted: u64) -> Result<(), Problem> {
        let (came, announced) = (self.history.observers.len(), self.devices);
        if came != announced as usize {
            return Err(Problem::DevicesMissing { came, announced });
        }
        let came = self.lines;
        if came != counted {
            return Err(Problem::Lines { came, counted });
        }
        self.is_ended = true;
        Ok(())
    }
}

fn check_header(version: u32, rooms: u32) -> Result<(), Problem> {
    if version != VERSION {
        return Err(Problem::Version(version));
    }
    if rooms > ROOMS_MAX {
        return Err(Problem::Rooms(rooms));
    }
    Ok(())
}
