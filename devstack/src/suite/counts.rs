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

/// Who prints. Each is asked for its own summary only: nextest shows the whole output of a failed test, and that
/// has a summary too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// `Summary [ 1s] 4 tests run: 3 passed (1 slow), 1 failed`, once.
    Nextest,
    /// `test result: ok. 5 passed; 0 failed;`, per test binary.
    Cargo,
    /// `ℹ pass 3` and `ℹ fail 1`, once.
    Node,
    /// `Tests  1 failed | 11 passed (12)`, per package.
    Vitest,
    /// `2 failed, 450 passed, 1 skipped in 71.30s`, once.
    Pytest,
}

impl Counts {
    /// Reads the counts of one line, zero for a line that is not a summary.
    #[must_use]
    pub fn of_line(runner: Runner, line: &str) -> Self {
        let line = plain(line);
        let line = line.trim();
        match runner {
            Runner::Nextest if line.starts_with("Summary [") => {
                let failed = ["failed", "exec failed", "timed out"];
                Self {
                    passed: before(line, "passed"),
                    failed: failed.into_iter().map(|word| before(line, word)).sum(),
                }
            }
            Runner::Cargo if line.starts_with("test result:") => Self {
                passed: before(line, "passed"),
                failed: before(line, "failed"),
            },
            Runner::Node => Self::of_node(line),
            Runner::Vitest if line.starts_with("Tests ") => Self {
                passed: before(line, "passed"),
                failed: before(line, "failed"),
            },
            Runner::Pytest => Self::of_pytest(line),
            _ => Self::default(),
        }
    }

    fn of_pytest(line: &str) -> Self {
        let summary = line.trim_matches(['=', ' ']).split_once(" in ");
        let is_number = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let Some((counts, _)) =
            summary.filter(|(counts, took)| is_number(counts) && is_number(took))
        else {
            return Self::default();
        };
        let failed = ["failed", "error", "errors"];
        Self {
            passed: before(counts, "passed"),
            failed: failed.into_iter().map(|word| before(counts, word)).sum(),
        }
    }

    fn of_node(line: &str) -> Self {
        let (passed, failed, count) = match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ℹ" | "#", "pass", count] => (1, 0, count.parse().unwrap_or(0)),
            ["ℹ" | "#", "fail" | "cancelled", count] => (0, 1, count.parse().unwrap_or(0)),
            _ => (0, 0, 0),
        };
        Self {
            passed: passed * count,
            failed: failed * count,
        }
    }
}

impl Runner {
    /// Whether a line names what failed.
    #[must_use]
    pub fn is_failure(self, line: &str) -> bool {
        let line = plain(line);
        let words = line.trim();
        let begins = |with: &[&str]| with.iter().any(|with| words.starts_with(with));
        match self {
            Self::Nextest => {
                begins(&["FAIL [", "TIMEOUT [", "SIGABRT [", "SIGSEGV [", "SIGKILL ["])
            }
            Self::Cargo => begins(&["test "]) && words.ends_with("FAILED"),
            Self::Node => begins(&["✖ "]),
            Self::Vitest => begins(&["FAIL "]),
            Self::Pytest => begins(&["FAILED ", "ERROR "]),
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
    use super::Runner::{Cargo, Nextest, Node, Pytest, Vitest};
    use super::{Counts, plain};

    #[test]
    fn every_runner_is_understood() {
        let plain_run = "     Summary [   0.256s] 4 tests run: 4 passed, 0 skipped";
        let mixed_run = "     Summary [  10.2s] 7 tests run: 4 passed (2 slow), 2 failed, 1 timed out, 3 skipped";
        let lucky_run = "     Summary [   9.1s] 7 tests run: 7 passed (1 slow, 1 flaky), 0 skipped";
        let one_binary = "test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured";
        let cases = [
            (Nextest, plain_run, 4, 0),
            (Nextest, mixed_run, 4, 3),
            (Nextest, lucky_run, 7, 0),
            (Nextest, one_binary, 0, 0),
            (Cargo, one_binary, 5, 1),
            (Cargo, mixed_run, 0, 0),
            (Node, "ℹ pass 3", 3, 0),
            (Node, "# fail 2", 0, 2),
            (Vitest, "Tests  1 failed | 11 passed (12)", 11, 1),
            (Vitest, "Test Files  1 failed | 2 passed (3)", 0, 0),
            (Node, "3 passed by and 4 failed to notice", 0, 0),
            (Pytest, "2 failed, 4 passed, 1 skipped, 1 error in 7s", 4, 3),
            (Pytest, "451 passed in 71.30s (0:01:11)", 451, 0),
            (Pytest, "===== 1 failed in 0.30s =====", 0, 1),
            (Pytest, "deploy/tests/test_bus.py ....... [ 3%]", 0, 0),
        ];
        for (runner, line, passed, failed) in cases {
            let counts = Counts::of_line(runner, line);
            assert_eq!(counts, Counts { passed, failed }, "{line}");
        }
    }

    #[test]
    fn what_failed_is_known_by_its_line() {
        let lines = [
            (
                Nextest,
                "        FAIL [   7.541s] ( 6/13) gateway wire::tests::frames",
            ),
            (Cargo, "test wire::tests::frames ... FAILED"),
            (Node, "  ✖ talkInARoom (2612.6ms)"),
            (Vitest, "\x1b[31m FAIL \x1b[39m src/a.test.ts > adds"),
            (
                Pytest,
                "FAILED deploy/tests/test_helm.py::test_lint - AssertionError",
            ),
        ];
        for (runner, line) in lines {
            assert!(runner.is_failure(line), "{line}");
            assert!(!runner.is_failure("PASS, ok, ✔ and 0 failed"), "{runner:?}");
        }
    }

    #[test]
    fn colours_do_not_matter() {
        assert_eq!(plain("\x1b[32mSummary\x1b[0m [ 1s]"), "Summary [ 1s]");
    }
}
