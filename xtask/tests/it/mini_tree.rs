//! A small tree that breaks no rule, to plant violations in.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use xtask::tidy::{self, Violation};

const MANIFEST: &str = "[lints]\nworkspace = true\n\n[dependencies]\nproto.workspace = true\n";
const PROTO: &str =
    "package hubbub.auth.v1;\nservice AuthService {\n  rpc SignUp(A) returns (B);\n}\n";
const STREAM: &str =
    "package hubbub.stream.v1;\nservice StreamService {\n  rpc Range(A) returns (B);\n}\n";
const MAIN: &str = "//! Starts SVC.\nfn main() {\n    service::main::<LIB::App>();\n}\n";
const RPC: &str = "const ACCESS: &str = \"/hubbub.auth.v1.AuthService/SignUp\";\n";
const ERRORS: &str = "| reason | meaning |\n|---|---|\n| `CONFLICT` | other data |\n";

/// Files of a service that may be empty here.
const EMPTY: [&str; 8] = [
    "src/lib.rs",
    "src/config.rs",
    "src/app.rs",
    "src/error.rs",
    "src/db.rs",
    "src/events.rs",
    "default.toml",
    "sqlx.toml",
];

/// The tree.
pub(crate) struct MiniTree {
    root: TempDir,
}

impl MiniTree {
    pub(crate) fn new() -> Self {
        let tree = Self {
            root: TempDir::new().expect("a temporary folder"),
        };
        tree.write(
            "Cargo.toml",
            "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
        );
        for folder in [
            "proto",
            "crates/pg",
            "crates/rpc",
            "crates/stream",
            "crates/service",
            "gateway",
        ] {
            tree.write(&format!("{folder}/Cargo.toml"), MANIFEST);
        }
        tree.write(
            "proto/Cargo.toml",
            &MANIFEST.replace("proto.workspace = true\n", ""),
        );
        tree.write(
            "crates/pg/Cargo.toml",
            &MANIFEST.replace("proto.workspace = true\n", ""),
        );
        tree.write("proto/hubbub/auth/v1/auth.proto", PROTO);
        tree.write("proto/hubbub/stream/v1/stream.proto", STREAM);
        tree.write("proto/src/subject.rs", "const EVENTS: &str = \"evt.\";\n");
        tree.write(
            "proto/src/reason.rs",
            "reasons! {\n    /// Other data.\n    CONFLICT\n}\n",
        );
        tree.write(
            "crates/stream/src/lib.rs",
            "const ACCESS: &str = \"/hubbub.stream.v1.StreamService/Range\";\n",
        );
        tree.write(
            "crates/stream/tests/it/log.rs",
            "fn reads() {\n    log.range(1);\n}\n",
        );
        tree.write("docs/errors.md", ERRORS);
        tree.write(
            "README.md",
            "See [errors](docs/errors.md#top) and [the web](https://example.org).\n",
        );
        tree.service("auth-svc");
        tree.service("room-svc");
        tree.write("auth-svc/tests/it/sign_up.rs", "");
        tree.write("gateway/src/main.rs", &main("gateway"));
        tree
    }

    fn service(&self, name: &str) {
        self.write(&format!("{name}/Cargo.toml"), MANIFEST);
        self.write(&format!("{name}/src/main.rs"), &main(name));
        self.write(&format!("{name}/src/rpc.rs"), RPC);
        self.write(&format!("{name}/migrations/1_first.sql"), "select 1;\n");
        for file in EMPTY {
            self.write(&format!("{name}/{file}"), "");
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file in the tree")).expect("a folder");
        fs::write(path, text).expect("a written file");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("a removed file");
    }

    pub(crate) fn check(&self) -> Vec<Violation> {
        tidy::check(self.root.path()).expect("a readable tree")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }
}

fn main(name: &str) -> String {
    MAIN.replace("SVC", name)
        .replace("LIB", &name.replace('-', "_"))
}
