//! A history that somebody else wrote, as the checker reads it.

use loadtest::histcheck::{check as judge, journal};

pub(crate) fn check(bytes: &[u8]) {
    let Ok(history) = journal::read(bytes) else {
        return;
    };
    assert!(history.finals.len() <= journal::ROOMS_MAX as usize);
    // A line for each at least.
    assert!(
        history.observers.len() <= bytes.len(),
        "devices from nowhere"
    );
    let mut written = Vec::new();
    let outcome = journal::write(&history, &mut written);
    assert!(outcome.is_ok(), "what was read can be written: {outcome:?}");
    let again = journal::read(written.as_slice());
    assert!(
        again.as_ref().is_ok_and(|again| *again == history),
        "what is written is read back: {again:?}"
    );
    // Any history at all gets a verdict, and always the same.
    let verdict = || serde_json::to_string(&judge(&history)).ok();
    assert_eq!(verdict(), verdict());
}
