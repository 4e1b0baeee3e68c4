//! Where secrets come from that no person has, and where all of them are looked for.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use devstack::{fleet::Kind, secrets};
use futures::TryStreamExt;
use sqlx::{Connection, PgConnection, Row};

use super::{Canaries, Search, Searched};
use crate::faultlab::lab::Lab;

/// Plants what the processes of a lab know: the keys for the bus, the key of keys, the administrator's password.
///
/// # Errors
/// When one of them cannot be read.
pub fn infrastructure(lab: &Lab, canaries: &Canaries) -> Result<()> {
    let dir = lab.fleet.dir();
    for kind in Kind::ALL {
        let key = secrets::bus_key(dir, kind.name())?;
        let seed = fs::read_to_string(&key.file).context("a key for the bus")?;
        canaries.plant("a key for the bus", seed.trim());
    }
    canaries.plant("the key of the signing keys", &secrets::master_key(dir)?);
    canaries.plant("the administrator's password", lab.fleet.admin().1);
    Ok(())
}

/// Looks for canaries in every log of the lab, stores included, and in every table of its database. `control` is a word
/// that must stand in a table.
///
/// # Errors
/// When a place cannot be read, or no table holds `control`: then the search proves nothing.
pub async fn search(lab: &Lab, canaries: &Canaries, control: &str) -> Result<Searched> {
    let mut search = canaries.search(control)?;
    for path in logs(&lab.fleet.dir().join("logs"))? {
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        search.read(&name_of(&path), file)?;
    }
    let has_control = search_tables(lab, &mut search).await?;
    ensure!(
        has_control,
        "the search does not find {control} in any table"
    );
    Ok(search.searched)
}

/// Reads every table as text, as a dump writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "a statement of the server's own catalogue, which no schema of ours describes"
)]
async fn search_tables(lab: &Lab, search: &mut Search) -> Result<bool> {
    let mut postgres = PgConnection::connect(&lab.fleet.stores.postgres_url()).await?;
    let tables = sqlx::query(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema') order by 1",
    )
    .fetch_all(&mut postgres)
    .await?;
    let mut has_control = false;
    for row in tables {
        let table: String = row.try_get(0)?;
        let copy = format!("copy (select * from {table}) to stdout");
        let rows = postgres.copy_out_raw(&copy).await?;
        let text = rows.try_fold(Vec::new(), |mut text, part| async move {
            text.extend_from_slice(&part);
            Ok(text)
        });
        let text = text.await.with_context(|| table.clone())?;
        has_control |= search.read(&table, text.as_slice())?;
    }
    postgres.close().await?;
    Ok(has_control)
}

fn logs(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
