//! How calls go onto the bus: one that is alone as a message of its own, several of one turn of the runtime together.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_nats::{
    Client, HeaderMap as NatsHeaders, Message, Request as NatsRequest, RequestErrorKind,
    StatusCode, SubscribeError, client::SubscribeErrorKind,
};
use bytes::Bytes;
use futures::{StreamExt, future::join_all};
use parking_lot::Mutex;
use proto::{reason::Reason, subject::Subject};
use tokio::{
    sync::{OnceCell, mpsc, oneshot},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::{
    envelope::{self, BYTES_MAX, PARTS_MAX, Part},
    gathering::Gathering,
    refusal::away,
    status, wire,
};

/// What came back: headers and payload.
pub(crate) type Answer = (Option<NatsHeaders>, Bytes);

/// One process's way to the others.
pub(crate) struct Post {
    nats: Client,
    /// Answers to envelopes come to addresses below this one.
    inbox: String,
    gathering: Gathering<Subject, Call>,
    /// Envelopes that are not answered in full, by the last token of their address.
    under_way: Mutex<HashMap<u64, mpsc::Sender<Message>>>,
    next: AtomicU64,
    hears: OnceCell<()>,
    ended: CancellationToken,
}

struct Call {
    number: u64,
    headers: NatsHeaders,
    payload: Bytes,
    until: Instant,
    answer: oneshot::Sender<Result<Answer, Status>>,
}

/// An envelope's address for answers; it ends when dropped.
struct Address {
    post: Arc<Post>,
    number: u64,
    answers: mpsc::Receiver<Message>,
}

impl Post {
    pub(crate) fn new(nats: Client) -> Arc<Self> {
        Arc::new(Self {
            inbox: nats.new_inbox(),
            nats,
            gathering: Gathering::default(),
            under_way: Mutex::default(),
            next: AtomicU64::default(),
            hears: OnceCell::new(),
            ended: CancellationToken::new(),
        })
    }

    /// The connection.
    pub(crate) fn nats(&self) -> &Client {
        &self.nats
    }

    /// Asks, and waits for the answer until then.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        subject: Subject,
        headers: NatsHeaders,
        payload: Bytes,
        until: Instant,
    ) -> Result<Answer, Status> {
        if payload.len() > BYTES_MAX {
            return self.ask_alone(&subject, headers, payload, until).await;
        }
        let (answer, answered) = oneshot::channel();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let call = Call {
            number,
            headers,
            payload,
            until,
            answer,
        };
        match self.gathering.join(subject.clone(), call) {
            1 => {
                tokio::task::yield_now().await;
                let alone = self
                    .gathering
                    .take_alone(&subject, |it| it.number == number);
                if let Some(Call {
                    headers, payload, ..
                }) = alone
                {
                    return self.ask_alone(&subject, headers, payload, until).await;
                }
            }
            // Not the first one sends for all: whether they are still there does not matter to the others then.
            2 => drop(tokio::spawn(self.clone().send(subject))),
            _ => {}
        }
        match timeout_at(until, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(failed(RequestErrorKind::TimedOut)),
        }
    }

    async fn ask_alone(
        &self,
        subject: &Subject,
        headers: NatsHeaders,
        payload: Bytes,
        until: Instant,
    ) -> Result<Answer, Status> {
        let request = NatsRequest::new()
            .payload(payload)
            .headers(headers)
            .timeout(None);
        let answer = self.nats.send_request(subject.as_str().to_owned(), request);
        // The library's own limit begins only when the question is out.
        let answer = timeout_at(until, answer).await;
        let answer = answer.map_err(|_| failed(RequestErrorKind::TimedOut))?;
        let message = answer.map_err(|error| failed(error.kind()))?;
        Ok((message.headers, message.payload))
    }

    /// Sends what is gathered after a turn, each envelope on its own.
    async fn send(self: Arc<Self>, subject: Subject) {
        tokio::task::yield_now().await;
        let calls = self.gathering.take(&subject);
        for calls in envelope::divide(wanted(calls), Call::size) {
            tokio::spawn(self.clone().carry(subject.clone(), calls));
        }
    }

    /// Sends an envelope, and hands out its answers as they come.
    async fn carry(self: Arc<Self>, subject: Subject, calls: Vec<Call>) {
        let until = calls.iter().map(|call| call.until).max();
        let until = until.unwrap_or_else(Instant::now);
        let mut address = match timeout_at(until, self.publish(&subject, &calls)).await {
            Ok(Ok(address)) => address,
            Ok(Err(_)) => return refuse(calls, &away("the bus does not take the call")),
            // Everyone has given up, and nothing was sent.
            Err(_) => return,
        };
        let mut calls: Vec<_> = calls.into_iter().map(Some).collect();
        while calls.iter().any(Option::is_some)
            && let Ok(Some(message)) = timeout_at(until, address.answers.recv()).await
        {
            let is_first = calls.iter().all(Option::is_some);
            match envelope::open(&message) {
                Some(Ok(parts)) => parts.into_iter().for_each(|part| part.settle(&mut calls)),
                None if message.status == Some(StatusCode::NO_RESPONDERS) => {
                    return refuse(calls.into_iter().flatten(), &away("no service answers"));
                }
                None if is_first && wire::is_refusal(message.headers.as_ref()) => {
                    return self.ask_each(&subject, calls.into_iter().flatten()).await;
                }
                None | Some(Err(_)) => {
                    tracing::warn!(event_type = "answer_unreadable", %subject, "an envelope was answered by none");
                    let unknown = failed(RequestErrorKind::Other);
                    return refuse(calls.into_iter().flatten(), &unknown);
                }
            }
        }
    }

    /// Sends an envelope.
    ///
    /// # Errors
    /// When it was not sent.
    async fn publish(
        self: &Arc<Self>,
        subject: &Subject,
        calls: &[Call],
    ) -> Result<Address, SubscribeError> {
        self.hear().await?;
        let (tell, answers) = mpsc::channel(PARTS_MAX);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.under_way.lock().insert(number, tell);
        let address = Address {
            post: self.clone(),
            number,
            answers,
        };
        let numbered = (0..).zip(calls);
        let parts =
            numbered.map(|(number, call)| Part::of(number, &call.headers, call.payload.clone()));
        let (headers, payload) = envelope::seal(parts.collect());
        let reply = format!("{}.{number}", self.inbox);
        let (nats, subject) = (&self.nats, subject.as_str().to_owned());
        let sent = nats.publish_with_reply_and_headers(subject, reply, headers, payload);
        sent.await.map_err(|_| SubscribeErrorKind::Other)?;
        Ok(address)
    }

    /// Begins to hear answers, once.
    async fn hear(self: &Arc<Self>) -> Result<(), SubscribeError> {
        let begun = self.hears.get_or_try_init(|| async {
            let mut answers = self.nats.subscribe(format!("{}.*", self.inbox)).await?;
            // Held loosely, and the subscription with it: it would keep the connection.
            let (post, ended) = (Arc::downgrade(self), self.ended.clone());
            tokio::spawn(async move {
                while let Some(Some(message)) = ended.run_until_cancelled(answers.next()).await {
                    if let Some(post) = post.upgrade() {
                        post.hand(message);
                    }
                }
            });
            Ok(())
        });
        begun.await.copied()
    }

    fn hand(&self, message: Message) {
        let number = message.subject.rsplit('.').next();
        let number = number.and_then(|number| number.parse::<u64>().ok());
        let under_way = self.under_way.lock();
        if let Some(tell) = number.and_then(|number| under_way.get(&number)) {
            // There is room for an answer to each call.
            let _ = tell.try_send(message);
        }
    }

    /// Asks a process that knows no envelopes, which has not done anything yet, for each call alone.
    async fn ask_each(&self, subject: &Subject, calls: impl Iterator<Item = Call>) {
        metrics::counter!("rpc_client_envelopes_refused_total").increment(1);
        let each = wanted(calls).map(async |call| {
            let asked = self.ask_alone(subject, call.headers, call.payload, call.until);
            // Whoever has given up needs no answer.
            let _ = call.answer.send(asked.await);
        });
        join_all(each).await;
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.post.under_way.lock().remove(&self.number);
    }
}

