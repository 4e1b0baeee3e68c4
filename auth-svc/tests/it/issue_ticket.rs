//! IssueTicket: single use, one Origin, 30 seconds.

use proto::{
    auth::{
        AuthenticateRequest, AuthenticateResponse, Grant, IssueTicketRequest, LogOutRequest,
        auth_service_server::AuthService, authenticate_request::Credential,
    },
    reason::Reason,
};
use tonic::{Code, Request, Status};

use crate::world::{World, by, refusal};

const ORIGIN: &str = "https://chat.example";
const INVALID: (Code, Reason) = (Code::Unauthenticated, Reason::TOKEN_INVALID);

async fn issue(world: &World, grant: &Grant) -> String {
    let request = by(
        grant,
        IssueTicketRequest {
            origin: ORIGIN.into(),
        },
    );
    world
        .app
        .issue_ticket(request)
        .await
        .expect("issues")
        .into_inner()
        .ticket
}

async fn present(
    world: &World,
    ticket: &str,
    origin: &str,
) -> Result<AuthenticateResponse, Status> {
    let credential = Some(Credential::Ticket(ticket.into()));
    let request = AuthenticateRequest {
        credential,
        origin: origin.into(),
        client: None,
    };
    world
        .app
        .authenticate(Request::new(request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_ticket_works_once() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let ticket = issue(&world, &ada).await;
    let identity = present(&world, &ticket, ORIGIN)
        .await
        .expect("authenticates");
    assert_eq!(identity.user, ada.user);
    assert_eq!(identity.session_id, ada.session_id);
    assert_eq!(refusal(present(&world, &ticket, ORIGIN).await), INVALID);

    let ticket = issue(&world, &ada).await;
    let many = futures::future::join_all((0..8).map(|_| present(&world, &ticket, ORIGIN))).await;
    assert_eq!(many.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_ticket_for_another_origin_is_spent() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    for foreign in [
        "",
        "null",
        "https://chat.example.evil",
        "HTTPS://chat.example",
    ] {
        let ticket = issue(&world, &ada).await;
        assert_eq!(
            refusal(present(&world, &ticket, foreign).await),
            INVALID,
            "{foreign}"
        );
        assert_eq!(refusal(present(&world, &ticket, ORIGIN).await), INVALID);
    }
}

#[tokio::test]
async fn a_late_or_forged_ticket_is_refused() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let ticket = issue(&world, &ada).await;
    let late =
        sqlx::query!("update auth.ticket set expires_at = expires_at - interval '30 seconds'");
    late.execute(&world.db).await.expect("writes");
    let answer = present(&world, &ticket, ORIGIN).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_EXPIRED)
    );
    let forged = format!("ht_{}", "A".repeat(43));
    for bad in [forged.as_str(), "ht_", "nonsense", &ada.session_token] {
        assert_eq!(
            refusal(present(&world, bad, ORIGIN).await),
            INVALID,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_ticket_dies_with_its_session() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let ticket = issue(&world, &ada).await;
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");
    assert_eq!(refusal(present(&world, &ticket, ORIGIN).await), INVALID);
    let request = by(
        &ada,
        IssueTicketRequest {
            origin: ORIGIN.into(),
        },
    );
    assert_eq!(refusal(world.app.issue_ticket(request).await), INVALID);
}

#[tokio::test]
async fn an_origin_that_is_none_is_a_bad_field() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    for origin in ["https://a b", "x\0", &"o".repeat(513)] {
        let request = by(
            &ada,
            IssueTicketRequest {
                origin: origin.into(),
            },
        );
        let answer = world.app.issue_ticket(request).await;
        assert_eq!(
            refusal(answer),
            (Code::InvalidArgument, Reason::FIELD_INVALID)
        );
    }
}
