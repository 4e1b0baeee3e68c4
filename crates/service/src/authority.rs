//! Certificates of the authorities that a process is told to believe.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The names that `sqlx` knows for the file in a database's address.
const IN_ADDRESS: [&str; 3] = ["sslrootcert", "ssl-root-cert", "ssl-ca"];

/// Reads a file with one or more certificates as PEM and returns it as it is. What is wrong with it shows here, when the
/// process starts, and not at a connection that fails without naming the file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    check(file).with_context(|| file.display().to_string())
}

fn check(file: &Path) -> anyhow::Result<Vec<u8>> {
    let pem = fs::read(file)?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        certificate.context("holds something that is no certificate")?;
        count += 1;
    }
    ensure!(count > 0, "holds no certificate");
    Ok(pem)
}

/// Checks the file that a database's address names, if it names one. Nothing of the address is in the error but the file.
pub(crate) fn check_address(address: &SecretString) -> anyhow::Result<()> {
    let Ok(address) = Url::parse(address.expose_secret()) else {
        // Whoever connects says what is wrong with it.
        return Ok(());
    };
    for (name, file) in address.query_pairs() {
        if IN_ADDRESS.contains(&&*name) {
            read(Path::new(&*file)).with_context(|| name.into_owned())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
