"""The scripts that a bundled Postgres runs once, on a real one: five roles, each with its own password."""

import bundled
import chart
import programs
import pytest

FILES = chart.PATH / "files"
ROLES = {"owner": "hubbub_owner"} | {name: name.replace("-", "_") for name in chart.WITH_DATABASE}


def test_the_roles_are_those_of_the_source():
    assert (FILES / "roles.sql").read_text() == (chart.ROOT / "proto/src/database/roles.sql").read_text()
    assert all(f"'{role}'" in (FILES / "roles.sql").read_text() for role in ROLES.values())


def test_the_server_is_given_the_passwords_that_stand_in_the_addresses():
    objects = chart.render()
    made = objects.get("Secret", "hubbub-postgres")["stringData"]
    container = objects.pods()["hubbub-postgres"]["containers"][0]
    told = chart.environment(container).items()
    given = {name: source["secretKeyRef"]["key"] for name, source in told if isinstance(source, dict)}
    for login, role in ROLES.items():
        assert given[f"PASSWORD_{login.upper().replace('-', '_')}"] == f"{login}-password"
        password = made[f"{login}-password"]
        proof = f"?sslmode=verify-full&sslrootcert={bundled.AUTHORITIES}/bundled-postgres.pem"
        assert made[f"{login}-url"] == f"postgres://{role}:{password}@hubbub-postgres:5432/hubbub{proof}"


def server_of_chart(folder) -> programs.Postgres:
    objects = chart.render()
    bundled.lay_certificates(folder, objects)
    return bundled.postgres(folder, objects)


NEEDED = pytest.mark.skipif(programs.POSTGRES is None, reason="needs the programs of Postgres")


@NEEDED
def test_each_role_comes_in_with_its_own_password_and_has_no_right_yet():
    passwords = {f"PASSWORD_{login.upper().replace('-', '_')}": f"it's {login}" for login in ROLES}
    with programs.closed_to_nobody() as folder, server_of_chart(folder) as server:
        for _ in range(2):  # again changes nothing
            server.prepare(**passwords)
        for login, role in ROLES.items():
            said = server.psql(role, f"it's {login}", "-c", "select current_user")
            assert said.stdout.strip() == role, said.stderr
            assert server.psql(role, "wrong", "-c", "select 1").returncode != 0
        assert server.psql("room_svc", "it's room-svc", "-c", "create schema mine").returncode != 0
        assert server.psql("hubbub_owner", "it's owner", "-c", "create schema mine").returncode == 0
        forgotten = server.psql("postgres", server.SUPERUSER, "-f", FILES / "passwords.sql")
        assert forgotten.returncode != 0, "a role without a password must stop the start"


@NEEDED
def test_it_proves_its_name_and_says_nothing_in_clear():
    with programs.closed_to_nobody() as folder, server_of_chart(folder) as server:
        authority = folder / "authorities/bundled-postgres.pem"
        ask = lambda **told: server.psql("postgres", server.SUPERUSER, "-c", "select 1", **told)
        assert ask(PGSSLMODE="verify-full", PGSSLROOTCERT=str(authority)).returncode == 0
        stranger = ask(PGSSLMODE="verify-full", PGSSLROOTCERT="/etc/ssl/certs/ca-certificates.crt")
        assert "certificate verify failed" in stranger.stderr
        assert "no pg_hba.conf entry" in ask(PGSSLMODE="disable").stderr
