//! What a connection does about each thing that happens.

use proto::{
    event::MembershipChanged,
    frame::CloseCode,
    id::{RoomId, StreamId},
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tonic::{Code, Status};

use super::{Conn, Done, Event, Farewell, deadline, hello::Greeted, streams};
use crate::{
    conn::{handle::Control, socket, streams::Entered},
    fanout::Start,
    frame,
    relay::{Effect, KnownRoom, Outcome},
    session::Act,
};

/// A renewal that failed is tried again after this long.
const RENEW_AGAIN_MS: i64 = 10_000;

/// The credential ends soon.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct Expiring {
    /// When it ends, milliseconds since the epoch.
    expires_at: i64,
}

impl Conn {
    pub(super) fn act(&mut self, event: Event) -> Option<Farewell> {
        match event {
            Event::Message(message) => self.message(message),
            Event::Lost(error) => Some(lost(error.as_ref())),
            Event::Control(control) => self.control(control),
            Event::Greeted(greeted) => match *greeted {
                Ok(greeted) => {
                    self.greeted(greeted);
                    None
                }
                Err(code) => Some(code.into()),
            },
            Event::Done(done) => self.done(done),
            Event::Due => self.due(),
            Event::Overflow => {
                self.streams.rewind(&self.handle.outbound);
                None
            }
            Event::CatchUp => {
                if let Some(pull) = self.streams.catch_up(&self.app.receiver) {
                    self.jobs.push(Box::pin(async { Done::Pulled(pull.await) }));
                }
                None
            }
        }
    }

    fn message(&mut self, message: Message) -> Option<Farewell> {
        self.timing.heard(Instant::now());
        self.handle.heard();
        match message {
            Message::Text(text) => {
                metrics::counter!("hubbub_gateway_frames_in_total").increment(1);
                self.text(text.as_str())
            }
            Message::Binary(_) => Some(CloseCode::BadFrame.into()),
            Message::Close(_) => Some(Farewell::Peer),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => self.beat(),
        }
    }

    fn greeted(&mut self, greeted: Greeted) {
        self.slots.stranger = None;
        self.expires_at(greeted.expires_at_ms);
        self.timing.set_renewal(greeted.renew_at_ms.map(deadline));
        self.timing.set_visible(greeted.is_visible);
        for frame in greeted.frames {
            self.handle.outbound.reply(frame);
        }
        let identity = &greeted.context.identity;
        let tenant = identity.tenant.as_str().to_owned();
        metrics::counter!("connection_established_total", "tenant" => tenant).increment(1);
        let _entered = tracing::info_span!(parent: None, "ws.connect").entered();
        tracing::info!(
            event_type = "connection_established",
            connection_id = %self.handle.id,
            user_id = %identity.user_id,
            tenant_id = identity.tenant.as_str(),
            "a client is online"
        );
        let user = identity.user_id;
        for attachment in greeted.attachments {
            if let Some(notice) = attachment.notice {
                self.handle.outbound.reply(notice);
            }
            self.streams
                .attach(&self.handle, user, attachment.watch, attachment.start);
        }
        self.context = Some(greeted.context);
    }

    fn expires_at(&mut self, at_ms: i64) {
        self.expires_at_ms = at_ms;
        self.timing.set_expiry(deadline(at_ms));
    }

    fn due(&mut self) -> Option<Farewell> {
        while let Some(act) = self.timing.due(Instant::now(), self.socket.writing()) {
            match act {
                Act::Ping(n) => {
                    self.rest();
                    self.handle.outbound.ephemeral("ping", frame::ping(n));
                }
                Act::WarnOfExpiry => {
                    let expiring = Expiring {
                        expires_at: self.expires_at_ms,
                    };
                    self.handle
                        .outbound
                        .reply(frame::event("auth.expiring", &expiring));
                }
                Act::Renew => {
                    let (app, context) = (self.app.clone(), self.context.clone());
                    self.jobs.push(Box::pin(async move {
                        Done::Renewed(match context {
                            Some(context) => context.identity.renew_by_clock(&app).await,
                            None => Ok(None),
                        })
                    }));
                }
                Act::Close(code) => return Some(code.into()),
            }
        }
        None
    }

    fn control(&mut self, control: Control) -> Option<Farewell> {
        match control {
            Control::Close {
                code,
                retry_after_ms,
            } => {
                return Some(Farewell::Bye {
                    code,
                    retry_after_ms,
                });
            }
            Control::Left(stream) => self.let_go(stream),
            Control::Thawed => self.streams.find_behind(),
            Control::Renamed => {
                if let Some(context) = &self.context {
                    context.identity.outdate();
                }
            }
            Control::Membership(change) if self.joins > 0 => {
                self.forbid(&change);
                self.deferred.push_back(change);
            }
            Control::Membership(change) => self.membership(&change),
        }
        None
    }

