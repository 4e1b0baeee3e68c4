//! One request, the call it becomes, and its answers: what is the same for every type of frame and every route.

use std::fmt::Debug;

use prost::Message;
use proto::reason::Reason;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::world::{Client, KEY, World};

/// A frame and the one call it becomes.
pub(crate) struct Relayed<Q, A> {
    /// The frame's type.
    pub(crate) kind: &'static str,
    /// The frame's data.
    pub(crate) data: Value,
    /// `<service>/<method>`.
    pub(crate) call: &'static str,
    /// What the service is asked.
    pub(crate) asks: Q,
    /// What the service answers.
    pub(crate) answers: A,
    /// What the client is answered.
    pub(crate) reply: Value,
}

/// A route and the one call it becomes.
pub(crate) struct Routed<Q, A> {
    /// Its method and path, and its older names.
    pub(crate) routes: &'static [&'static str],
    /// The body.
    pub(crate) body: Option<Value>,
    /// `<service>/<method>`.
    pub(crate) call: &'static str,
    /// What the service is asked.
    pub(crate) asks: Q,
    /// What the service answers.
    pub(crate) answers: A,
    /// The status and body of the answer.
    pub(crate) reply: (u16, Value),
}

fn refusal() -> Status {
    rpc::status(
        Code::PermissionDenied,
        Reason::ADMIN_REQUIRED,
        "not for you",
    )
}

impl World {
    /// Checks a frame that changes something: its fields, its refusal, its key, and that a lost answer is asked for
    /// again with the same key.
    pub(crate) async fn changes<Q, A>(&self, client: &mut Client, relayed: Relayed<Q, A>)
    where
        Q: Message + Default + Debug + PartialEq,
        A: Message,
    {
        let Relayed {
            kind,
            data,
            call,
            asks,
            answers,
            reply,
        } = relayed;
        let keyless = client.request(kind, None, &data).await;
        assert_eq!(
            keyless["error"]["fields"],
            json!({"key": "is needed"}),
            "{kind}"
        );
        assert!(self.script.asked::<Q>(call).is_empty(), "{kind}");
        self.script.refuses(call, refusal());
        let refused = client.request(kind, Some(KEY), &data).await;
        assert_eq!(refused["error"]["reason"], "ADMIN_REQUIRED", "{kind}");
        assert_eq!(self.script.asked::<Q>(call).len(), 1, "{kind}");
        let lost = Status::unknown("the answer is lost");
        let found = answers.encode_to_vec().into();
        self.script.replies(call, [Err(lost), Ok(found)]);
        let done = client.request(kind, Some(KEY), &data).await;
        assert_eq!(
            (&done["type"], &done["data"]),
            (&json!("ok"), &reply),
            "{kind}"
        );
        let asked = self.script.asked::<Q>(call);
        assert_eq!(asked.len(), 2, "{kind}: a lost answer is asked for again");
        for (caller, message) in asked {
            assert_eq!((caller.as_str(), &message), ("ada", &asks), "{kind}");
        }
    }

    /// Checks a frame that asks a question: its fields and its refusal; it needs no key.
    pub(crate) async fn asks<Q, A>(&self, client: &mut Client, relayed: Relayed<Q, A>)
    where
        Q: Message + Default + Debug + PartialEq,
        A: Message,
    {
        let Relayed {
            kind,
            data,
            call,
            asks,
            answers,
            reply,
        } = relayed;
        self.script.refuses(call, refusal());
        let refused = client.request(kind, None, &data).await;
        assert_eq!(refused["error"]["reason"], "ADMIN_REQUIRED", "{kind}");
        self.script.answers(call, &answers);
        self.script.asked::<Q>(call);
        let done = client.request(kind, None, &data).await;
        assert_eq!(
            (&done["type"], &done["data"]),
            (&json!("ok"), &reply),
            "{kind}"
        );
        let asked = self.script.asked::<Q>(call);
        assert_eq!(asked, [("ada".to_owned(), asks)], "{kind}");
    }

    /// Checks that a frame without one of the fields it needs is refused for that field.
    pub(crate) async fn needs(
        &self,
        client: &mut Client,
        kind: &str,
        data: &Value,
        fields: &[&str],
    ) {
        for field in fields {
            let mut data = data.clone();
            data.as_object_mut().expect("an object").remove(*field);
            let refused = client.request(kind, Some(KEY), &data).await;
            assert_eq!(
                refused["error"]["fields"],
                json!({*field: "is needed"}),
                "{kind} without {field}"
            );
        }
    }

    /// Checks a route under all its names: its fields, its refusal, and that strangers are sent away.
    pub(crate) async fn routes<Q, A>(&self, routed: Routed<Q, A>)
    where
        Q: Message + Default + Debug + PartialEq,
        A: Message,
    {
        for route in routed.routes {
            let body = routed.body.as_ref();
            let stranger = self.http("", route, body).await;
            assert_eq!(stranger.status, 401, "{route}");
            assert_eq!(stranger.json()["reason"], "TOKEN_MISSING", "{route}");
            assert!(self.script.asked::<Q>(routed.call).is_empty(), "{route}");
            self.script.refuses(routed.call, refusal());
            let refused = self.http("ada", route, body).await;
            assert_eq!(refused.status, 403, "{route}");
            let kind = &refused.headers["content-type"];
            assert_eq!(kind, "application/problem+json", "{route}");
            assert_eq!(refused.json()["reason"], "ADMIN_REQUIRED", "{route}");
            self.script.answers(routed.call, &routed.answers);
            self.script.asked::<Q>(routed.call);
            let done = self.http("ada", route, body).await;
            assert_eq!((done.status, done.json()), routed.reply, "{route}");
            let asked = self.script.asked::<Q>(routed.call);
            let [(caller, message)] = asked.as_slice() else {
                panic!("{route} makes one call: {asked:?}");
            };
            assert_eq!((caller.as_str(), message), ("ada", &routed.asks), "{route}");
        }
    }
}
