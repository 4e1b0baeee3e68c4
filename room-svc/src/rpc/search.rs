//! Search, on the wire.

use proto::room::{Message as WireMessage, SearchMessagesRequest, SearchMessagesResponse};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, next_page, paging, room};
use crate::{
    App,
    search::{self, Quest},
};

/// Rows of a page when the request does not say.
const LIMIT_DEFAULT: u32 = 20;
/// Most rows of a page.
const LIMIT_MAX: u32 = 50;

pub(super) async fn search_messages(
    app: &App,
    request: Request<SearchMessagesRequest>,
) -> Answer<SearchMessagesResponse> {
    let caller = Caller::of(&request)?;
    let page = search::find(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(SearchMessagesResponse {
        messages: page.rows.into_iter().map(WireMessage::from).collect(),
        next_page: next_page(page.next),
    }))
}

impl TryFrom<SearchMessagesRequest> for Quest {
    type Error = Status;

    fn try_from(request: SearchMessagesRequest) -> Result<Self, Status> {
        search::check_text(&request.query)?;
        let rows = match request.limit {
            0 => LIMIT_DEFAULT,
            rows @ 1..=LIMIT_MAX => rows,
            _ => return Err(field_invalid("limit", "1 to 50")),
        };
        let only = match request.room.as_str() {
            "" => None,
            named => Some(room(named)?),
        };
        Ok(Self {
            text: request.query,
            room: only,
            paging: paging(&request.page, rows)?,
        })
    }
}
