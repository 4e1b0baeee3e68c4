//! Makes `.sqlx/`, the cache that lets the workspace build without a database.
//!
//! The macros of sqlx write a file per query into `SQLX_OFFLINE_DIR` while they check it against a live database, so
//! the cache needs nothing but a scratch database and a build: no `sqlx-cli`.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context, bail, ensure};

use crate::tree::Tree;

/// Where to make the scratch database.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// URL of a Postgres server whose user may create databases.
    #[arg(long, env = "DATABASE_URL")]
    database_url: String,
}

/// Rewrites the cache.
///
/// # Errors
/// When the server cannot be reached, a migration fails or the workspace does not build.
pub fn run(root: &Path, settings: &Settings) -> anyhow::Result<()> {
    let root = root.canonicalize().context("cannot find the root")?;
    let tree = Tree::read(&root)?;
    let name = format!("hubbub_prepare_{}", std::process::id());
    let scratch = with_database(&settings.database_url, &name)?;
    psql(
        &settings.database_url,
        ["-c", &format!("create database {name}")],
    )?;
    let outcome = migrate(&root, &tree, &scratch).and_then(|()| rebuild(&root, &tree, &scratch));
    psql(
        &settings.database_url,
        ["-c", &format!("drop database {name} with (force)")],
    )?;
    outcome
}

/// Replaces the database in a URL.
fn with_database(url: &str, name: &str) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").context("DATABASE_URL is not a URL")?;
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, String::new()), |(rest, query)| {
            (rest, format!("?{query}"))
        });
    let server = rest.split('/').next().unwrap_or(rest);
    Ok(format!("{scheme}://{server}/{name}{query}"))
}

fn psql<const N: usize>(url: &str, arguments: [&str; N]) -> anyhow::Result<()> {
    let mut command = Command::new("psql");
    command
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url])
        .args(arguments);
    let status = match command.status() {
        Ok(status) => status,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("psql is not installed; on Debian or Ubuntu: apt-get install postgresql-client")
        }
        Err(error) => return Err(error).context("cannot start psql"),
    };
    ensure!(status.success(), "psql {} failed", arguments.join(" "));
    Ok(())
}

/// Lists the crates that own a schema, the log first: the others' guard functions build on it and on each other in
/// the order of their names.
fn schema_crates(tree: &Tree) -> Vec<&str> {
    let services = tree
        .services()
        .into_iter()
        .filter(|service| tree.has(&format!("{service}/migrations")));
    std::iter::once("crates/stream").chain(services).collect()
}

fn migrate(root: &Path, tree: &Tree, url: &str) -> anyhow::Result<()> {
    for folder in schema_crates(tree) {
        let schema = folder
            .trim_start_matches("crates/")
            .trim_end_matches("-svc");
        psql(
            url,
            ["-c", &format!("create schema if not exists {schema}")],
        )?;
        let prefix = format!("{folder}/migrations/");
        for file in tree
            .files
            .iter()
            .filter(|file| file.path.starts_with(&prefix) && file.path.ends_with(".sql"))
        {
            let path = root.join(&file.path);
            psql(
                url,
                [
                    "-1",
                    "-f",
                    path.to_str().context("a path that is not text")?,
                ],
            )?;
        }
    }
    Ok(())
}

/// Builds with the macros awake, so that they write a cache, which takes the place of the old one if all went well.
fn rebuild(root: &Path, tree: &Tree, url: &str) -> anyhow::Result<()> {
    let fresh = root.join("target/sqlx");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    // The macros run only when their crate is compiled.
    for path in roots_of_sql_crates(root, tree) {
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(SystemTime::now())?;
    }
    let status = Command::new("cargo")
        .args(["check", "--workspace", "--all-targets"])
        .current_dir(root)
        .envs([("SQLX_OFFLINE", "false"), ("DATABASE_URL", url)])
        .env("SQLX_OFFLINE_DIR", &fresh)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the workspace does not build");
    replace(&root.join(".sqlx"), &fresh)
}

fn replace(cache: &Path, fresh: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(cache)?;
    for entry in fs::read_dir(cache)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("json")) {
            fs::remove_file(path)?;
        }
    }
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        fs::copy(entry.path(), cache.join(entry.file_name()))?;
    }
    Ok(())
}

/// Every crate that names sqlx, by the roots of its library and its tests.
fn roots_of_sql_crates(root: &Path, tree: &Tree) -> Vec<PathBuf> {
    let manifests = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml") && file.text.contains("\nsqlx"));
    let folders = manifests.filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let roots = folders.flat_map(|folder| {
        [
            format!("{folder}/src/lib.rs"),
            format!("{folder}/tests/it/main.rs"),
        ]
    });
    roots
        .filter(|path| tree.has(path))
        .map(|path| root.join(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_in_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://a:b@h:1/old", "postgres://a:b@h:1/new"),
            ("postgres://h", "postgres://h/new"),
            (
                "postgres://h/old?sslmode=disable",
                "postgres://h/new?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(url, "new").expect("a url"), expected);
        }
        assert!(with_database("nonsense", "new").is_err());
    }
}
