//! A history as a file, so that a run can be judged again: JSON, one line per observation.
//!
//! The first line says which version this is, the last one how many lines there are, so that a file that was cut off is
//! noticed. Devices stand in their order, and so do the lines of one device, of one room and of all sends.

mod reading;

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    Block, Bounds, Delivery, Denial, Entry, History, Look, Observer, Restore, Send, Start, Turn,
    Verdict, Window,
};

pub use reading::{Error, Problem, ROOMS_MAX, read};

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
enum Line {
    Header {
        version: u32,
        devices: u32,
        rooms: u32,
        settings: Bounds,
    },
    Device {
        device: u32,
        user: u32,
        starts: Vec<Start>,
    },
    Send(Send),
    Delivery {
        device: u32,
        delivery: Delivery,
    },
    Turn {
        device: u32,
        turn: Turn,
    },
    Denial(Denial),
    Look(Look),
    Block(Block),
    Fault(Window),
    Restore(Restore),
    Final {
        room: u32,
        entry: Entry,
    },
    /// Rooms in their order.
    Head(u32),
    End {
        /// Lines before this one.
        lines: u64,
    },
}

/// Writes a history.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(history: &History, out: impl Write) -> Result<()> {
    let mut writer = Writer { out, lines: 0 };
    writer.line(&Line::Header {
        version: VERSION,
        devices: u32::try_from(history.observers.len())?,
        rooms: u32::try_from(history.finals.len())?,
        settings: history.settings,
    })?;
    for (observer, device) in history.observers.iter().zip(0..) {
        writer.device(observer, device)?;
    }
    for &send in &history.sends {
        writer.line(&Line::Send(send))?;
    }
    for &denial in &history.denials {
        writer.line(&Line::Denial(denial))?;
    }
    for &look in &history.looks {
        writer.line(&Line::Look(look))?;
    }
    for &block in &history.blocks {
        writer.line(&Line::Block(block))?;
    }
    for &fault in &history.faults {
        writer.line(&Line::Fault(fault))?;
    }
    if let Some(restore) = history.restore {
        writer.line(&Line::Restore(restore))?;
    }
    for (entries, room) in history.finals.iter().zip(0..) {
        for &entry in entries {
            writer.line(&Line::Final { room, entry })?;
        }
    }
    for &head in &history.heads {
        writer.line(&Line::Head(head))?;
    }
    let lines = writer.lines;
    writer.line(&Line::End { lines })?;
    writer.out.flush()?;
    Ok(())
}

/// Writes a history to a file, in the place of what was there.
///
/// # Errors
/// When the file cannot be written to.
pub fn write_file(path: &Path, history: &History) -> Result<()> {
    let name = || path.display().to_string();
    let file = File::create(path).with_context(name)?;
    write(history, BufWriter::new(file)).with_context(name)
}

struct Writer<W> {
    out: W,
    lines: u64,
}

impl<W: Write> Writer<W> {
    fn device(&mut self, observer: &Observer, device: u32) -> Result<()> {
        self.line(&Line::Device {
            device,
            user: observer.user,
            starts: observer.starts.clone(),
        })?;
        for turn in &observer.turns {
            let turn = turn.clone();
            self.line(&Line::Turn { device, turn })?;
        }
        for &delivery in &observer.deliveries {
            self.line(&Line::Delivery { device, delivery })?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")?;
        self.lines += 1;
        Ok(())
    }
}

/// Reads a history from a file and checks it.
///
/// # Errors
/// When the file cannot be read as a history; a broken promise is not an error but in the verdict.
pub fn check_file(path: &Path) -> Result<Verdict> {
    let name = || path.display().to_string();
    let file = File::open(path).with_context(name)?;
    let history = read(BufReader::new(file)).with_context(name)?;
    Ok(super::check(&history))
}
