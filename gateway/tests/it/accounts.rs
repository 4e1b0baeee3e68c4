//! Frames about the caller's own account: they need a password and no key.

use std::fmt::Debug;

use prost::Message;
use proto::{auth::*, reason::Reason};
use serde_json::json;
use tonic::{Code, Status};

use crate::{
    relayed::Relayed,
    world::{Client, World},
};

/// Checks a frame that is done at most once: a lost answer stays lost.
async fn once<Q, A>(world: &World, ada: &mut Client, relayed: Relayed<Q, A>)
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
    let wrong = Reason::CREDENTIALS_INVALID;
    let refusal = rpc::status(Code::Unauthenticated, wrong, "wrong password");
    world.script.refuses(call, refusal);
    let refused = ada.request(kind, None, &data).await;
    assert_eq!(refused["error"]["reason"], "CREDENTIALS_INVALID", "{kind}");
    world.script.answers(call, &answers);
    let done = ada.request(kind, None, &data).await;
    assert_eq!(
        (&done["type"], &done["data"]),
        (&json!("ok"), &reply),
        "{kind}"
    );
    let asked = world.script.asked::<Q>(call);
    assert_eq!(asked.len(), 2, "{kind}");
    assert_eq!(asked[1], ("ada".to_owned(), asks), "{kind}");
    world.script.refuses(call, Status::unknown("lost"));
    let unknown = ada.post(kind, None, &data).await;
    let mut asked = 0;
    while asked == 0 {
        // Each ping has its deadline.
        ada.request("ping", None, &json!({})).await;
        asked += world.script.asked::<Q>(call).len();
    }
    ada.request("room.list", None, &json!({})).await;
    asked += world.script.asked::<Q>(call).len();
    assert_eq!(asked, 1, "{kind}: not asked again");
    let is_answer = |frame: &serde_json::Value| frame["id"] == unknown.as_str();
    assert!(
        !ada.seen.iter().any(is_answer),
        "{kind}: unknown is not answered"
    );
    world.needs(ada, kind, &data, &["password"]).await;
}

#[tokio::test]
async fn an_account_is_renamed_hidden_and_erased() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let password = || "correct horse".to_owned();
    let rename = Relayed {
        kind: "account.rename",
        data: json!({"name": "ada_l", "password": password()}),
        call: "auth/ChangeName",
        asks: ChangeNameRequest {
            name: "ada_l".into(),
            password: password(),
        },
        answers: ChangeNameResponse {
            user: Some(User {
                user_id: "u1".into(),
                name: "ada_l".into(),
                role: Role::Admin.into(),
            }),
        },
        reply: json!({"user": {"id": "u1", "name": "ada_l", "role": "ADMIN"}}),
    };
    once(&world, &mut ada, rename).await;
    let deactivate = Relayed {
        kind: "account.deactivate",
        data: json!({"password": password()}),
        call: "auth/DeactivateAccount",
        asks: DeactivateAccountRequest {
            password: password(),
        },
        answers: DeactivateAccountResponse {},
        reply: json!({}),
    };
    once(&world, &mut ada, deactivate).await;
    let erase = Relayed {
        kind: "account.erase",
        data: json!({"password": password()}),
        call: "auth/EraseAccount",
        asks: EraseAccountRequest {
            password: password(),
        },
        answers: EraseAccountResponse {},
        reply: json!({}),
    };
    once(&world, &mut ada, erase).await;
}
