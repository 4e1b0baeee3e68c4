//! Files that hold no authority are refused by their names.

use std::{fs, path::Path};

use secrecy::SecretString;

use crate::authority::check_address;

const PASSWORD: &str = "correct-horse";

fn address(file: &Path) -> SecretString {
    let file = file.display();
    format!("postgres://me:{PASSWORD}@db.example.org/hubbub?sslmode=verify-full&sslrootcert={file}")
        .into()
}

#[test]
fn a_file_that_is_away_or_holds_no_certificate_is_named_and_the_password_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (empty, broken) = (folder.path().join("empty.pem"), folder.path().join("b.pem"));
    let damaged = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    fs::write(&empty, "").expect("written");
    fs::write(&broken, damaged).expect("written");
    for file in [&empty, &broken, &folder.path().join("away.pem")] {
        let error = check_address(&address(file)).expect_err("refused");
        let said = format!("{error:#} {error:?}");
        assert!(said.contains(&*file.to_string_lossy()), "{said}");
        assert!(said.contains("sslrootcert"), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn an_address_without_a_file_needs_none() {
    for address in ["postgres://me@db/hubbub?sslmode=require", "no address"] {
        assert!(check_address(&address.to_owned().into()).is_ok());
    }
}
