//! Latencies as quantiles.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longest latency told apart: 10 minutes, as long as a run may be.
const MAX_US: u64 = 600_000_000;

/// Quantiles of one latency, in milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half are faster.
    pub p50_ms: f64,
    /// Nine of ten are faster.
    pub p90_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
    /// 999 of 1,000 are faster.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Latency {
    /// Summarises latencies given in microseconds.
    #[must_use]
    pub fn of(latencies_us: impl IntoIterator<Item = u32>) -> Self {
        let mut histogram =
            Histogram::<u64>::new_with_max(MAX_US, 3).expect("the bounds are valid");
        for latency in latencies_us {
            histogram.saturating_record(u64::from(latency));
        }
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            count: histogram.len(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: histogram.max() as f64 / 1e3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Latency;

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let latency = Latency::of(1..=1_000_000);
        assert_eq!(latency.count, 1_000_000);
        assert!((latency.p50_ms - 500.0).abs() < 1.0, "{latency:?}");
        assert!((latency.p99_ms - 990.0).abs() < 1.0, "{latency:?}");
        assert!((latency.max_ms - 1_000.0).abs() < 1.0, "{latency:?}");
    }

    #[test]
    fn nothing_measured_is_zero() {
        assert_eq!(Latency::of(std::iter::empty()).count, 0);
    }
}
