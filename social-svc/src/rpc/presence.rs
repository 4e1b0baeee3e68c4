//! Presence, on the wire.

use proto::{
    id,
    social::{
        GetPresenceRequest, GetPresenceResponse, LivePerson, Presence as WirePresence,
        ReportPresenceRequest, ReportPresenceResponse, SetPresenceRequest, SetPresenceResponse,
    },
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, line};
use crate::{
    App,
    presence::{self, Mood, NewPresence, Report, Seen, Sighting, TEXT_MAX_CHARS, Who},
};

/// Most people in one report.
const REPORTED_MAX: usize = 2_000;

pub(super) async fn set_presence(
    app: &App,
    request: Request<SetPresenceRequest>,
) -> Answer<SetPresenceResponse> {
    let caller = Caller::of(&request)?;
    presence::set(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(SetPresenceResponse {}))
}

pub(super) async fn get_presence(
    app: &App,
    request: Request<GetPresenceRequest>,
) -> Answer<GetPresenceResponse> {
    let caller = Caller::of(&request)?;
    let ids = request.get_ref().user_ids.iter();
    let people: Result<Vec<_>, _> = ids.map(|text| text.parse()).collect();
    let people = people.map_err(|_| field_invalid("users", "ids of users"))?;
    let seen = presence::get(app, &caller, people).await?;
    Ok(Response::new(GetPresenceResponse {
        people: seen.into_iter().map(WirePresence::from).collect(),
    }))
}

pub(super) async fn report_presence(
    app: &App,
    request: Request<ReportPresenceRequest>,
) -> Answer<ReportPresenceResponse> {
    presence::report(app, request.into_inner().try_into()?).await?;
    Ok(Response::new(ReportPresenceResponse {}))
}

impl TryFrom<SetPresenceRequest> for NewPresence {
    type Error = Status;

    fn try_from(request: SetPresenceRequest) -> Result<Self, Status> {
        let mood = Mood::parse(&request.status)
            .ok_or_else(|| field_invalid("status", "online, away, dnd or invisible"))?;
        Ok(Self {
            key: key(request.key)?,
            mood,
            text: line(
                "text",
                &request.text,
                TEXT_MAX_CHARS,
                "a status text has at most 100 characters",
            )?,
            until_ms: Some(request.until_ms).filter(|ms| *ms != 0),
        })
    }
}

impl From<Seen> for WirePresence {
    fn from(seen: Seen) -> Self {
        Self {
            user_id: seen.user_id.to_string(),
            status: seen.shown.status.into(),
            text: seen.shown.text,
            last_seen_ms: seen.shown.last_seen_ms,
            is_followable: seen.is_followable,
        }
    }
}

impl TryFrom<ReportPresenceRequest> for Report {
    type Error = Status;

    fn try_from(request: ReportPresenceRequest) -> Result<Self, Status> {
        // It becomes the name of a field, as safe as a key.
        if !id::is_key(&request.gateway) {
            return Err(field_invalid("gateway", "the instance name of a gateway"));
        }
        if request.people.len() > REPORTED_MAX {
            return Err(field_invalid("people", "at most 2,000 people at once"));
        }
        let people = request.people.into_iter().map(Sighting::try_from);
        Ok(Self {
            gateway: request.gateway,
            people: people.collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<LivePerson> for Sighting {
    type Error = Status;

    fn try_from(person: LivePerson) -> Result<Self, Status> {
        let (Ok(tenant), Ok(user_id)) = (person.tenant.parse(), person.user_id.parse()) else {
            return Err(field_invalid("people", "tenants and ids of users"));
        };
        Ok(Self {
            who: Who { tenant, user_id },
            connections: person.connections,
            is_visible: person.is_visible,
        })
    }
}
