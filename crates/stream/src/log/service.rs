//! The log as a gRPC service.

use proto::{
    reason::Reason,
    stream::{
        HeadsRequest, HeadsResponse, RangeRequest, RangeResponse,
        stream_service_server::StreamService,
    },
};
use tonic::{Code, Request, Response, Status};

use super::{HEADS_LIMIT, Log, RANGE_LIMIT};
use crate::key::parse_key;

#[tonic::async_trait]
impl StreamService for Log {
    async fn range(
        &self,
        request: Request<RangeRequest>,
    ) -> Result<Response<RangeResponse>, Status> {
        let request = request.into_inner();
        let stream = request
            .stream
            .as_ref()
            .and_then(|stream| parse_key(&stream.tenant, &stream.stream_id));
        let (tenant, stream_id) =
            stream.ok_or_else(|| rpc::field_invalid("stream", "not a stream"))?;
        if !(1..=RANGE_LIMIT).contains(&request.limit) {
            return Err(rpc::field_invalid("limit", "1 to 500"));
        }
        if request.after < 0 {
            return Err(rpc::field_invalid("after", "not negative"));
        }
        let range = Self::range(
            self,
            &tenant,
            stream_id,
            request.after,
            &request.after_id,
            request.limit,
        );
        range
            .await
            .map(Response::new)
            .map_err(|error| unread(&error))
    }

    async fn heads(
        &self,
        request: Request<HeadsRequest>,
    ) -> Result<Response<HeadsResponse>, Status> {
        let streams = request.into_inner().streams;
        if streams.len() > HEADS_LIMIT {
            return Err(rpc::field_invalid("streams", "at most 2000"));
        }
        let heads = Self::heads(self, &streams)
            .await
            .map_err(|error| unread(&error))?;
        Ok(Response::new(HeadsResponse { heads }))
    }
}

/// A read that failed changed nothing, so the reader may simply ask again.
fn unread(error: &sqlx::Error) -> Status {
    tracing::warn!(%error, "a stream could not be read");
    rpc::status(
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
        "the log cannot be read now",
    )
}
