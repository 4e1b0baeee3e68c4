//! One type of request: what it costs, whom it waits for, what handles it, and what clients are told of it.

use std::num::NonZeroU32;

use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::{Answer, Context, Failure};
use crate::{error::Error, frame::Frame};

/// Makes a row from a type, the function that handles it, what it takes and what it answers.
macro_rules! route {
    ($kind:literal => $handler:path, $asked:ty => $answered:ty) => {
        $crate::relay::row::Route::new::<$asked, $answered>($kind, |context, frame| {
            Box::pin(async move {
                let asked: $asked = frame.payload()?;
                $handler(context, asked).await
            })
        })
    };
}
pub(super) use route;

/// Makes the row of a change: its function gets the idempotency key too.
macro_rules! keyed {
    ($kind:literal => $handler:path, $asked:ty => $answered:ty) => {
        $crate::relay::row::Route::new::<$asked, $answered>($kind, |context, frame| {
            Box::pin(async move {
                let key = frame.key()?;
                let asked: $asked = frame.payload()?;
                $handler(context, key, asked).await
            })
        })
        .keyed()
    };
}
pub(super) use keyed;

type Handler = for<'a> fn(&'a Context, &'a Frame) -> BoxFuture<'a, Result<Answer, Failure>>;

/// One type of request.
pub(super) struct Route {
    handler: Handler,
    /// What it costs.
    pub(super) weight: NonZeroU32,
    /// What it waits for.
    pub(super) lane: Option<Lane>,
    /// Whether it may end in a room that the connection did not follow before.
    pub(super) enters: bool,
    /// What clients are told of it.
    pub(super) row: Row,
}

/// What a request takes and what it is answered with.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The type.
    pub kind: &'static str,
    /// Whether it needs an idempotency key.
    pub is_keyed: bool,
    /// Describes the data of the request.
    pub asked: fn(&mut SchemaGenerator) -> Schema,
    /// Describes the data of the answer.
    pub answered: fn(&mut SchemaGenerator) -> Schema,
    /// The name of the answer's type.
    answer: fn() -> &'static str,
    /// Reads a request as its handler does.
    pub read: fn(&Frame) -> Result<(), Error>,
}

/// What keeps the order of a connection's requests.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    /// The room it is about.
    Room,
    /// The person it is written to.
    Recipient,
    /// Its type: the later of two undoes the earlier.
    Type,
}

impl Route {
    /// Makes a row of weight 1 that waits for nothing.
    pub(super) const fn new<Q, A>(kind: &'static str, handler: Handler) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: JsonSchema,
    {
        Self {
            handler,
            weight: NonZeroU32::MIN,
            lane: None,
            enters: false,
            row: Row {
                kind,
                is_keyed: false,
                asked: SchemaGenerator::subschema_for::<Q>,
                answered: SchemaGenerator::subschema_for::<A>,
                answer: std::any::type_name::<A>,
                read: |frame| frame.payload::<Q>().map(drop),
            },
        }
    }

    /// It needs an idempotency key.
    pub(super) const fn keyed(mut self) -> Self {
        self.row.is_keyed = true;
        self
    }

    /// It costs as much as two others.
    pub(super) const fn heavy(mut self) -> Self {
        self.weight = NonZeroU32::MIN.saturating_add(1);
        self
    }

    /// It waits for those before it that are about the same room.
    pub(super) const fn in_order_of_room(mut self) -> Self {
        self.lane = Some(Lane::Room);
        self
    }

    /// It waits for those before it that are written to the same person.
    pub(super) const fn in_order_of_recipient(mut self) -> Self {
        self.lane = Some(Lane::Recipient);
        self
    }

    /// It waits for those before it of the same type.
    pub(super) const fn in_order(mut self) -> Self {
        self.lane = Some(Lane::Type);
        self
    }

    /// It may end in a room that the connection did not follow before.
    pub(super) const fn entering(mut self) -> Self {
        self.enters = true;
        self
    }

    pub(super) async fn handle(&self, context: &Context, frame: &Frame) -> Result<Answer, Failure> {
        let answer = (self.handler)(context, frame).await?;
        // What clients are told of the answer is derived from the type in the row.
        debug_assert_eq!(answer.kind, (self.row.answer)(), "{}", self.row.kind);
        Ok(answer)
    }
}
