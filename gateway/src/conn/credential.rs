//! What a client proves itself with, and the identity it proves.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, Uri, header};
use proto::{
    auth::{
        AuthenticateRequest, AuthenticateResponse, Client, IssueTokenRequest, Role,
        authenticate_request,
    },
    frame::CloseCode,
    id::{SessionId, Tenant, UserId},
    reason::Reason,
};
use rpc::Refusal;
use tonic::{Code, Status};

use crate::{App, address::ClientAddress, app::now_ms, config::Gateway, conn::handle::Who};

/// A token is renewed when less than this is left of it.
const RENEW_BEFORE_MS: i64 = 60_000;

/// A credential. Has no `Debug`: it must not be logged.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A single-use ticket.
    Ticket(String),
    /// An access token.
    AccessToken(String),
    /// The secret of a session.
    SessionToken(String),
}

impl Credential {
    /// Returns what the head of an upgrade carries, and whether a browser may have sent some of it by itself: a cookie.
    #[must_use]
    pub fn from_handshake(
        config: &Gateway,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> (Option<Self>, bool) {
        let cookie = cookie(headers, config.cookie_name());
        let has_cookie = cookie.is_some();
        let query = || config.query_credentials.then(|| from_query(uri)).flatten();
        let credential = bearer_subprotocol(headers)
            .map(Self::AccessToken)
            .or(cookie.map(Self::SessionToken))
            .or_else(query);
        (credential, has_cookie)
    }

    fn into_request(self) -> authenticate_request::Credential {
        match self {
            Self::Ticket(text) => authenticate_request::Credential::Ticket(text),
            Self::AccessToken(text) => authenticate_request::Credential::AccessToken(text),
            Self::SessionToken(text) => authenticate_request::Credential::SessionToken(text),
        }
    }
}

/// Returns the entries of `Sec-WebSocket-Protocol`, over all its lines.
pub fn subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

fn bearer_subprotocol(headers: &HeaderMap) -> Option<String> {
    use base64::Engine;
    let encoded = subprotocols(headers).find_map(|entry| entry.strip_prefix("bearer."))?;
    let token =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('='));
    // An entry that is no base64url is still a credential: one that proves nobody.
    Some(
        token
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default(),
    )
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

fn from_query(uri: &Uri) -> Option<Credential> {
    let pairs = uri
        .query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    for (name, value) in pairs {
        // Tokens are made of characters that need no escape but the space after `Bearer`.
        let value = value.replace("%20", " ").replace('+', " ");
        match name {
            "session" => return Some(Credential::SessionToken(value)),
            "Authorization" => {
                let token = value.strip_prefix("Bearer ").unwrap_or(&value);
                return Some(Credential::AccessToken(token.to_owned()));
            }
            _ => {}
        }
    }
    None
}

/// Who a connection speaks for.
pub struct Identity {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// `USER` or `ADMIN`.
    pub role: &'static str,
    /// Their tenant.
    pub tenant: Tenant,
    /// Their log-in.
    pub session_id: SessionId,
    /// The Origin of the upgrade, or empty.
    pub origin: String,
    /// Whether the services' token says something that is no longer so.
    is_outdated: AtomicBool,
    keys: tokio::sync::Mutex<Keys>,
}

struct Keys {
    credential: Credential,
    /// What services accept.
    token: Arc<str>,
    token_expires_at_ms: i64,
}

/// A verified identity, and when what proved it ends.
pub struct Proven {
    /// Who.
    pub identity: Identity,
    /// When the credential ends.
    pub expires_at_ms: i64,
    /// When the services' token must be renewed by the clock: only where nothing but that token can renew it.
    pub renew_at_ms: Option<i64>,
}

/// Verifies a credential.
///
/// # Errors
/// How the connection must be closed.
pub async fn prove(
    app: &App,
    credential: Credential,
    origin: &str,
    address: ClientAddress,
) -> Result<Proven, CloseCode> {
    let answer = authenticate(app, &credential, origin, Some(address))
        .await
        .map_err(|status| verdict(&status, &credential))?;
    let identity = identity(&answer, &credential, origin).ok_or(CloseCode::UpstreamUnavailable)?;
    let is_spent = matches!(credential, Credential::Ticket(_));
    Ok(Proven {
        identity,
        expires_at_ms: answer.credential_expires_at_ms,
        renew_at_ms: is_spent.then_some(answer.assertion_expires_at_ms - RENEW_BEFORE_MS),
    })
}

async fn authenticate(
    app: &App,
    credential: &Credential,
    origin: &str,
    address: Option<ClientAddress>,
) -> Result<AuthenticateResponse, Status> {
    let request = AuthenticateRequest {
        credential: Some(credential.clone().into_request()),
        origin: origin.to_owned(),
        client: address.map(|address| Client {
            address: address.0.to_string(),
            agent: String::new(),
        }),
    };
    Ok(app.auth.clone().authenticate(request).await?.into_inner())
}

/// Which goodbye a refused credential gets.
fn verdict(status: &Status, credential: &Credential) -> CloseCode {
    let refusal = Refusal::of(status);
    match (refusal.code, refusal.reason) {
        (_, Reason::TOKEN_EXPIRED) => CloseCode::TokenExpired,
        (_, Reason::BANNED) => CloseCode::Banned,
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
            if matches!(credential, Credential::SessionToken(_)) =>
        {
            CloseCode::SessionUnknown
        }
        (
            Code::Unauthenticated | Code::PermissionDenied | Code::InvalidArgument | Code::NotFound,
            _,
        ) => CloseCode::Unauthenticated,
        _ => CloseCode::UpstreamUnavailable,
    }
}

fn identity(
    answer: &AuthenticateResponse,
    credential: &Credential,
    origin: &str,
) -> Option<Identity> {
    let user = answer.user.as_ref()?;
    Some(Identity {
        user_id: user.user_id.parse().ok()?,
        name: user.name.clone(),
        role: if user.role() == Role::Admin {
            "ADMIN"
        } else {
            "USER"
        },
        tenant: answer.tenant.parse().ok()?,
        session_id: answer.session_id.parse().ok()?,
        origin: origin.to_owned(),
        is_outdated: AtomicBool::new(false),
        keys: tokio::sync::Mutex::new(Keys {
            credential: credential.clone(),
            token: answer.assertion.as_str().into(),
            token_expires_at_ms: answer.assertion_expires_at_ms,
        }),
    })
}

impl Identity {
    /// Returns whose connection it is.
    #[must_use]
    pub fn who(&self, address: ClientAddress) -> Who {
        Who {
            tenant: self.tenant.clone(),
            user: self.user_id,
            name: self.name.clone(),
            session: self.session_id,
            address: address.0,
        }
    }

