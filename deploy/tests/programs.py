"""Real programs for a test: started with the configuration that is shipped, waited for, and ended."""

import contextlib
import os
import pwd
import random
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import chart

PATIENCE = 120


GIVEN: set[int] = set()


def free_port() -> int:
    """A port below those of outgoing connections, each once: nobody takes it by chance before it is used."""
    while True:
        port = random.randrange(15_000, 30_000)
        if port in GIVEN:
            continue
        GIVEN.add(port)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def log_of(folder: Path, name: str) -> str:
    return (folder / f"{name}.log").read_text()[-3000:]


@contextlib.contextmanager
def running(name: str, folder: Path, command: list, is_ready, **options):
    """Runs a program until the end of the block; its log is in the folder."""
    with open(folder / f"{name}.log", "a") as log:
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, **options)
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_ready():
            assert process.poll() is None and time.monotonic() < deadline, f"{name}: {log_of(folder, name)}"
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def closed_to_nobody():
    """A folder that every account may enter: Postgres runs as one that has no way into pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="hubbub-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")


@contextlib.contextmanager
def nginx(folder: Path, gateways: list[int]):
    """nginx as in compose.yaml, before gateways at the given ports; gives its own."""
    port = free_port()
    text = (chart.ROOT / "deploy/nginx.conf").read_text()
    changes = {f"gateway-{number}:8080": f"127.0.0.1:{at}" for number, at in enumerate(gateways, 1)}
    changes |= {"listen 8080;": f"listen 127.0.0.1:{port};", "/tmp/": f"{folder}/"}
    # A machine that tests has fewer of these than one that serves.
    changes |= {"worker_processes auto": "worker_processes 1", "65536": "1024", "32768": "512"}
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    command = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    with running("nginx", folder, command, lambda: listens(port)):
        yield port


@contextlib.contextmanager
def nats_server(folder: Path, configuration: str):
    """A bus with a configuration; gives its port."""
    port = free_port()
    (folder / "nats.conf").write_text(configuration)
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    command = [program, "-c", folder / "nats.conf", "-a", "127.0.0.1", "-p", str(port)]
    with running("nats", folder, command, lambda: greets(port)):
        yield port


def greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(4) == b"INFO"
    except OSError:
        return False


def postgres_programs() -> Path | None:
    """The folder of `postgres`: the one that is named, or the newest of the system."""
    named = os.environ.get("HUBBUB_POSTGRES_BIN")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = [Path(named)] if named else system
    return next((path for path in reversed(found) if (path / "initdb").exists()), None)


POSTGRES = postgres_programs()


def psql_program() -> Path:
    """`psql`: beside the server, or from the package of clients when the server came without one."""
    beside = POSTGRES / "psql"
    return beside if beside.exists() else Path(shutil.which("psql") or beside)


class Postgres:
    """A server with a database, a superuser and passwords for everybody."""

    SUPERUSER = "first"

    def __init__(self, folder: Path):
        self.folder, self.port, self.is_started = folder / "postgres", free_port(), False
        self.folder.mkdir()
        self.account = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        self.own(self.folder)
        password = self.folder / "superuser"
        password.write_text(self.SUPERUSER)
        password.chmod(0o644)
        self.run("initdb", "-D", "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password, "--no-sync")

    def own(self, *paths: Path):
        """Gives files to the account that the server runs as."""
        for path in paths:
            if self.account:
                nobody = pwd.getpwnam("nobody")
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def start(self, *arguments: str):
        """Starts the server with arguments of its image; the last of two wins."""
        sockets = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        told = f"{sockets} -c fsync=off {' '.join(arguments)} -c max_connections=300"
        self.run("pg_ctl", "-D", "data", "-o", told, "-l", "log", "-w", "start")
        self.is_started = True

    def __enter__(self):
        if not self.is_started:
            self.start()
        made = self.psql("postgres", self.SUPERUSER, "-c", "create database hubbub", database="postgres")
        assert made.returncode == 0, made.stderr
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def run(self, program: str, *arguments):
        command = [*self.account, POSTGRES / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def psql(self, role: str, password: str, *arguments, database: str = "hubbub", **environment):
        at = ["-h", "localhost", "-p", str(self.port), "-U", role, "-d", database]
        command = [psql_program(), *at, "-v", "ON_ERROR_STOP=1", "-tA", *arguments]
        told = {"PATH": os.environ["PATH"], "PGPASSWORD": password} | environment
        return subprocess.run(command, env=told, capture_output=True, text=True)

    def prepare(self, **passwords: str):
        """Runs what the bundled server runs once."""
        for script in ("roles.sql", "passwords.sql"):
            ran = self.psql("postgres", self.SUPERUSER, "-f", chart.PATH / "files" / script, **passwords)
            assert ran.returncode == 0, ran.stderr