    /// Gives back what it does not need while nothing happens.
    fn rest(&mut self) {
        self.handle.outbound.rest();
        self.streams.rest();
        self.deferred.shrink_to_fit();
        self.entering.shrink_to_fit();
        if let Some(context) = &self.context {
            context.rooms.lock().shrink_to_fit();
        }
    }

    fn let_go(&mut self, stream: StreamId) {
        self.streams.let_go(stream);
        if let Some(context) = &self.context {
            context.rooms.lock().remove(RoomId(stream.0));
        }
    }

    /// Takes a room that the user is no longer in out of what they may ask the log for, whatever has to wait.
    fn forbid(&self, change: &MembershipChanged) {
        if let (false, Some(context), Ok(room)) =
            (change.joined, &self.context, change.room.parse::<RoomId>())
        {
            context.rooms.lock().remove(room);
        }
    }

    fn membership(&mut self, change: &MembershipChanged) {
        let (Some(context), Ok(room)) = (self.context.clone(), change.room.parse::<RoomId>())
        else {
            return;
        };
        let stream = StreamId::from(room);
        if !change.joined {
            self.entering.retain(|entering| *entering != room);
            // The log is no longer theirs to ask for, even before the departure has been told.
            context.rooms.lock().remove(room);
            let is_told = self
                .streams
                .channel(stream)
                .is_some_and(|channel| channel.set_leaving(self.handle.id, true));
            if is_told {
                self.let_go(stream);
            }
            return;
        }
        let known = KnownRoom::new(&change.name, &change.kind);
        if let Some(channel) = self.streams.channel(stream) {
            channel.set_leaving(self.handle.id, false);
            context.rooms.lock().insert(room, known);
        } else if !self.entering.contains(&room) {
            self.entering.push(room);
            self.jobs.push(Box::pin(async move {
                Done::Entered(Box::new(streams::enter(context, room, known).await))
            }));
        }
    }

    fn done(&mut self, done: Done) -> Option<Farewell> {
        match done {
            Done::Request {
                outcome,
                lane,
                is_join,
            } => self.answered(outcome, lane.as_deref(), is_join),
            Done::Pulled(pull) => {
                self.streams.pulled(pull);
                None
            }
            Done::Entered(entered) => self.entered(*entered),
            Done::Renewed(renewed) => self.renewed(renewed),
        }
    }

    fn answered(
        &mut self,
        outcome: Outcome,
        lane: Option<&str>,
        is_join: bool,
    ) -> Option<Farewell> {
        self.requests -= 1;
        if let Some(reply) = outcome.reply {
            self.handle.outbound.reply(reply);
        }
        match outcome.effect {
            Effect::None => {}
            Effect::Joined(joined) => {
                let start = Start {
                    told: joined.head,
                    told_id: String::new(),
                    replay_to: 0,
                };
                self.follow(joined.room, joined.known, joined.watch, start);
            }
            Effect::Refreshed { expires_at_ms } => {
                self.timing.set_renewal(None);
                self.expires_at(expires_at_ms);
            }
            Effect::Watches(lookout) => lookout.go_live(),
            Effect::Broken => return Some(CloseCode::UpstreamUnavailable.into()),
        }
        if is_join {
            self.joins -= 1;
        }
        while self.joins == 0
            && let Some(change) = self.deferred.pop_front()
        {
            self.membership(&change);
        }
        if let Some(next) = lane.and_then(|lane| self.lanes.leave(lane)) {
            self.start(next, lane.map(ToOwned::to_owned));
        }
        None
    }

    fn follow(&mut self, room: RoomId, known: KnownRoom, watch: crate::hub::Watch, start: Start) {
        let Some(context) = &self.context else { return };
        context.rooms.lock().insert(room, known);
        self.streams
            .attach(&self.handle, context.identity.user_id, watch, start);
    }

    fn entered(&mut self, entered: Entered) -> Option<Farewell> {
        let place = self.entering.iter().position(|room| *room == entered.room);
        self.entering.swap_remove(place?);
        match entered.followed {
            Ok((watch, start)) => {
                self.follow(entered.room, entered.known, watch, start);
                None
            }
            // A room that cannot be followed: the client resumes and gets it whole.
            Err(_) => Some(CloseCode::UpstreamUnavailable.into()),
        }
    }

    fn renewed(&mut self, renewed: Result<Option<i64>, Status>) -> Option<Farewell> {
        match renewed {
            Ok(next) => self.timing.set_renewal(next.map(deadline)),
            Err(status) if status.code() == Code::Unauthenticated => {
                return Some(CloseCode::SessionUnknown.into());
            }
            Err(_) => {
                let again = crate::app::now_ms() + RENEW_AGAIN_MS;
                self.timing.set_renewal(Some(deadline(again)));
            }
        }
        None
    }
}

/// What an error of the socket says about the client.
fn lost(error: Option<&WsError>) -> Farewell {
    error
        .and_then(socket::verdict)
        .map_or(Farewell::Gone, Into::into)
}
