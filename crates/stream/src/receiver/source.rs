//! Where the receiver reads the log: the generated client over any transport, with a deadline.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use proto::stream::{
    HeadsRequest, HeadsResponse, RangeRequest, RangeResponse,
    stream_service_client::StreamServiceClient,
};
use tonic::{
    Request, Status,
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, Bytes, StdError},
};

/// How long a read may take.
const DEADLINE: Duration = Duration::from_secs(3);

/// A transport the generated client runs over.
pub trait Transport:
    GrpcService<
        Body,
        Error: Into<StdError>,
        Future: Send,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> Transport for T where
    T: GrpcService<
            Body,
            Error: Into<StdError>,
            Future: Send,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

/// A read that has begun.
type Reading<T> = BoxFuture<'static, Result<T, Status>>;

/// [`StreamServiceClient`] without its type parameter.
pub(crate) trait Source: Send + Sync + 'static {
    fn read_range(&self, request: RangeRequest) -> Reading<RangeResponse>;
    fn read_heads(&self, request: HeadsRequest) -> Reading<HeadsResponse>;
}

impl<T: Transport> Source for StreamServiceClient<T> {
    fn read_range(&self, request: RangeRequest) -> Reading<RangeResponse> {
        let mut client = self.clone();
        within_deadline(async move {
            client
                .range(bounded(request))
                .await
                .map(tonic::Response::into_inner)
        })
        .boxed()
    }

    fn read_heads(&self, request: HeadsRequest) -> Reading<HeadsResponse> {
        let mut client = self.clone();
        within_deadline(async move {
            client
                .heads(bounded(request))
                .await
                .map(tonic::Response::into_inner)
        })
        .boxed()
    }
}

fn bounded<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

/// The transport may not know deadlines, or may not keep them.
async fn within_deadline<T>(call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let answer = tokio::time::timeout(DEADLINE, call).await;
    answer.unwrap_or_else(|_| Err(super::away("the log did not answer in time")))
}
