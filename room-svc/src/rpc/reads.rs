//! What was read and delivered, on the wire.

use proto::{
    id::RoomId,
    room::{
        Counter as WireCounter, ListReceiptsRequest, ListReceiptsResponse, MarkDeliveredRequest,
        MarkDeliveredResponse, MarkReadRequest, MarkReadResponse, Receipt as WireReceipt,
    },
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, messages::thread, room};
use crate::{
    App,
    reads::{self, Counter, Marked, Reading, Receipt},
};

/// Most rooms of one request.
const DELIVERED_MAX: usize = 200;

pub(super) async fn mark_read(
    app: &App,
    request: Request<MarkReadRequest>,
) -> Answer<MarkReadResponse> {
    let caller = Caller::of(&request)?;
    let marked = reads::mark(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(marked.into()))
}

pub(super) async fn mark_delivered(
    app: &App,
    request: Request<MarkDeliveredRequest>,
) -> Answer<MarkDeliveredResponse> {
    let caller = Caller::of(&request)?;
    reads::deliver(app, &caller, delivered(request.get_ref())?).await?;
    Ok(Response::new(MarkDeliveredResponse {}))
}

pub(super) async fn list_receipts(
    app: &App,
    request: Request<ListReceiptsRequest>,
) -> Answer<ListReceiptsResponse> {
    let caller = Caller::of(&request)?;
    let receipts = reads::receipts(app, &caller, room(&request.get_ref().room)?).await?;
    Ok(Response::new(ListReceiptsResponse {
        receipts: receipts.into_iter().map(WireReceipt::from).collect(),
    }))
}

fn delivered(request: &MarkDeliveredRequest) -> Result<Vec<(RoomId, i64)>, Status> {
    if request.delivered.len() > DELIVERED_MAX {
        return Err(field_invalid("delivered", "at most 200 rooms"));
    }
    let rooms = request.delivered.iter().map(|one| {
        let room_id = one.room_id.parse().ok();
        room_id
            .filter(|_| one.seq >= 0)
            .map(|room_id| (room_id, one.seq))
            .ok_or_else(|| field_invalid("delivered", "a room's id and a seq"))
    });
    rooms.collect()
}

impl TryFrom<MarkReadRequest> for Reading {
    type Error = Status;

    fn try_from(request: MarkReadRequest) -> Result<Self, Status> {
        if request.seq < 0 {
            return Err(field_invalid("seq", "a seq is 0 or more"));
        }
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            thread: thread(&request.thread)?,
            seq: request.seq,
        })
    }
}

impl From<Counter> for WireCounter {
    fn from(counter: Counter) -> Self {
        Self {
            read: counter.read,
            unread: counter.unread,
            mentions: counter.mentions,
            head: counter.head,
        }
    }
}

impl From<Marked> for MarkReadResponse {
    fn from(marked: Marked) -> Self {
        Self {
            counter: Some(marked.counter.into()),
            is_told: marked.is_told,
        }
    }
}

impl From<Receipt> for WireReceipt {
    fn from(receipt: Receipt) -> Self {
        Self {
            user_id: receipt.user_id.to_string(),
            delivered: receipt.delivered,
            read: receipt.read,
        }
    }
}