impl Part {
    /// Gives an answer to whoever asked.
    fn settle(self, calls: &mut [Option<Call>]) {
        let call = usize::try_from(self.number).ok();
        let call = call.and_then(|number| calls.get_mut(number)?.take());
        if let Some(call) = call {
            // Whoever has given up needs no answer.
            let _ = call.answer.send(Ok((Some(self.headers()), self.payload)));
        }
    }
}

impl Call {
    /// Returns about how many bytes it takes.
    fn size(&self) -> usize {
        let headers = self.headers.iter().flat_map(|(name, values)| {
            let name: &str = name.as_ref();
            values.iter().map(move |it| name.len() + it.as_str().len())
        });
        self.payload.len() + headers.sum::<usize>()
    }
}

/// Leaves out those who have given up.
fn wanted(calls: impl IntoIterator<Item = Call>) -> impl Iterator<Item = Call> {
    calls.into_iter().filter(|call| !call.answer.is_closed())
}

fn refuse(calls: impl IntoIterator<Item = Call>, status: &Status) {
    for call in calls {
        let _ = call.answer.send(Err(status.clone()));
    }
}

fn failed(kind: RequestErrorKind) -> Status {
    match kind {
        RequestErrorKind::NoResponders => away("no service answers"),
        RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => status(
            Code::InvalidArgument,
            Reason::FIELD_INVALID,
            "the request is too large",
        ),
        RequestErrorKind::TimedOut => status(
            Code::DeadlineExceeded,
            Reason::UPSTREAM_UNAVAILABLE,
            "no answer within the deadline",
        ),
        RequestErrorKind::Other => status(
            Code::Unknown,
            Reason::UPSTREAM_UNAVAILABLE,
            "the call was cut off",
        ),
    }
}