    /// Takes note that the person has another name, which the services' token does not say yet.
    pub fn outdate(&self) {
        self.is_outdated.store(true, Ordering::Release);
    }

    /// Returns the token that services accept, renewed when it is outdated or about to end. One renewal at a time.
    ///
    /// # Errors
    /// Those of auth-svc.
    pub async fn token(&self, app: &App) -> Result<Arc<str>, Status> {
        let mut keys = self.keys.lock().await;
        if keys.token_expires_at_ms - now_ms() <= RENEW_BEFORE_MS {
            self.renew(app, &mut keys).await?;
        } else if self.is_outdated.swap(false, Ordering::AcqRel)
            && self.renew(app, &mut keys).await.is_err()
        {
            // Under the old name is better than not at all.
            self.outdate();
        }
        Ok(keys.token.clone())
    }

    /// Renews the services' token and returns when that must happen again.
    ///
    /// # Errors
    /// Those of auth-svc.
    pub async fn renew_by_clock(&self, app: &App) -> Result<Option<i64>, Status> {
        let mut keys = self.keys.lock().await;
        if keys.token_expires_at_ms - now_ms() <= RENEW_BEFORE_MS {
            self.renew(app, &mut keys).await?;
        }
        let is_spent = matches!(keys.credential, Credential::Ticket(_));
        Ok(is_spent.then_some(keys.token_expires_at_ms - RENEW_BEFORE_MS))
    }

