//! Writing into private feeds.

use sqlx::PgConnection;
use stream::Append;

use crate::{Error, events::Committed};

/// Appends to private feeds in the caller's transaction; returns what to announce after its commit.
pub(crate) async fn append(
    connection: &mut PgConnection,
    appends: &[Append],
) -> Result<Committed, Error> {
    let results = stream::append_in(connection, appends).await?;
    if results.iter().any(Result::is_err) {
        return Err(Error::Internal(anyhow::anyhow!(
            "the private feed refused an event"
        )));
    }
    Ok(stream::events_of(appends, &results))
}
