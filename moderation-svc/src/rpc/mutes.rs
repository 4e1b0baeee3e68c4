//! Mutes and warnings on the wire.

use proto::moderation::{
    MuteUserRequest, MuteUserResponse, UnmuteUserRequest, UnmuteUserResponse, WarnUserRequest,
    WarnUserResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, until, user};
use crate::{
    App,
    mutes::{self, NewMute, NewWarning, Unmuting},
    texts,
};

pub(super) async fn mute_user(
    app: &App,
    request: Request<MuteUserRequest>,
) -> Answer<MuteUserResponse> {
    let caller = Caller::of(&request)?;
    mutes::mute(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(MuteUserResponse {}))
}

pub(super) async fn unmute_user(
    app: &App,
    request: Request<UnmuteUserRequest>,
) -> Answer<UnmuteUserResponse> {
    let caller = Caller::of(&request)?;
    mutes::unmute(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(UnmuteUserResponse {}))
}

pub(super) async fn warn_user(
    app: &App,
    request: Request<WarnUserRequest>,
) -> Answer<WarnUserResponse> {
    let caller = Caller::of(&request)?;
    mutes::warn(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(WarnUserResponse {}))
}

impl TryFrom<MuteUserRequest> for NewMute {
    type Error = Status;

    fn try_from(request: MuteUserRequest) -> Result<Self, Status> {
        Ok(Self {
            user: user(&request.user_id)?,
            reason: texts::reason(&request.reason)?,
            until_ms: until(request.until_ms)?
                .ok_or_else(|| field_invalid("until", "milliseconds since the epoch"))?,
            key: key(request.key)?,
        })
    }
}

impl TryFrom<UnmuteUserRequest> for Unmuting {
    type Error = Status;

    fn try_from(request: UnmuteUserRequest) -> Result<Self, Status> {
        Ok(Self {
            user: user(&request.user_id)?,
            key: key(request.key)?,
        })
    }
}

impl TryFrom<WarnUserRequest> for NewWarning {
    type Error = Status;

    fn try_from(request: WarnUserRequest) -> Result<Self, Status> {
        Ok(Self {
            user: user(&request.user_id)?,
            reason: texts::reason(&request.reason)?,
            key: key(request.key)?,
        })
    }
}