    async fn renew(&self, app: &App, keys: &mut Keys) -> Result<(), Status> {
        if matches!(keys.credential, Credential::Ticket(_)) {
            // A ticket is used up: the token itself is what is left to ask with.
            let request = rpc::with_token(IssueTokenRequest {}, &keys.token);
            let answer = app.auth.clone().issue_token(request).await?.into_inner();
            keys.token = answer.access_token.into();
            keys.token_expires_at_ms = answer.expires_at_ms;
            return Ok(());
        }
        let answer = authenticate(app, &keys.credential, &self.origin, None).await?;
        keys.token = answer.assertion.into();
        keys.token_expires_at_ms = answer.assertion_expires_at_ms;
        Ok(())
    }

    /// Takes a new access token of the same user and session holder, and returns when it ends.
    ///
    /// # Errors
    /// When it does not verify, or is someone else's.
    pub async fn refresh(&self, app: &App, token: String) -> Result<i64, Status> {
        let credential = Credential::AccessToken(token);
        let answer = authenticate(app, &credential, &self.origin, None).await?;
        let is_same = answer
            .user
            .as_ref()
            .is_some_and(|user| user.user_id == self.user_id.to_string())
            && answer.tenant == self.tenant.as_str();
        if !is_same {
            return Err(rpc::status(
                Code::PermissionDenied,
                Reason::TOKEN_INVALID,
                "the token belongs to another user",
            ));
        }
        let mut keys = self.keys.lock().await;
        keys.credential = credential;
        keys.token = answer.assertion.into();
        keys.token_expires_at_ms = answer.assertion_expires_at_ms;
        Ok(answer.credential_expires_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("header"));
        }
        headers
    }

    #[test]
    fn a_bearer_subprotocol_is_a_credential() {
        let found =
            |value: &str| bearer_subprotocol(&headers(&[("sec-websocket-protocol", value)]));
        assert_eq!(
            found("hubbub.v1.json, bearer.YS5iLmM").as_deref(),
            Some("a.b.c")
        );
        assert_eq!(
            found("bearer.YS5iLmM=,hubbub.v1.json").as_deref(),
            Some("a.b.c")
        );
        assert_eq!(found("hubbub.v1.json"), None);
        assert_eq!(
            found("bearer.***").as_deref(),
            Some(""),
            "a bad one proves nobody"
        );
    }

    #[test]
    fn the_cookie_is_found_by_its_whole_name() {
        let found = |value: &str| cookie(&headers(&[("cookie", value)]), "__Host-sid");
        assert_eq!(found("a=b; __Host-sid=x=y; c=d").as_deref(), Some("x=y"));
        assert_eq!(found("x__Host-sid=1; __Host-sid2=2; __host-sid=3"), None);
    }

    #[test]
    fn query_forms() {
        let found = |uri: &str| from_query(&uri.parse().expect("uri"));
        let session = Some(Credential::SessionToken("s".into()));
        assert!(found("/v1/rt?a=b&session=s") == session);
        let token = Some(Credential::AccessToken("a.b-c_d".into()));
        assert!(found("/v1/rt?Authorization=Bearer%20a.b-c_d") == token);
        assert!(found("/v1/rt?Authorization=a.b-c_d") == token);
        assert!(found("/v1/rt").is_none() && found("/v1/rt?authorization=x").is_none());
    }

    #[test]
    fn each_refusal_has_its_goodbye() {
        let say = |code, reason| rpc::status(code, reason, "no");
        let token = Credential::AccessToken(String::new());
        let session = Credential::SessionToken(String::new());
        for (status, credential, expected) in [
            (
                say(Code::Unauthenticated, Reason::TOKEN_EXPIRED),
                &token,
                CloseCode::TokenExpired,
            ),
            (
                say(Code::Unauthenticated, Reason::TOKEN_INVALID),
                &token,
                CloseCode::Unauthenticated,
            ),
            (
                say(Code::Unauthenticated, Reason::TOKEN_INVALID),
                &session,
                CloseCode::SessionUnknown,
            ),
            (
                say(Code::Unauthenticated, Reason::SIGNATURE_INVALID),
                &token,
                CloseCode::Unauthenticated,
            ),
            (
                say(Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE),
                &token,
                CloseCode::UpstreamUnavailable,
            ),
            (
                Status::internal("x"),
                &session,
                CloseCode::UpstreamUnavailable,
            ),
        ] {
            assert_eq!(verdict(&status, credential), expected, "{status:?}");
        }
    }
}
