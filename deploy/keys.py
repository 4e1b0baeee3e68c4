#!/usr/bin/env python3
"""Makes what must be secret in an installation: the keys of the bus, passwords, and the key that seals the signing keys.

    python3 deploy/keys.py                     # for `docker compose`: into .hubbub/compose and .env
    python3 deploy/keys.py --helm DIRECTORY    # for the chart: seeds, and values with the public halves
    python3 deploy/keys.py --nats DIRECTORY    # values for the official NATS chart from the keys in DIRECTORY
    python3 deploy/keys.py --bus-tls DIRECTORY NAME…   # a certificate for the servers of a bus, and who vouches for it

What is there already is kept, so running it again changes nothing (but a certificate that ends within half a year). Needs Python and openssl, nothing else.
"""

import argparse
import base64
import binascii
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from bus_table import FILE, ROOT, server_configuration  # noqa: E402

# The first characters of an nkey say what it is: `SU` a user's seed, `U` a user.
SEED, USER = 18 << 3, 20 << 3


def nkey(prefix: bytes, key: bytes) -> str:
    """Writes a key as NATS does: a prefix and a checksum around it, in base 32."""
    body = prefix + key
    check = binascii.crc_hqx(body, 0).to_bytes(2, "little")
    return base64.b32encode(body + check).decode().rstrip("=")


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, stdout=subprocess.PIPE, check=True).stdout


def make_seed() -> str:
    """Makes a key of a user; the last 32 bytes of what openssl writes are the key itself."""
    key = openssl("genpkey", "-algorithm", "ed25519", "-outform", "DER")[-32:]
    return nkey(bytes([SEED | USER >> 5, (USER & 31) << 3]), key)


def public_key(seed: str) -> str:
    """Returns the public half of a seed."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))[2:34]
    header = bytes.fromhex("302e020100300506032b657004220420")  # an Ed25519 key in PKCS #8
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", given=header + key)[-32:]
    return nkey(bytes([USER]), public)


def write(path: Path, text: str, mode: int) -> None:
    """Writes a file that appears complete, for whom it is."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    os.chmod(fresh, mode)
    fresh.rename(path)


def keep_seeds(folder: Path, mode: int) -> dict[str, str]:
    """Makes the seeds that are missing and returns all public keys."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    public = {}
    for service in bus()["peers"]:
        file = folder / f"{service}.seed"
        if not file.exists():
            write(file, make_seed() + "\n", mode)
        public[service] = public_key(file.read_text().strip())
    return public


def bus() -> dict:
    return json.loads(FILE.read_text())


def compose() -> None:
    """For one machine. The folder is closed; its files are open, because containers have users of their own."""
    folder = ROOT / ".hubbub/compose"
    public = keep_seeds(folder, 0o444)
    write(folder / "nats.conf", json.dumps(server_configuration(bus(), public), indent=2) + "\n", 0o444)
    file = ROOT / ".env"
    known = dict(re.findall(r"^(\w+)=(.*)$", file.read_text(), re.MULTILINE)) if file.exists() else {}
    names = ["POSTGRES", "OWNER", "AUTH_SVC", "MODERATION_SVC", "SOCIAL_SVC", "ROOM_SVC", "REDIS", "ADMIN", "GRAFANA"]
    for name in names:
        known.setdefault(f"PASSWORD_{name}", secrets.token_hex(16))
    known.setdefault("MASTER_KEY", base64.b64encode(secrets.token_bytes(32)).decode())
    write(file, "".join(f"{name}={value}\n" for name, value in known.items()), 0o600)
    print(f"keys in {folder.relative_to(ROOT)}, passwords in .env; the administrator is admin, PASSWORD_ADMIN")


def helm(folder: Path) -> None:
    """For the chart: `kubectl create secret generic … --from-file` takes the seeds, `helm install --values` the rest."""
    public = keep_seeds(folder / "seeds", 0o600)
    values = {"nats": {"keys": {"existingSecret": "hubbub-bus-keys", "public": public}}}
    write(folder / "values.json", json.dumps(values, indent=2) + "\n", 0o644)
    print(f"kubectl create secret generic hubbub-bus-keys --from-file={folder}/seeds")
    print(f"helm install hubbub helm/hubbub --values {folder}/values.json …")


def nats(folder: Path) -> None:
    """For a bus of one's own, as values of the chart nats/nats."""
    public = keep_seeds(folder / "seeds", 0o600)
    password = folder / "route.password"
    if not password.exists():
        write(password, secrets.token_hex(24) + "\n", 0o600)
    cluster = {
        "enabled": True,
        "replicas": 3,
        # Processes keep to the addresses that they were given: what a server knows of itself is not how they reach it.
        "noAdvertise": True,
        # A server speaks for all of its clients, so servers prove to each other that they belong together.
        "routeURLs": {"user": "route", "password": password.read_text().strip()},
        # Until a silent server is given up, requests are handed to it that nobody answers.
        "merge": {"ping_interval": "1s", "ping_max": 2},
    }
    values = {"config": {"cluster": cluster, "merge": server_configuration(bus(), public)}}
    if (folder / "bus-tls").exists():
        own = {"enabled": True, "secretName": "bus-tls", "merge": {"timeout": 5}}
        values["tlsCA"] = {"enabled": True, "secretName": "bus-tls"}
        # Servers are told by `verify` that others have to prove themselves, too; processes have keys for that.
        values["config"]["nats"] = {"tls": own}
        cluster["tls"] = own | {"merge": {"timeout": 5, "verify": True}}
        print(f"kubectl create secret generic bus-tls --namespace nats --from-file={folder}/bus-tls")
    write(folder / "nats-values.json", json.dumps(values, indent=2) + "\n", 0o600)
    print(f"helm install nats nats/nats --namespace nats --create-namespace --values {folder}/nats-values.json")


