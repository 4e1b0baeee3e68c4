//! From any credential to a verified identity.

use std::net::IpAddr;

use proto::reason::Reason;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, Error, addresses,
    sessions::{self, Identity},
    tickets,
    tokens::{self, Audience, Issued},
};

/// What a client presents.
pub enum Credential {
    /// Nothing.
    Missing,
    /// A single-use ticket.
    Ticket(SecretString),
    /// An access token.
    AccessToken(SecretString),
    /// The secret of a cookie.
    SessionToken(SecretString),
}

/// Why a credential proves nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There was none.
    #[error("a credential is needed")]
    Missing,
    /// It has not the form of one of ours, or is for another audience.
    #[error("the credential is not valid here")]
    Malformed,
    /// Its time is over.
    #[error("the credential's time is over")]
    Expired,
    /// Its signature does not verify.
    #[error("the token's signature does not verify")]
    BadSignature,
    /// Its session ended, or it was used up, or nobody ever had it.
    #[error("the credential is not valid any more")]
    Revoked,
}

impl Rejection {
    /// Returns the class for logs and metrics.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Expired => "expired",
            Self::BadSignature => "bad_signature",
            Self::Revoked => "revoked",
        }
    }

    /// Returns the reason on the wire.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Missing => Reason::TOKEN_MISSING,
            Self::Malformed | Self::Revoked => Reason::TOKEN_INVALID,
            Self::Expired => Reason::TOKEN_EXPIRED,
            Self::BadSignature => Reason::SIGNATURE_INVALID,
        }
    }
}

/// A verified identity.
pub struct Authenticated {
    /// Who it is.
    pub identity: Identity,
    /// The token for calls between services.
    pub assertion: Issued,
    /// When the presented credential ends.
    pub credential_expires_at_ms: i64,
}

/// Verifies a credential and that its session lives.
///
/// # Errors
/// [`Error::Rejected`] with the reason.
pub async fn authenticate(
    app: &App,
    credential: Credential,
    origin: &str,
    address: Option<IpAddr>,
) -> Result<Authenticated, Error> {
    let (identity, ends) = match credential {
        Credential::Missing => return Err(Rejection::Missing.into()),
        Credential::Ticket(ticket) => (
            tickets::consume(app, ticket.expose_secret(), origin).await?,
            None,
        ),
        Credential::SessionToken(token) => {
            (sessions::by_token(app, token.expose_secret()).await?, None)
        }
        Credential::AccessToken(token) => {
            let claims = tokens::verify(&app.keyring, token.expose_secret())?;
            let identity = sessions::by_id(app, &claims.tenant, claims.sid).await?;
            if identity.user_id != claims.sub {
                return Err(Rejection::Malformed.into());
            }
            (identity, i64::try_from(claims.exp * 1000).ok())
        }
    };
    addresses::note_proof(app, &identity.tenant, identity.user_id, address).await;
    let assertion = tokens::issue(&app.keyring, &identity, Audience::Internal)?;
    let credential_expires_at_ms = ends.unwrap_or(identity.expires_at_ms);
    Ok(Authenticated {
        identity,
        assertion,
        credential_expires_at_ms,
    })
}

/// Logs and counts a failure that says something about who tried.
pub(crate) fn record_failure(error: &Error) {
    let error_type = match error {
        Error::Rejected(rejection) => rejection.class(),
        Error::CredentialsInvalid => "credentials",
        Error::Banned => "banned",
        Error::Delayed { .. } => "delayed",
        _ => return,
    };
    metrics::counter!("authentication_failed_total", "error_type" => error_type).increment(1);
    tracing::info!(
        event_type = "authentication_failed",
        error_type,
        "authentication failed"
    );
}
