//! Errors on the wire: a code, a stable reason, and what the client may do about it.

use std::{collections::BTreeMap, collections::HashMap, time::Duration};

use proto::reason::{DOMAIN, Reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// What a caller is told to wait when a service is away.
const AWAY_FOR: Duration = Duration::from_secs(1);

/// Makes a refusal.
#[must_use]
pub fn status(code: Code, reason: Reason, message: &str) -> Status {
    Status::with_error_details(code, message, details(reason))
}

/// Makes the refusal of one field of the request.
#[must_use]
pub fn field_invalid(field: &str, why: &str) -> Status {
    let mut details = details(Reason::FIELD_INVALID);
    details.add_bad_request_violation(field, why);
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {why}"), details)
}

/// Makes a refusal that says when to try again.
#[must_use]
pub fn retry_later(code: Code, reason: Reason, message: &str, after: Duration) -> Status {
    let mut details = details(reason);
    details.set_retry_info(Some(after));
    Status::with_error_details(code, message, details)
}

/// Makes the refusal of a call that was not carried: certainly not done.
pub(crate) fn away(message: &str) -> Status {
    retry_later(
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
        message,
        AWAY_FOR,
    )
}

fn details(reason: Reason) -> ErrorDetails {
    ErrorDetails::with_error_info(reason.as_str(), DOMAIN, HashMap::new())
}

/// The typed view of a `Status` that another process sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// gRPC code.
    pub code: Code,
    /// Stable reason; `INTERNAL` when the sender gave none.
    pub reason: Reason,
    /// Text for people. Never carries internals.
    pub message: String,
    /// When a retry makes sense, if the sender knows.
    pub retry_after: Option<Duration>,
    /// Field → what is wrong with it.
    pub fields: BTreeMap<String, String>,
}

impl Refusal {
    /// Reads a status.
    #[must_use]
    pub fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let reason = details
            .error_info()
            .filter(|info| info.domain == DOMAIN)
            .and_then(|info| Reason::parse(&info.reason));
        let fields = details.bad_request().map(|bad| {
            let pairs = bad.field_violations.iter();
            pairs
                .map(|each| (each.field.clone(), each.description.clone()))
                .collect()
        });
        Self {
            code: status.code(),
            reason: reason.unwrap_or_else(|| fallback(status.code())),
            // Without a reason of ours the text was made by a library: it is not for users.
            message: if reason.is_some() {
                status.message().into()
            } else {
                "something went wrong".into()
            },
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            fields: fields.unwrap_or_default(),
        }
    }

    /// Whether the work may or may not have been done. Everything else was certainly not done.
    #[must_use]
    pub fn is_unknown_outcome(&self) -> bool {
        matches!(
            self.code,
            Code::DeadlineExceeded
                | Code::Unknown
                | Code::Internal
                | Code::Cancelled
                | Code::Aborted
                | Code::DataLoss
        )
    }
}

fn fallback(code: Code) -> Reason {
    match code {
        Code::Unavailable | Code::DeadlineExceeded => Reason::UPSTREAM_UNAVAILABLE,
        Code::ResourceExhausted => Reason::RATE_LIMITED,
        Code::Unimplemented => Reason::NOT_FOUND,
        _ => Reason::INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_wire_form() {
        let refusal = Refusal::of(&field_invalid("name", "too long"));
        assert_eq!(refusal.reason, Reason::FIELD_INVALID);
        assert_eq!(refusal.fields["name"], "too long");
        let later = retry_later(
            Code::ResourceExhausted,
            Reason::RATE_LIMITED,
            "slow down",
            Duration::from_secs(2),
        );
        assert_eq!(
            Refusal::of(&later).retry_after,
            Some(Duration::from_secs(2))
        );
    }

    #[test]
    fn a_foreign_status_shows_none_of_its_text() {
        let refusal = Refusal::of(&Status::internal("connection to 10.0.0.7 refused"));
        assert_eq!(
            (refusal.reason, refusal.message.as_str()),
            (Reason::INTERNAL, "something went wrong")
        );
        assert!(refusal.is_unknown_outcome());
    }
}
