//! Who sends a request: a bearer or the cookie, resolved to an assertion that services accept.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use moka::future::Cache;
use proto::{
    auth::{
        AuthenticateRequest, AuthenticateResponse, User,
        authenticate_request::Credential as Presented,
    },
    id::UserId,
};
use tonic::{Request, Status};

use super::{Rest, guard, problem::Problem};
use crate::{address::ClientAddress, app::now_ms, error::Error};

/// How long an answer may be reused: a session that ended elsewhere works here no longer than this.
const REMEMBERED: Duration = Duration::from_secs(2);
/// Most remembered answers.
const REMEMBERED_MAX: u64 = 20_000;
/// How session tokens begin; access tokens begin otherwise.
const SESSION_TOKEN: &str = "hs_";

/// The answers of auth-svc, by the credential's hash. Misses of one credential share one call.
pub(crate) struct Known(Cache<[u8; 32], Arc<AuthenticateResponse>>);

impl Default for Known {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(REMEMBERED_MAX)
            .time_to_live(REMEMBERED);
        Self(cache.support_invalidation_closures().build())
    }
}

impl Known {
    /// Forgets everything that was proved by one session.
    pub(crate) fn forget_session(&self, session_id: &str) {
        let session_id = session_id.to_owned();
        self.forget(move |proved| proved.session_id == session_id);
    }

    /// Forgets everything about a person.
    pub(crate) fn forget_user(&self, user_id: &str) {
        let user_id = user_id.to_owned();
        self.forget(move |proved| {
            proved
                .user
                .as_ref()
                .is_some_and(|user| user.user_id == user_id)
        });
    }

    fn forget(&self, matches: impl Fn(&AuthenticateResponse) -> bool + Send + Sync + 'static) {
        self.0
            .invalidate_entries_if(move |_, proved| matches(proved))
            .expect("the cache was built with support for closures");
    }
}

/// A credential as a request presents it.
enum Credential {
    Session(String),
    Access(String),
}

impl Credential {
    fn hash(&self) -> [u8; 32] {
        match self {
            Self::Session(token) => stream::fingerprint(&[b"session", token.as_bytes()]),
            Self::Access(token) => stream::fingerprint(&[b"access", token.as_bytes()]),
        }
    }

    fn into_presented(self) -> Presented {
        match self {
            Self::Session(token) => Presented::SessionToken(token),
            Self::Access(token) => Presented::AccessToken(token),
        }
    }
}

/// The proved sender of a request.
pub(crate) struct Signed {
    /// Who it is.
    pub(crate) user: User,
    /// The log-in it belongs to.
    pub(crate) session_id: String,
    assertion: String,
}

impl Signed {
    /// Makes a call on this person's behalf.
    pub(crate) fn call<T>(&self, message: T) -> Request<T> {
        rpc::with_token(message, &self.assertion)
    }
}

impl FromRequestParts<Arc<Rest>> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, rest: &Arc<Rest>) -> Result<Self, Problem> {
        // What was proved lately may have been taken back: over REST as over a socket, nothing is accepted meanwhile.
        if rest.app.enforced.lease.is_over() {
            return Err(Error::cut_off().into());
        }
        let (credential, is_cookie) = find(rest, &parts.headers)?;
        if is_cookie && guard::changes(&parts.method) && !guard::is_ours(rest, &parts.headers) {
            return Err(guard::refused());
        }
        let proved = prove(rest, credential).await?;
        let user = proved.user.clone().unwrap_or_default();
        charge(rest, parts, &user)?;
        Ok(Self {
            user,
            session_id: proved.session_id.clone(),
            assertion: proved.assertion.clone(),
        })
    }
}

/// The credential of a request: an `Authorization` header decides alone; the cookie counts only without one.
fn find(rest: &Rest, headers: &HeaderMap) -> Result<(Credential, bool), Problem> {
    if let Some(header) = headers.get(header::AUTHORIZATION) {
        let token = header.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim().to_owned())
        });
        let token = token.ok_or_else(Problem::token_missing)?;
        let is_session = token.starts_with(SESSION_TOKEN);
        let credential = if is_session {
            Credential::Session(token)
        } else {
            Credential::Access(token)
        };
        return Ok((credential, false));
    }
    let cookies = CookieJar::from_headers(headers);
    let cookie = cookies.get(rest.app.config.gateway.cookie_name());
    let token = cookie
        .map(|cookie| cookie.value().to_owned())
        .ok_or_else(Problem::token_missing)?;
    Ok((Credential::Session(token), true))
}

async fn prove(rest: &Rest, credential: Credential) -> Result<Arc<AuthenticateResponse>, Problem> {
    let hash = credential.hash();
    if let Some(proved) = rest.known.0.get(&hash).await {
        if proved.credential_expires_at_ms > now_ms() {
            return Ok(proved);
        }
        rest.known.0.invalidate(&hash).await;
    }
    let mut auth = rest.app.auth.clone();
    let asked = async move {
        let request = AuthenticateRequest {
            credential: Some(credential.into_presented()),
            origin: String::new(),
            client: None,
        };
        auth.authenticate(request)
            .await
            .map(|answer| Arc::new(answer.into_inner()))
    };
    let proved = rest.known.0.try_get_with(hash, asked).await;
    proved.map_err(|status: Arc<Status>| Problem::from(status.as_ref()))
}

fn charge(rest: &Rest, parts: &Parts, user: &User) -> Result<(), Problem> {
    let (Some(address), Ok(user_id)) = (
        parts.extensions.get::<ClientAddress>(),
        user.user_id.parse::<UserId>(),
    ) else {
        return Ok(());
    };
    let charged = rest.app.limits.charge(user_id, *address, NonZeroU32::MIN);
    charged.map_err(|wait| Problem::from(Error::rate_limited(wait)))
}
