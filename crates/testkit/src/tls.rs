//! Servers that speak TLS, with certificates of authorities that live as long as a test.

mod servers;

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

pub use servers::{Secured, insist_on_tls, nats, postgres, redis};

/// Somebody who says which key belongs to which name.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, as PEM.
    pub pem: String,
}

/// A server's certificate and key, as PEM.
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// Makes an authority that nobody believes yet.
    ///
    /// # Panics
    /// Panics when no key can be made.
    #[must_use]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Certifies a new key for a host's name or address.
    ///
    /// # Panics
    /// Panics when the name is none.
    #[must_use]
    pub fn certify(&self, host: &str) -> Certified {
        let params = CertificateParams::new([host.to_owned()]).expect("a host's name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Certified {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    /// Writes its certificate into a folder, where a process finds it, and returns the file.
    ///
    /// # Panics
    /// Panics when the folder cannot be written to.
    #[must_use]
    pub fn written(&self, folder: &Path) -> PathBuf {
        let file = folder.join(format!("{}.pem", uuid::Uuid::now_v7()));
        std::fs::write(&file, &self.pem).expect("the folder is writable");
        file
    }
}

impl Certified {
    /// Writes both into a folder as `server.crt` and `server.key` and returns the files.
    ///
    /// # Panics
    /// Panics when the folder cannot be written to.
    #[must_use]
    pub fn written(&self, folder: &Path) -> [PathBuf; 2] {
        [("server.crt", &self.certificate), ("server.key", &self.key)].map(|(name, pem)| {
            let file = folder.join(name);
            std::fs::write(&file, pem).expect("the folder is writable");
            file
        })
    }
}
