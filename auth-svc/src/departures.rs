//! Leaving: for a while, or for good.

use ::rpc::Caller;
use proto::id::UserId;
use secrecy::SecretString;
use sqlx::PgConnection;

use crate::{
    App, Error,
    db::{accounts, addresses, departures as db, sessions as session_rows},
    delays,
    events::Ending,
    jobs, logins,
    sessions::{self, Which},
};

/// Hides the caller's account and ends its sessions, until the next log-in.
pub(crate) async fn deactivate(
    app: &App,
    caller: &Caller,
    password: SecretString,
) -> Result<(), Error> {
    let account = logins::prove_caller(app, caller, password).await?;
    let (tenant, user_id) = (&caller.tenant, caller.user_id);
    let mut transaction = sessions::begin(app, caller).await?;
    refuse_last_admin(&mut transaction, caller).await?;
    if !db::update_deactivated(&mut transaction, &account).await? {
        return Err(Error::CredentialsInvalid);
    }
    let all = Which::All;
    let ended = sessions::end_in(&mut transaction, tenant, user_id, all, Ending::Revoked).await?;
    transaction.commit().await?;
    sessions::tell(app, ended).await;
    tracing::info!(event_type = "account_deactivated", user.id = %user_id, "account deactivated");
    Ok(())
}

/// Erases the caller's account: here now, in the other services by jobs.
pub(crate) async fn erase(app: &App, caller: &Caller, password: SecretString) -> Result<(), Error> {
    let account = logins::prove_caller(app, caller, password).await?;
    let (tenant, user_id) = (&caller.tenant, caller.user_id);
    let mut transaction = sessions::begin(app, caller).await?;
    refuse_last_admin(&mut transaction, caller).await?;
    if !db::update_erased(&mut transaction, &account).await? {
        return Err(Error::CredentialsInvalid);
    }
    // Said before the rows are gone: the sockets close by this event.
    let all = Which::All;
    let ended = sessions::end_in(&mut transaction, tenant, user_id, all, Ending::Revoked).await?;
    // Their tickets go with them.
    session_rows::delete_sessions(&mut transaction, tenant, user_id).await?;
    addresses::delete_sightings(&mut transaction, tenant, user_id).await?;
    delays::forget(&mut transaction, tenant, &account.name).await?;
    jobs::note_erasure(&mut transaction, tenant, user_id).await?;
    transaction.commit().await?;
    sessions::tell(app, ended).await;
    tracing::info!(event_type = "account_erased", user.id = %user_id, "account erased");
    Ok(())
}

/// An installation never loses its last administrator. Of two who leave at once the second waits here for the first.
async fn refuse_last_admin(connection: &mut PgConnection, caller: &Caller) -> Result<(), Error> {
    let admins = accounts::lock_admins(connection, &caller.tenant).await?;
    if is_last(&admins, caller.user_id) {
        return Err(Error::LastAdmin);
    }
    Ok(())
}

fn is_last(admins: &[UserId], user_id: UserId) -> bool {
    admins == [user_id]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_administrator_is_the_last() {
        let (root, ada) = (UserId::generate(), UserId::generate());
        assert!(is_last(&[root], root));
        assert!(!is_last(&[root], ada) && !is_last(&[root, ada], root) && !is_last(&[], ada));
    }
}
