//! What the person at the terminal sees: plain lines, and one line of progress per slow step.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Steps shorter than this are not worth a line.
const WORTH_A_LINE: Duration = Duration::from_millis(1_500);
const REPORT_TERMINAL: Duration = Duration::from_secs(1);
const REPORT_LOG: Duration = Duration::from_secs(30);

/// Prints one line on standard output; a closed pipe is not an error worth dying for.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints one line on standard error.
pub fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs `work` and shows `what` with the elapsed time if it is slow.
pub async fn during<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let is_terminal = std::io::stderr().is_terminal();
    let mut tick = tokio::time::interval(if is_terminal {
        REPORT_TERMINAL
    } else {
        REPORT_LOG
    });
    tick.tick().await;
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = tick.tick() => progress(what, started.elapsed(), is_terminal),
        }
    };
    if started.elapsed() >= WORTH_A_LINE {
        let clear = if is_terminal { "\r\x1b[2K" } else { "" };
        let _ = writeln!(
            std::io::stderr(),
            "{clear}  {what}  {}",
            seconds(started.elapsed())
        );
    }
    result
}

/// Formats a duration for a person.
#[must_use]
pub fn seconds(duration: Duration) -> String {
    if duration.as_secs() >= 60 {
        format!(
            "{} min {} s",
            duration.as_secs() / 60,
            duration.as_secs() % 60
        )
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

fn progress(what: &str, elapsed: Duration, is_terminal: bool) {
    let mut screen = std::io::stderr();
    let elapsed = elapsed.as_secs();
    let _ = if is_terminal {
        write!(screen, "\r\x1b[2K  {what} … {elapsed} s").and_then(|()| screen.flush())
    } else {
        writeln!(screen, "  {what} … {elapsed} s")
    };
}
