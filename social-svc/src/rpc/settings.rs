//! Settings, on the wire.

use proto::social::{
    GetSettingsRequest, GetSettingsResponse, Settings as WireSettings, UpdateSettingsRequest,
    UpdateSettingsResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key};
use crate::{
    App,
    settings::{self, DirectFrom, Settings, SettingsChange},
};

pub(super) async fn get_settings(
    app: &App,
    request: Request<GetSettingsRequest>,
) -> Answer<GetSettingsResponse> {
    let caller = Caller::of(&request)?;
    let found = settings::get(app, &caller).await?;
    Ok(Response::new(GetSettingsResponse {
        settings: Some(found.into()),
    }))
}

pub(super) async fn update_settings(
    app: &App,
    request: Request<UpdateSettingsRequest>,
) -> Answer<UpdateSettingsResponse> {
    let caller = Caller::of(&request)?;
    let updated = settings::update(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(UpdateSettingsResponse {
        settings: Some(updated.into()),
    }))
}

impl TryFrom<UpdateSettingsRequest> for SettingsChange {
    type Error = Status;

    fn try_from(request: UpdateSettingsRequest) -> Result<Self, Status> {
        let direct_from = request.direct_from.map(|text| {
            DirectFrom::parse(&text)
                .ok_or_else(|| field_invalid("directFrom", "friends, shared or anyone"))
        });
        Ok(Self {
            key: key(request.key)?,
            direct_from: direct_from.transpose()?,
        })
    }
}

impl From<Settings> for WireSettings {
    fn from(settings: Settings) -> Self {
        Self {
            direct_from: settings.direct_from.as_str().into(),
        }
    }
}
