//! What is written into feeds: those of the people concerned, and the tenant's own.

use proto::{
    event::{
        FiltersChanged, Kind, ModerationAct, ModerationNoted, Notified, RangeBanned, RangeLifted,
        ShadowChanged,
    },
    id::{FilterId, ReportId, StreamId, TENANT_FEED, UserId},
};
use rpc::Caller;
use serde::Serialize;
use serde_json::json;
use stream::Append;

use crate::{
    bans::{Ban, Mode, Subject},
    lifts::Ended,
    mutation::Keyed,
    reports::State,
};

/// Remembers the key of an administrator's act and the id of what it made or changed.
pub(crate) fn noted(
    caller: &Caller,
    action: &str,
    subject: &impl ToString,
    keyed: &Keyed,
) -> Append {
    noted_in(caller, TENANT_FEED, action, subject, keyed)
}

/// Remembers the key of a person's own request, in their own feed: the tenant's is for acts.
pub(crate) fn noted_own(
    caller: &Caller,
    action: &str,
    subject: &impl ToString,
    keyed: &Keyed,
) -> Append {
    noted_in(caller, caller.user_id.into(), action, subject, keyed)
}

/// Tells whom a ban hits: the person, or for a range the gateways. Whom a ban hides is told nothing.
pub(crate) fn banned(caller: &Caller, ban: &Ban) -> Option<Append> {
    match (ban.subject, ban.mode) {
        (Subject::Account(_), Mode::Shadow) => None,
        (Subject::Account(user_id), Mode::Enforce) => Some(act_on(
            caller,
            user_id,
            Kind::Banned,
            &ban.reason,
            ban.until_ms,
            None,
        )),
        (Subject::Range(range), mode) => {
            let data = RangeBanned {
                ban: ban.ban_id.to_string(),
                cidr: range.to_string(),
                shadow: mode == Mode::Shadow,
                until: ban.until_ms.unwrap_or(i64::MAX),
            };
            Some(append(caller, TENANT_FEED, Kind::RangeBanned, &data, None))
        }
    }
}

/// Tells the gateways that a ban is lifted. An account in force needs nobody to be told: its next log-in is let in.
pub(crate) fn lifted(caller: &Caller, ban: &Ban) -> Option<Append> {
    match (ban.subject, ban.mode) {
        (Subject::Account(_), Mode::Enforce) => None,
        (Subject::Account(user_id), Mode::Shadow) => Some(shadow_changed(caller, user_id, false)),
        (Subject::Range(_), _) => {
            let data = RangeLifted {
                ban: ban.ban_id.to_string(),
            };
            Some(append(caller, TENANT_FEED, Kind::RangeLifted, &data, None))
        }
    }
}

/// Tells the gateways whether an account's doings are hidden from all others.
pub(crate) fn shadow_changed(caller: &Caller, user_id: UserId, hidden: bool) -> Append {
    let data = shadow_data(user_id, hidden);
    append(caller, TENANT_FEED, Kind::ShadowChanged, &data, None)
}

/// Tells the gateways that the time of a ban in shadow is over; nobody's act.
pub(crate) fn shadow_ended(ended: &Ended) -> Option<Append> {
    let user_id = ended.user_id.filter(|_| ended.mode == Mode::Shadow)?;
    Some(Append {
        tenant: ended.tenant.clone(),
        stream_id: TENANT_FEED,
        actor: None,
        session: None,
        key: None,
        kind: Kind::ShadowChanged,
        data: text(&shadow_data(user_id, false)),
        fingerprint: stream::fingerprint(&[]),
    })
}

/// Tells a person that they may not speak for a time.
pub(crate) fn muted(
    caller: &Caller,
    user_id: UserId,
    reason: &str,
    until_ms: i64,
    keyed: &Keyed,
) -> Append {
    act_on(
        caller,
        user_id,
        Kind::Muted,
        reason,
        Some(until_ms),
        Some(keyed),
    )
}

/// Tells a person that they may speak again.
pub(crate) fn unmuted(caller: &Caller, user_id: UserId, keyed: &Keyed) -> Append {
    act_on(caller, user_id, Kind::Unmuted, "", None, Some(keyed))
}

/// Tells a person that they broke the rules.
pub(crate) fn warned(caller: &Caller, user_id: UserId, reason: &str, keyed: &Keyed) -> Append {
    act_on(caller, user_id, Kind::Warned, reason, None, Some(keyed))
}

/// Tells whoever reported something that it has been dealt with. What was done is between the administrators.
pub(crate) fn report_closed(
    caller: &Caller,
    reporter: UserId,
    report_id: ReportId,
    state: State,
) -> Append {
    let title = match state {
        State::Dismissed => "Your report was looked at; no rule was broken",
        _ => "Your report was looked at and acted upon",
    };
    let data = Notified {
        kind: "moderation".into(),
        title: title.into(),
        body: String::new(),
        data: json!({ "report": report_id, "state": state.as_str() }),
    };
    append(caller, reporter.into(), Kind::Notified, &data, None)
}

/// Tells the services of a tenant that its word filters changed.
pub(crate) fn filters_changed(caller: &Caller, filter_id: FilterId) -> Append {
    let data = FiltersChanged {
        filter: filter_id.to_string(),
    };
    append(caller, TENANT_FEED, Kind::FiltersChanged, &data, None)
}

fn noted_in(
    caller: &Caller,
    stream_id: StreamId,
    action: &str,
    subject: &impl ToString,
    keyed: &Keyed,
) -> Append {
    let data = ModerationNoted {
        action: action.into(),
        subject: subject.to_string(),
    };
    append(caller, stream_id, Kind::ModerationNoted, &data, Some(keyed))
}

fn act_on(
    caller: &Caller,
    user_id: UserId,
    kind: Kind,
    reason: &str,
    until: Option<i64>,
    keyed: Option<&Keyed>,
) -> Append {
    let data = ModerationAct {
        room: None,
        reason: reason.into(),
        until,
    };
    append(caller, user_id.into(), kind, &data, keyed)
}

fn shadow_data(user_id: UserId, hidden: bool) -> ShadowChanged {
    ShadowChanged {
        user: user_id.to_string(),
        hidden,
    }
}

fn append(
    caller: &Caller,
    stream_id: StreamId,
    kind: Kind,
    data: &impl Serialize,
    keyed: Option<&Keyed>,
) -> Append {
    Append {
        tenant: caller.tenant.clone(),
        stream_id,
        actor: Some(caller.user_id),
        session: Some(caller.session_id),
        key: keyed.map(|keyed| keyed.key.clone()),
        kind,
        data: text(data),
        fingerprint: keyed.map_or_else(|| stream::fingerprint(&[]), |keyed| keyed.fingerprint),
    }
}

fn text(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("texts, numbers and lists are always JSON")
}
