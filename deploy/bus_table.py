"""Reads helm/hubbub/files/bus.json: what each kind of process may say and hear on the bus, and the server's bounds.

`cargo xtask contract` writes that file from proto/src/bus, and `cargo xtask contract --check`, which is also a test, says
when it is stale. The chart, Terraform and `deploy/keys.py` make the server's configuration of it: a deployment needs no
Rust.
"""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "helm/hubbub/files/bus.json"


def table() -> dict:
    """Returns the content of the file."""
    return json.loads(FILE.read_text())


def server_configuration(table: dict, public_keys: dict) -> dict:
    """Returns the NATS server's configuration; JSON is one of the ways to write it."""
    users = [
        {
            "nkey": public_keys[name],
            "permissions": {
                "publish": {"allow": rights["publish"]},
                "subscribe": {"allow": rights["subscribe"]},
                "allow_responses": table["allow_responses"],
            },
        }
        for name, rights in table["peers"].items()
    ]
    return table["limits"] | {"system_account": "SYS", "accounts": {"SYS": {}, "APP": {"users": users}}}
