//! Frames from the client: the greeting, what is answered on the spot, and requests.

use std::num::NonZeroU32;

use proto::frame::CloseCode;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::Instant;
use tracing::Instrument;

use super::{Conn, Done, Farewell, hello, trace};
use crate::{
    error::Error,
    frame::{self, Frame},
    limits::{self, Refusals},
    relay::{self, Empty},
};

/// What became of the client's window.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ClientState {
    /// Whether it is in view.
    visible: bool,
}

impl Conn {
    pub(super) fn text(&mut self, text: &str) -> Option<Farewell> {
        let frame = match Frame::parse(text) {
            Ok(frame) => frame,
            Err(malformed) => {
                tracing::debug!(connection_id = %self.handle.id, %malformed, "a bad frame");
                return Some(CloseCode::BadFrame.into());
            }
        };
        if self.context.is_none() {
            return self.hello(frame);
        }
        let frame = relay::native(frame);
        let weight = relay::weight(&frame.kind).unwrap_or(NonZeroU32::MIN);
        if let Err(wait) = self.charge(weight) {
            let refused = self.refusals().refuse(Instant::now(), wait, weight);
            self.refuse(&frame, Error::rate_limited(refused.wait));
            return refused.is_too_much.then(|| CloseCode::RateLimited.into());
        }
        self.online(frame);
        None
    }

    /// A ping or pong of WebSocket itself. The library answers it, so it must cost its sender something too.
    pub(super) fn beat(&mut self) -> Option<Farewell> {
        self.charge(NonZeroU32::MIN).err()?;
        let is_too_much = self.refusals().count(Instant::now());
        is_too_much.then(|| CloseCode::RateLimited.into())
    }

    fn refusals(&mut self) -> &mut Refusals {
        let limits = &self.app.limits;
        self.refusals
            .get_or_insert_with(|| Box::new(limits.refusals()))
    }

    fn hello(&mut self, frame: Frame) -> Option<Farewell> {
        // `connection` is the name that stock socket.io clients know the greeting by.
        if !matches!(frame.kind.as_str(), "hello" | "connection") {
            return Some(CloseCode::BadFrame.into());
        }
        let handshake = *self.handshake.take()?;
        self.timing.greeted();
        let (app, handle, presence) =
            (self.app.clone(), self.handle.clone(), self.presence.clone());
        self.greeting = Some(Box::pin(hello::greet(
            app, handle, presence, handshake, frame,
        )));
        None
    }

    fn charge(&self, weight: NonZeroU32) -> Result<(), std::time::Duration> {
        limits::charge(&self.bucket, weight)?;
        match &self.context {
            Some(context) => {
                self.app
                    .limits
                    .charge(context.identity.user_id, context.address, weight)
            }
            None => Ok(()),
        }
    }

    fn online(&mut self, frame: Frame) {
        match frame.kind.as_str() {
            "ping" => self.handle.outbound.reply(frame::pong(&frame)),
            "pong" => {}
            "hello" => self.refuse(&frame, Error::field("type", "hello was said already")),
            "connection" => self.confirm(&frame),
            "client.state" => match frame.payload::<ClientState>() {
                Ok(state) => {
                    self.timing.set_visible(state.visible);
                    self.looks(state.visible);
                    self.confirm(&frame);
                }
                Err(error) => self.refuse(&frame, error),
            },
            kind if relay::weight(kind).is_none() => self.refuse(&frame, relay::unknown_type()),
            _ if self.app.enforced.lease.is_over() => self.refuse(&frame, Error::cut_off()),
            _ => self.request(frame),
        }
    }

    fn looks(&self, is_visible: bool) {
        self.handle.set_visible(is_visible);
        if let Some(who) = self.handle.who.get() {
            self.app.hub.roster.looked((who.tenant.clone(), who.user));
        }
    }

    /// Answers a frame that asks for an answer.
    fn confirm(&self, frame: &Frame) {
        if let Some(id) = &frame.id {
            self.handle.outbound.reply(frame::ok(Some(id), &Empty {}));
        }
    }

    fn refuse(&self, frame: &Frame, error: Error) {
        let trace_id = trace::id(&trace::refusal(&self.handle, error.reason));
        let refused = frame::error(frame.id.as_deref(), &error.with_trace(trace_id));
        self.handle.outbound.reply(refused);
    }

    fn request(&mut self, frame: Frame) {
        let lane = self
            .context
            .as_ref()
            .and_then(|context| relay::lane(context, &frame));
        let frame = match &lane {
            Some(lane) => self.lanes.enter(lane, frame),
            None => Some(frame),
        };
        if let Some(frame) = frame {
            self.start(frame, lane);
        }
    }

    /// Starts a request; its end comes back as [`Done::Request`].
    pub(super) fn start(&mut self, frame: Frame, lane: Option<String>) {
        let Some(context) = self.context.clone() else {
            return;
        };
        let is_join = relay::enters(&frame.kind);
        self.requests += 1;
        self.joins += usize::from(is_join);
        let span = trace::request(&self.handle, &frame);
        let trace_id = trace::id(&span);
        let work = async move {
            let outcome = relay::handle(&context, &frame, trace_id).await;
            Done::Request {
                outcome,
                lane,
                is_join,
            }
        };
        self.jobs.push(Box::pin(work.instrument(span)));
    }
}