def bus_tls(folder: Path, names: list[str]) -> None:
    """An authority for ten years and what it signs for one: `bus-ca.pem` is for processes, the rest for servers.

    `bus-tls.json` is one text for a store of secrets, and the folder `bus-tls` the same for Kubernetes.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, key = folder / "bus-ca.pem", folder / "bus-ca.key"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"]
    if not key.exists():
        rights = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        made = [*curve, "-subj", "/CN=hubbub bus", *rights, "-days", "3650", "-keyout", "-"]
        # Both in one text; `-x509` writes the certificate after the key.
        both = openssl("req", "-x509", *made).decode()
        write(key, both[: both.index("-----BEGIN CERTIFICATE")], 0o600)
        write(authority, both[both.index("-----BEGIN CERTIFICATE") :], 0o644)
    servers = folder / "bus-tls.json"
    if servers.exists() and lasts(json.loads(servers.read_text())["certificate"], days=182):
        return
    # Servers are each other's clients, too.
    for_both = ["-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext", "keyUsage=critical,digitalSignature"]
    wanted = ",".join(f"DNS:{name}" for name in names)
    asked = openssl("req", *curve, "-subj", "/CN=bus", "-addext", f"subjectAltName={wanted}", *for_both, "-keyout", "-")
    text = asked.decode()
    own = text[: text.index("-----BEGIN CERTIFICATE REQUEST")]
    signing = ["-req", "-CA", str(authority), "-CAkey", str(key), "-days", "365", "-copy_extensions", "copy"]
    certificate = openssl("x509", *signing, given=text[len(own) :].encode()).decode()
    parts = {"authority": authority.read_text(), "certificate": certificate, "key": own}
    write(servers, json.dumps(parts) + "\n", 0o600)
    (folder / "bus-tls").mkdir(exist_ok=True, mode=0o700)
    for part, name in {"authority": "ca.crt", "certificate": "tls.crt", "key": "tls.key"}.items():
        write(folder / "bus-tls" / name, parts[part], 0o600)
    print(f"{servers} is for the servers, {authority} for the processes; keep {key} where nobody needs it")


def lasts(certificate: str, days: int) -> bool:
    command = ["openssl", "x509", "-noout", "-checkend", str(days * 86400)]
    return subprocess.run(command, input=certificate.encode(), stdout=subprocess.DEVNULL).returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--helm", type=Path, metavar="DIRECTORY")
    parser.add_argument("--nats", type=Path, metavar="DIRECTORY")
    parser.add_argument("--bus-tls", type=Path, metavar="DIRECTORY")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of the servers of the bus, for --bus-tls")
    arguments = parser.parse_args()
    if bool(arguments.bus_tls) != bool(arguments.names):
        parser.error("--bus-tls wants the names of the servers, such as '*.bus.hubbub-prod.internal'")
    if arguments.helm:
        helm(arguments.helm)
    if arguments.bus_tls:
        bus_tls(arguments.bus_tls, arguments.names)
    if arguments.nats:
        nats(arguments.nats)
    if not arguments.helm and not arguments.nats and not arguments.bus_tls:
        compose()


if __name__ == "__main__":
    main()
