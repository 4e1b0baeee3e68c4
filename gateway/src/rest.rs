//! The REST façade: every route, its OpenAPI description, and the page that shows both.
//!
//! A request's way: [`guard`] (headers) → [`observe`] (span, metrics, panics) → [`guard`] (origins, CORS) → a handler,
//! whose extractors read the input and prove the sender → one call to a service → an answer or a [`problem`].

mod accounts;
mod bans;
mod blocks;
mod credential;
mod export;
mod friends;
mod guard;
mod input;
mod invites;
mod lifecycle;
mod notifications;
mod observe;
mod problem;
mod rooms;
mod search;
mod sessions;
mod shape;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde::Serialize;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{App, config::Gateway, site};
use problem::Problem;

/// What the handlers use.
pub(crate) struct Rest {
    pub(crate) app: Arc<App>,
    /// Credentials proved lately.
    pub(crate) known: credential::Known,
}

/// Makes the routes of REST, of the API browser and of the page, and puts those of `realtime` beside them. Whatever is
/// answered, by whichever of them, tells browsers the same about what it may be used for.
pub fn router(app: Arc<App>, realtime: Router) -> Router {
    let rest = Arc::new(Rest {
        app,
        known: credential::Known::default(),
    });
    let (described, api) = described(rest.app.config.gateway.cookie_name()).split_for_parts();
    described
        .merge(aliases())
        .with_state(rest.clone())
        .merge(
            SwaggerUi::new("/docs")
                .url("/openapi.json", api)
                .config(browser()),
        )
        .fallback_service(any(page).with_state(rest.clone()))
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(rest, guard::origins))
        .layer(from_fn(observe::observe))
        .merge(realtime.method_not_allowed_fallback(no_such_method))
        .layer(from_fn(guard::headers))
}

async fn no_such_method() -> Problem {
    Problem::not_found(
        StatusCode::METHOD_NOT_ALLOWED,
        "this route has no such method",
    )
}

/// Adds to an answer that no route made what every answer tells browsers.
pub fn bound(response: Response) -> Response {
    guard::bound(response)
}

/// Returns the OpenAPI document of a server with a secure cookie.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    described(Gateway::SECURE_COOKIE).into_openapi()
}

/// The routes that the OpenAPI document describes.
fn described(cookie: &'static str) -> OpenApiRouter<Arc<Rest>> {
    let mut api = Description::openapi();
    Security(cookie).modify(&mut api);
    OpenApiRouter::with_openapi(api)
        .routes(routes!(accounts::sign_up))
        .routes(routes!(accounts::log_in))
        .routes(routes!(accounts::log_out))
        .routes(routes!(accounts::account))
        .routes(routes!(accounts::change_password))
        .routes(routes!(lifecycle::rename))
        .routes(routes!(lifecycle::deactivate))
        .routes(routes!(lifecycle::erase))
        .routes(routes!(export::export))
        .routes(routes!(sessions::issue_ticket))
        .routes(routes!(sessions::issue_token))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::revoke_session))
        .routes(routes!(sessions::jwks))
        .routes(routes!(rooms::list_rooms, rooms::create_room))
        .routes(routes!(rooms::list_messages))
        .routes(routes!(invites::list_invites, invites::create_invite))
        .routes(routes!(invites::accept_invite))
        .routes(routes!(search::search))
        .routes(routes!(friends::add_friend))
        .routes(routes!(friends::remove_friend))
        .routes(routes!(friends::list_friends))
        .routes(routes!(blocks::add_block))
        .routes(routes!(blocks::remove_block))
        .routes(routes!(blocks::list_blocks))
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(bans::ban))
        .routes(routes!(bans::unban))
}

/// Serves the web client's files. Their paths are below no route: the client keeps its places behind `#`.
async fn page(
    State(rest): State<Arc<Rest>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match &rest.app.site {
        Some(site) => site.serve(&method, &uri, &headers),
        None => (uri.path() == "/").then(site::absent),
    }
    .unwrap_or_else(|| nothing_here().into_response())
}

/// The short names of some routes, with the same handlers.
fn aliases() -> Router<Arc<Rest>> {
    Router::new()
        .route("/signup", post(accounts::sign_up))
        .route("/login", post(accounts::log_in))
        .route("/logout", post(accounts::log_out))
        .route("/account", get(accounts::account))
        .route("/rooms", get(rooms::list_rooms).post(rooms::create_room))
        .route("/users/add", post(friends::add_friend))
        .route("/users/remove", post(friends::remove_friend))
        .route("/users/friends", get(friends::list_friends))
        .route("/users/block", post(blocks::add_block))
        .route("/users/unblock", post(blocks::remove_block))
        .route("/users/blocks", get(blocks::list_blocks))
        .route("/users/ban", post(bans::ban))
        .route("/users/unban", post(bans::unban))
        .route("/v1/jwks", get(sessions::jwks))
}

fn browser() -> Config<'static> {
    // The default asks a stranger's server to validate the document.
    Config::default()
        .validator_url("none")
        .try_it_out_enabled(true)
        .with_credentials(true)
}

/// Makes the answer to a path that does not exist.
pub(crate) fn nothing_here() -> Problem {
    Problem::not_found(StatusCode::NOT_FOUND, "there is nothing here")
}

/// Makes an answer of JSON.
pub(crate) fn answer<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => {
            let kind = [(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )];
            (status, kind, text).into_response()
        }
        Err(_) => Problem::internal().into_response(),
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hubbub",
        description = "REST of a realtime chat platform. Messages are sent and received over the WebSocket at `/v1/rt`; \
            everything here is for signing in, tickets, reading, and what is done seldom. Refusals are `application/problem+json`; programs \
            decide by `reason`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "The gateway that serves this document")),
    security(("bearer" = []), ("cookie" = [])),
    tags(
        (name = "accounts", description = "Signing up, logging in and out; the account itself"),
        (name = "sessions", description = "Sessions, tokens, tickets and keys"),
        (name = "rooms", description = "Rooms, invitations and the pages of their messages"),
        (name = "people", description = "Friends, blocks and notifications"),
        (name = "moderation", description = "What administrators do"),
    )
)]
struct Description;

/// The ways to prove who one is; the cookie has the configured name.
struct Security(&'static str);

impl Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let cookie = ApiKey::Cookie(ApiKeyValue::new(self.0));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}
