//! How fast one may guess: a growing delay per name, and a count per minute and address.
//!
//! Both are charged before the password is looked at, in one statement each, so that attempts in parallel cannot slip
//! through together; a success gives the charge back. Names that nobody has are treated the same.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use proto::id::Tenant;
use sqlx::PgConnection;

use crate::{
    App, Error,
    db::login_delays as db,
    secrets::{Hash, sha256},
};

/// A charged attempt on a name from an address.
pub(crate) struct Attempt {
    tenant: Tenant,
    account: Hash,
    address: Option<Hash>,
}

/// Charges an attempt to sign in, or says how long to wait. `name` need not be a valid one.
pub(crate) async fn begin(
    app: &App,
    tenant: &Tenant,
    name: &str,
    address: Option<IpAddr>,
) -> Result<Attempt, Error> {
    charge_address(app, tenant, address).await?;
    let address = Some(address_subject(address));
    charge_account(app, tenant, name, address).await
}

/// Charges an attempt to prove a password on an open session: no address is known, and none is needed.
pub(crate) async fn begin_for_session(
    app: &App,
    tenant: &Tenant,
    name: &str,
) -> Result<Attempt, Error> {
    charge_account(app, tenant, name, None).await
}

async fn charge_account(
    app: &App,
    tenant: &Tenant,
    name: &str,
    address: Option<Hash>,
) -> Result<Attempt, Error> {
    let account = account_subject(name);
    if !db::charge_account(&app.db, tenant, &account, &app.config.limits).await? {
        let after = db::find_account_wait(&app.db, tenant, &account).await?;
        return Err(delayed(after));
    }
    Ok(Attempt {
        tenant: tenant.clone(),
        account,
        address,
    })
}

/// Charges a sign-up or a log-in to an address.
pub(crate) async fn charge_address(
    app: &App,
    tenant: &Tenant,
    address: Option<IpAddr>,
) -> Result<(), Error> {
    let subject = address_subject(address);
    let per_minute = app.config.limits.address_per_minute;
    if db::charge_address(&app.db, tenant, &subject, per_minute).await? {
        return Ok(());
    }
    let after = db::find_address_wait(&app.db, tenant, &subject).await?;
    Err(delayed(after))
}

/// Forgets the failures on a name that is given up.
pub(crate) async fn forget(
    connection: &mut PgConnection,
    tenant: &Tenant,
    name: &str,
) -> Result<(), Error> {
    Ok(db::delete_account(connection, tenant, &account_subject(name)).await?)
}

impl Attempt {
    /// The password was right: the name starts afresh and the address gets its charge back.
    pub(crate) async fn succeed(&self, app: &App) -> Result<(), Error> {
        db::delete_account(&app.db, &self.tenant, &self.account).await?;
        self.refund_address(app).await
    }

    /// The password was never looked at.
    pub(crate) async fn refund(&self, app: &App) -> Result<(), Error> {
        db::refund_account(&app.db, &self.tenant, &self.account).await?;
        self.refund_address(app).await
    }

    async fn refund_address(&self, app: &App) -> Result<(), Error> {
        if let Some(address) = &self.address {
            db::refund_address(&app.db, &self.tenant, address).await?;
        }
        Ok(())
    }
}

/// Callers that are told 0 ms come back at once; the clock moved on between charge and look, so one is enough.
fn delayed(wait_ms: Option<i64>) -> Error {
    let wait_ms = wait_ms
        .and_then(|ms| u64::try_from(ms).ok())
        .unwrap_or(0)
        .max(1);
    Error::Delayed {
        after: Duration::from_millis(wait_ms),
    }
}

fn account_subject(name: &str) -> Hash {
    sha256(&[b"account", name.to_lowercase().as_bytes()])
}

/// Returns what an address is counted as: itself for IPv4, its /64 for IPv6. Callers without one share one count.
fn address_subject(address: Option<IpAddr>) -> Hash {
    let text = match address.map(|address| address.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    };
    sha256(&[b"address", text.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_site_counts_as_one_and_mapped_ipv4_as_ipv4() {
        let subject = |text: &str| address_subject(Some(text.parse().expect("an address")));
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:2"));
        assert_ne!(subject("2001:db8:0:1::1"), subject("2001:db8:0:2::1"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
