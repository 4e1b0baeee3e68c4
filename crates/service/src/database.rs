//! Brings the database up to date: migrations, and then the rights of the services' roles.

use std::io::ErrorKind;

use anyhow::{Context, bail};
use pg::grants::{self, Kind, Object};
use proto::database::{LOGINS, Login, Rights, Thing};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, migrate::Migrate};

use crate::{Service, authority, config::Settings};

/// Applies the service's migrations as the owner of the schemas, and grants what each service's role lacks.
///
/// Rights are granted on every schema that is there, not on the service's own alone: whoever comes last finds everything
/// that the others made.
///
/// # Errors
/// When there is no `[pg]` section, Postgres is away, or a migration or a grant fails.
pub(crate) async fn bring_up_to_date<S: Service>(settings: &Settings) -> anyhow::Result<()> {
    let migrators = S::migrators();
    if migrators.is_empty() {
        return Ok(());
    }
    let Some(pg) = &settings.pg else {
        bail!("{} needs a [pg] section (HUBBUB_PG__URL)", S::NAME)
    };
    let url = pg.migrate_url.as_ref().unwrap_or(&pg.url);
    authority::check_address(url).context("pg")?;
    let mut connection = PgConnection::connect(url.expose_secret())
        .await
        .context("postgres")?;
    // The advisory lock that migrators take, for longer: services that start together wait for each other, and nobody
    // grants rights on what another is making. It is given up with the connection.
    connection.lock().await.context("migration lock")?;
    for migrator in migrators {
        migrator.run(&mut connection).await.context("migration")?;
    }
    grant(&mut connection).await.context("grants")?;
    connection.close().await.context("postgres")
}

async fn grant(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let schemas: Vec<&str> = proto::database::schemas().collect();
    let roles = LOGINS.map(|login| login.role);
    for statement in grants::settle(connection, &schemas, &roles, rights).await? {
        tracing::warn!(
            event_type = "rights_beyond_table",
            statement,
            "a role may do more than it needs; if no other version of the product runs, say: {statement}"
        );
    }
    Ok(())
}

/// Says on `/readyz` why no connection comes about: what the server or its certificate is refused for is for people to
/// mend, and holds no secret.
pub(crate) fn obstacle(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Tls(why) => format!("not connected: {why}"),
        sqlx::Error::Io(why) if why.kind() == ErrorKind::InvalidData => {
            format!("not connected: {why}")
        }
        sqlx::Error::Database(why) => format!("not connected: {}", why.message()),
        _ => "not connected".into(),
    }
}

fn rights(role: &str, object: &Object) -> Rights {
    let thing = match object.kind {
        Kind::Schema => Thing::Schema,
        Kind::Table => Thing::Table(&object.name),
        Kind::View => Thing::View(&object.name),
        Kind::Function => Thing::Function(&object.name),
    };
    Login::find(role).map_or(&[], |login| login.rights(&object.schema, thing))
}
