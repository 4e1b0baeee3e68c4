//! A soak in its shortest form: three rounds of everything at once, the last two of which no process has to die in.

use std::time::Duration;

use loadtest::faultlab::{
    Options,
    resources::{Figure, Finding},
    soak,
};

/// Until the second round begins this is over, so that the soak has the fewest rounds there are.
const SHORTEST: Duration = Duration::from_secs(1);
/// Processes of the lab: three gateways and two of each service.
const PROCESSES: usize = 11;

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_breaks_no_promise_leaks_nothing_and_writes_no_secret_down() {
    let options = Options {
        nemeses: Vec::new(),
        span: Duration::ZERO,
        seed: 7,
        without: None,
        is_clustered: false,
        journals: None,
    };
    let soaked = soak::run(&options, SHORTEST).await.expect("the lab works");
    assert!(soaked.is_kept(), "{}", soaked.table());
    // Nothing that dies in the first round is too young: all are compared, memory as well.
    let memory = soaked.lines.iter().filter(|line| {
        line.figure == Figure::Memory && line.finding == Finding::Back && line.baseline.is_some()
    });
    assert_eq!(memory.count(), PROCESSES, "{}", soaked.table());
    let acked: usize = soaked.rows.iter().map(|row| row.measured.acked).sum();
    assert!(acked > 300, "{}", soaked.table());
}
