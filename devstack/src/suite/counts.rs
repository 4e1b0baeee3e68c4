//! Counts of tests, read from what the runners print.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    /// Reads the counts of one line, zero for a line that is not a summary.
    ///
    /// Knows `cargo nextest` (`Summary [ 1s] 4 tests run: 3 passed (1 slow), 1 failed`), `cargo test`
    /// (`test result: ok. 5 passed; 0 failed;`) and `node --test` (`ℹ pass 3`, `# fail 1`).
    #[must_use]
    pub fn of_line(line: &str) -> Self {
        let line = plain(line);
        let line = line.trim();
        if line.starts_with("Summary [") || line.starts_with("test result:") {
            let failed =
                before(line, "failed") + before(line, "timed out") + before(line, "exec failed");
            return Self {
                passed: before(line, "passed"),
                failed,
            };
        }
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ℹ" | "#", "pass", count] => Self {
                passed: count.parse().unwrap_or(0),
                failed: 0,
            },
            ["ℹ" | "#", "fail" | "cancelled", count] => Self {
                passed: 0,
                failed: count.parse().unwrap_or(0),
            },
            _ => Self::default(),
        }
    }
}

/// Returns the number that stands before `word`.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line
        .split(|character: char| !character.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .collect();
    let wanted: Vec<&str> = word.split(' ').collect();
    let found = words
        .windows(wanted.len() + 1)
        .find(|window| window[1..] == wanted[..] && window[0].parse::<u64>().is_ok());
    found.and_then(|window| window[0].parse().ok()).unwrap_or(0)
}

/// Removes colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn every_runner_is_understood() {
        let cases = [
            (
                "     Summary [   0.256s] 4 tests run: 4 passed, 0 skipped",
                4,
                0,
            ),
            (
                "     Summary [  10.256s] 7 tests run: 4 passed (2 slow), 2 failed, 1 timed out, 3 skipped",
                4,
                3,
            ),
            (
                "\x1b[32m     Summary\x1b[0m [   1.2s] 2 tests run: \x1b[1m1\x1b[0m passed, 1 failed, 0 skipped",
                1,
                1,
            ),
            (
                "test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out",
                5,
                1,
            ),
            ("ℹ pass 3", 3, 0),
            ("# fail 2", 0, 2),
            ("3 passed by and 4 failed to notice", 0, 0),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(Counts::of_line(line), Counts { passed, failed }, "{line}");
        }
    }
}
