//! Services that answer what a test tells them to, and remember what they were asked.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    fmt::Debug,
    marker::PhantomData,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::{BufMut, Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;

/// What a call is answered with.
pub(crate) type Reply = Result<Bytes, Status>;

type Handler = Arc<dyn Fn(String, Bytes) -> BoxFuture<'static, Reply> + Send + Sync>;

/// A call that was made.
struct Call {
    /// `<service>/<method>`, as in `room/JoinRoom`.
    method: String,
    /// On whose behalf: the token, or nothing.
    caller: String,
    message: Bytes,
}

/// The answers to come, and the calls so far.
#[derive(Default)]
pub(crate) struct Script {
    /// What a test says. The last answer of a method stands for every later call.
    answers: Mutex<HashMap<String, VecDeque<Reply>>>,
    /// What is answered when a test says nothing; else it is an empty message.
    handlers: Mutex<HashMap<String, Handler>>,
    calls: Mutex<Vec<Call>>,
}

impl Script {
    /// From now on a method answers this.
    pub(crate) fn answers(&self, method: &str, message: &impl Message) {
        self.replies(method, [Ok(message.encode_to_vec().into())]);
    }

    /// From now on a method is refused.
    pub(crate) fn refuses(&self, method: &str, status: Status) {
        self.replies(method, [Err(status)]);
    }

    /// From now on a method answers these in turn, the last one for ever.
    pub(crate) fn replies(&self, method: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        let mut answers = self.answers.lock().expect("lock");
        answers.insert(method.into(), replies);
    }

    /// Lets a function answer a method: it gets the caller's token and the message.
    pub(crate) fn handles<Q, A, F>(
        &self,
        method: &str,
        handler: impl Fn(String, Q) -> F + Send + Sync + 'static,
    ) where
        Q: Message + Default,
        A: Message,
        F: Future<Output = Result<A, Status>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |caller, message| {
            let message = Q::decode(message).expect("the message of this method");
            let answer = handler(caller, message);
            Box::pin(async move { Ok(answer.await?.encode_to_vec().into()) })
        });
        let mut handlers = self.handlers.lock().expect("lock");
        handlers.insert(method.into(), handler);
    }

    /// Returns what a method was asked since the last look, and for whom.
    pub(crate) fn asked<Q: Message + Default + Debug>(&self, method: &str) -> Vec<(String, Q)> {
        let mut calls = self.calls.lock().expect("lock");
        let asked = calls.extract_if(.., |call| call.method == method);
        let decoded = asked.map(|call| {
            let message = Q::decode(call.message).expect("the message of this method");
            (call.caller, message)
        });
        decoded.collect()
    }

    async fn reply(&self, method: String, caller: String, message: Bytes) -> Reply {
        self.calls.lock().expect("lock").push(Call {
            method: method.clone(),
            caller: caller.clone(),
            message: message.clone(),
        });
        if let Some(reply) = self.scripted(&method) {
            return reply;
        }
        let handler = self.handlers.lock().expect("lock").get(&method).cloned();
        match handler {
            Some(handler) => handler(caller, message).await,
            None => Ok(Bytes::new()),
        }
    }

    fn scripted(&self, method: &str) -> Option<Reply> {
        let mut answers = self.answers.lock().expect("lock");
        let replies = answers.get_mut(method)?;
        if replies.len() > 1 {
            return replies.pop_front();
        }
        replies.front().cloned()
    }
}

/// The service `S` as the script has it.
pub(crate) struct Scripted<S> {
    script: Arc<Script>,
    service: PhantomData<fn() -> S>,
}

impl<S> Scripted<S> {
    pub(crate) fn new(script: &Arc<Script>) -> Self {
        Self {
            script: script.clone(),
            service: PhantomData,
        }
    }
}

impl<S> Clone for Scripted<S> {
    fn clone(&self) -> Self {
        Self::new(&self.script)
    }
}

impl<S: NamedService> NamedService for Scripted<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: NamedService> Service<Request<Body>> for Scripted<S> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let script = self.script.clone();
        let noun = S::NAME.split('.').nth(1).expect("hubbub.<noun>.v1");
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let method = parts.uri.path().rsplit('/').next().expect("a method");
            let token = parts.headers.get("authorization");
            let token = token.and_then(|value| value.to_str().ok());
            let caller = token.and_then(|token| token.strip_prefix("Bearer "));
            let framed = body.collect().await.expect("a whole body").to_bytes();
            // A gRPC message stands behind five bytes: that it is not compressed, and its length.
            let message = framed.slice(5..);
            let reply = script.reply(
                format!("{noun}/{method}"),
                caller.unwrap_or_default().into(),
                message,
            );
            Ok(response(reply.await))
        })
    }
}

fn response(reply: Reply) -> Response<Body> {
    let message = match reply {
        Ok(message) => message,
        Err(status) => return status.into_http(),
    };
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).expect("small"));
    framed.put(message);
    let fine = (
        HeaderName::from_static("grpc-status"),
        HeaderValue::from_static("0"),
    );
    let trailers = HeaderMap::from_iter([fine]);
    let body = Full::new(framed.freeze()).with_trailers(async { Some(Ok(trailers)) });
    let response = Response::builder().header("content-type", "application/grpc");
    response.body(Body::new(body)).expect("a response")
}
