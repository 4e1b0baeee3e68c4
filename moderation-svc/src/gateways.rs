//! Gateways, called by name: each does with its own sockets what it is told.

use std::time::Duration;

use async_nats::connection::State;
use proto::{
    gateway::{
        BroadcastRequest, DisconnectRequest, ExplainRequest, ExplainResponse, IsActiveRequest,
        Progress, SendRequest, gateway_service_client::GatewayServiceClient,
    },
    id::{ConnectionId, StreamId, Tenant},
};
use rpc::{NatsChannel, Refusal};
use tonic::{Code, Request, Response};

use crate::{Error, connections::Announcement};

/// How long a gateway may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// All of them.
#[derive(Clone)]
pub(crate) struct Gateways {
    nats: async_nats::Client,
    channel: NatsChannel,
}

/// One of them, be it there or not.
pub(crate) struct Gateway {
    nats: async_nats::Client,
    client: GatewayServiceClient<NatsChannel>,
}

/// What a gateway says of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is there, and was done as asked.
    Done,
    /// The gateway has no such connection.
    Gone,
    /// There is no such gateway.
    NobodyThere,
}

impl Gateways {
    pub(crate) fn new(nats: async_nats::Client, channel: NatsChannel) -> Self {
        Self { nats, channel }
    }

    /// Returns a gateway by its instance name.
    pub(crate) fn at(&self, name: &str) -> Gateway {
        Gateway {
            nats: self.nats.clone(),
            client: GatewayServiceClient::new(self.channel.to_instance(name)),
        }
    }
}

impl Gateway {
    pub(crate) async fn send(
        &self,
        tenant: &Tenant,
        connection_id: ConnectionId,
        announcement: Announcement,
    ) -> Result<Answer, Error> {
        let request = timed(SendRequest {
            tenant: tenant.to_string(),
            connection_id: connection_id.to_string(),
            kind: announcement.kind,
            data: announcement.data.into(),
        });
        let answer = self
            .client
            .clone()
            .send(request)
            .await
            .map(Response::into_inner);
        self.answered(
            answer
                .map(|answer| !answer.is_gone)
                .map_err(|status| Refusal::of(&status)),
        )
    }

    pub(crate) async fn disconnect(
        &self,
        tenant: &Tenant,
        connection_id: ConnectionId,
    ) -> Result<Answer, Error> {
        let request = timed(DisconnectRequest {
            tenant: tenant.to_string(),
            connection_id: connection_id.to_string(),
        });
        let answer = self
            .client
            .clone()
            .disconnect(request)
            .await
            .map(Response::into_inner);
        self.answered(
            answer
                .map(|answer| !answer.is_gone)
                .map_err(|status| Refusal::of(&status)),
        )
    }

    pub(crate) async fn is_active(
        &self,
        tenant: &Tenant,
        connection_id: ConnectionId,
    ) -> Result<Answer, Error> {
        let request = timed(IsActiveRequest {
            tenant: tenant.to_string(),
            connection_id: connection_id.to_string(),
        });
        let answer = self
            .client
            .clone()
            .is_active(request)
            .await
            .map(Response::into_inner);
        self.answered(
            answer
                .map(|answer| answer.is_active)
                .map_err(|status| Refusal::of(&status)),
        )
    }

    /// Returns how many connections were sent it; `None` when there is no such gateway.
    pub(crate) async fn broadcast(
        &self,
        tenant: &Tenant,
        announcement: Announcement,
    ) -> Result<Option<u32>, Error> {
        let request = timed(BroadcastRequest {
            tenant: tenant.to_string(),
            kind: announcement.kind,
            data: announcement.data.into(),
        });
        match self
            .client
            .clone()
            .broadcast(request)
            .await
            .map_err(|status| Refusal::of(&status))
        {
            Ok(answer) => Ok(Some(answer.into_inner().connections)),
            Err(refusal) if self.is_nobody(&refusal) => Ok(None),
            Err(refusal) => Err(failed(refusal)),
        }
    }

    /// Asks how far a socket has got with an event. A gateway that is not there, or does not answer, is an answer too.
    pub(crate) async fn explain(
        &self,
        tenant: &Tenant,
        connection_id: ConnectionId,
        stream_id: StreamId,
        seq: i64,
    ) -> ExplainResponse {
        let request = timed(ExplainRequest {
            tenant: tenant.to_string(),
            connection_id: connection_id.to_string(),
            stream_id: stream_id.to_string(),
            seq,
        });
        let status = match self.client.clone().explain(request).await {
            Ok(answer) => return answer.into_inner(),
            Err(status) => status,
        };
        let progress = if self.is_nobody(&Refusal::of(&status)) {
            Progress::Gone
        } else {
            Progress::Unanswered
        };
        ExplainResponse {
            progress: progress.into(),
            ..ExplainResponse::default()
        }
    }

    fn answered(&self, is_there: Result<bool, Refusal>) -> Result<Answer, Error> {
        match is_there {
            Ok(true) => Ok(Answer::Done),
            Ok(false) => Ok(Answer::Gone),
            Err(refusal) if self.is_nobody(&refusal) => Ok(Answer::NobodyThere),
            Err(refusal) => Err(failed(refusal)),
        }
    }

    /// Whether nobody listens there. While we ourselves are cut off from the bus, nobody knows.
    fn is_nobody(&self, refusal: &Refusal) -> bool {
        refusal.code == Code::Unavailable && self.nats.connection_state() == State::Connected
    }
}

fn timed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

fn failed(refusal: Refusal) -> Error {
    if refusal.is_unknown_outcome() {
        Error::Unanswered
    } else {
        Error::Upstream(Box::new(refusal))
    }
}
