"""terraform/: every file parses and is in form, every name leads somewhere, and the figures are the product's own."""

import json
import os
import re
import shutil
import subprocess
import sysconfig
import tomllib

import pytest

pytest.importorskip("hcl2", reason="needs requirements-cloud.txt")
import hcl  # noqa: E402

FOLDERS = hcl.folders()
NAMES = {str(path.relative_to(hcl.TERRAFORM)): folder for path, folder in FOLDERS.items()}
PROGRAM = shutil.which("terraform") or shutil.which("tofu")
TOLD = os.environ | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
if not os.path.exists(TOLD.get("TF_CLI_CONFIG_FILE", os.devnull)):
    TOLD["TF_CLI_CONFIG_FILE"] = os.devnull  # a file that is not there is a warning at every call


def named(prefix: str) -> dict:
    return {name: folder for name, folder in NAMES.items() if name.startswith(prefix)}


def source(path: str) -> str:
    return (hcl.ROOT / path).read_text()


def default(module: str, variable: str):
    return hcl.plain(NAMES[f"modules/{module}"].variables[variable]["default"])


def everything() -> str:
    return "\n".join(path.read_text() for path in hcl.files(".tf"))


# Form


@pytest.mark.skipif(PROGRAM is None, reason="needs terraform or tofu")
def test_the_form_is_terraforms_own():
    said = subprocess.run([PROGRAM, "fmt", "-check", "-recursive", "-diff", hcl.TERRAFORM], env=TOLD, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("path", hcl.files(".tf", ".hcl", ".tfvars.example", ".hcl.example"), ids=lambda path: str(path.relative_to(hcl.TERRAFORM)))
def test_a_file_parses_and_is_plain_text(path):
    text = path.read_text()
    assert hcl.hcl2.loads(text) is not None
    assert text.endswith("\n") and not text.endswith("\n\n")
    for number, line in enumerate(text.splitlines(), 1):
        assert line == line.rstrip() and "\t" not in line, f"line {number}"
    assert len(text.splitlines()) <= 300


def test_every_module_says_what_it_is_for():
    for name in NAMES:
        assert len((hcl.TERRAFORM / name / "README.md").read_text().split()) > 30, name


# Names


@pytest.mark.parametrize("name", NAMES)
def test_variables_have_a_type_and_everything_has_a_sentence(name):
    folder = NAMES[name]
    for variable, body in folder.variables.items():
        assert "type" in body, variable
        assert hcl.plain(body.get("description", "")).endswith("."), variable
        for check in body.get("validation", []):
            assert hcl.plain(check["error_message"]).endswith("."), variable
    for output, body in folder.outputs.items():
        assert hcl.plain(body.get("description", "")).endswith("."), output


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_to_a_declaration(name):
    folder = NAMES[name]
    own = {reference for reference in folder.references() if not reference.startswith("module.")}
    assert own - folder.declared() == set()
    for reference in folder.references() - own:
        _, module, output = reference.split(".")
        assert output in FOLDERS[folder.called(module)].outputs, reference


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_declared_in_vain(name):
    folder = NAMES[name]
    # Whether a default security group or an attachment is referred to says nothing; a setting nobody reads is a lie.
    settings = {thing for thing in folder.declared() if thing.startswith(("var.", "local.", "data."))}
    assert settings - folder.references() == set()


@pytest.mark.parametrize("name", NAMES)
def test_modules_are_given_what_they_ask_for_and_nothing_else(name):
    folder = NAMES[name]
    for module, body in folder.modules.items():
        asked = FOLDERS[folder.called(module)].variables
        given = {key for key in body if key != "source" and not key.startswith("__")}
        assert given <= set(asked), module
        assert {variable for variable, about in asked.items() if "default" not in about} <= given, module


def test_the_environments_differ_in_size_alone():
    dev, prod = NAMES["envs/dev"], NAMES["envs/prod"]
    assert (dev.variables.keys(), dev.outputs.keys(), dev.modules.keys()) == (prod.variables.keys(), prod.outputs.keys(), prod.modules.keys())
    assert dev.modules["stack"].keys() == prod.modules["stack"].keys()
    assert (hcl.TERRAFORM / "envs/dev/variables.tf").read_text() == (hcl.TERRAFORM / "envs/prod/variables.tf").read_text()


# Versions and state


@pytest.mark.parametrize("name", NAMES)
def test_versions_are_pinned(name):
    about = NAMES[name].terraform
    assert (hcl.TERRAFORM / name / "terraform.tf").exists()
    assert hcl.plain(about["required_version"]) == ">= 1.11.0, < 2.0.0"
    for block in about["required_providers"]:
        for provider, body in block.items():
            if not provider.startswith("__"):
                assert re.fullmatch(r"~> \d+\.\d+", hcl.plain({hcl.bare(key): value for key, value in body.items()}["version"])), provider


@pytest.mark.parametrize("name", named("envs/"))
def test_the_state_is_remote_encrypted_and_locked(name):
    [backend] = NAMES[name].terraform["backend"]
    told = {hcl.bare(key): value for key, value in backend.items()}["s3"]
    assert told["use_lockfile"] is True and told["encrypt"] is True
    assert hcl.plain(told["key"]) == f"hubbub/{name.removeprefix('envs/')}/terraform.tfstate"
    assert "dynamodb_table" not in told


# Rights


def test_every_star_in_a_policy_says_why():
    excused = re.compile(r"^\s*# `\*`: \w")
    for path in hcl.files(".tf"):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            texts = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
            if line.lstrip().startswith("#") or "regex(" in line or not any("*" in text for text in texts):
                continue
            # The reason stands right above, or above the line before it: a principal, an action and its resource.
            assert any(excused.match(above) for above in lines[max(0, number - 3) : number + 2]), f"{path.name}:{number + 1}: {line.strip()}"


def test_nothing_is_allowed_by_what_is_not_named():
    assert not re.search(r"\bNot(Action|Resource|Principal)\b", everything())


def test_what_keeps_something_keeps_it_encrypted_with_our_own_key():
    keys = {
        "aws_db_instance": "kms_key_id",
        "aws_elasticache_replication_group": "kms_key_id",
        "aws_secretsmanager_secret": "kms_key_id",
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_ebs_volume": "kms_key_id",
        "aws_s3_object": "kms_key_id",
        "aws_sns_topic": "kms_master_key_id",
        "aws_ecr_repository": "encryption_configuration",
        "aws_instance": "root_block_device",
    }
    seen = set()
    for folder in FOLDERS.values():
        for resource, body in folder.resources.items():
            kind = resource.split(".")[0]
            if kind in keys:
                seen.add(kind)
                assert keys[kind] in body, resource
            if kind == "aws_s3_bucket":
                name = resource.split(".")[1]
                assert f"aws_s3_bucket_server_side_encryption_configuration.{name}" in folder.resources
                assert f"aws_s3_bucket_public_access_block.{name}" in folder.resources
    assert seen == set(keys)


def test_no_password_is_made_where_the_state_sees_it():
    for folder in FOLDERS.values():
        assert not [resource for resource in folder.resources if resource.startswith(("random_", "tls_"))]
        for resource, body in folder.resources.items():
            assert not {"secret_string", "auth_token", "password"} & body.keys(), resource


# The product's own figures


def test_the_load_balancer_waits_longer_than_a_gateway_between_two_pings():
    gateway = tomllib.loads(source("gateway/default.toml"))["gateway"]
    assert default("stack", "heartbeat_seconds") * 1000 == gateway["heartbeat_ms"]
    idle = default("edge", "idle_timeout_seconds")
    assert idle > 60 and idle * 1000 > gateway["heartbeat_ms"] + gateway["grace_ms"]


def test_the_health_check_asks_what_is_answered():
    text = source("terraform/modules/edge/main.tf")
    path = re.search(r'path\s+= "(/\w+)"', text)[1]
    assert f'.route("{path}"' in source("crates/service/src/probe.rs")
    assert '.route("/livez"' in source("crates/service/src/probe.rs")


def test_every_setting_is_one_that_the_process_knows():
    defaults = ["crates/service", "gateway", "auth-svc", "room-svc", "social-svc", "moderation-svc"]
    known = {f"{section}__{key}".upper() for path in defaults for section, keys in tomllib.loads(source(f"{path}/default.toml")).items() for key in keys}
    # Those without a default: a comment in the file, or a field alone.
    known |= {f"AUTH__{key}".upper() for key in re.findall(r"^# (\w+) = ", source("auth-svc/default.toml"), re.MULTILINE)}
    known |= {f"PG__{key}".upper() for key in re.findall(r"pub (\w+):", source("crates/pg/src/lib.rs"))}
    used = set(re.findall(r"HUBBUB_([A-Z_]+__[A-Z_]+)", "\n".join(path.read_text() for path in hcl.files("settings.tf", "containers.tf"))))
    assert len(used) > 15 and used - known == set()


def test_the_database_is_believed_by_the_region_s_authorities_alone():
    (address,) = re.findall(r'"(postgres://.+)"', source("terraform/modules/data/roles.tf"))
    assert address.endswith("?sslmode=verify-full&sslrootcert=${var.postgres_ca_path}")
    assert '"rediss://' in source("terraform/modules/data/valkey.tf")
    # Laid where the address looks for it, before anything that connects.
    containers = source("terraform/modules/runtime/containers.tf")
    assert re.search(r"ca_path\s+= var.postgres_ca_path", containers) and '"$POSTGRES_CA\\" >${local.ca_path}' in containers
    assert containers.count('condition = "SUCCESS"') == 2
    path = re.search(r'postgres_ca_path = "(.+)"', source("terraform/modules/stack/main.tf"))[1]
    assert path.startswith(re.search(r'folder\s+= "(.+)"', containers)[1])
    # The images believe public authorities, as Valkey's is: they come with distroless' certificates.
    assert "gcr.io/distroless/cc-debian" in source("Dockerfile")


def test_processes_and_roles_are_those_of_the_source():
    peers = set(json.loads(source("helm/hubbub/files/bus.json"))["peers"])
    assert set(re.findall(r'"([\w-]+)"', NAMES["modules/stack"].locals["services"])) == peers
    roles = dict(re.findall(r'service: "([\w-]+)",\s+role: "(\w+)"', source("proto/src/database/logins.rs")))
    made = {hcl.bare(login): hcl.plain(role) for login, role in NAMES["modules/data"].locals["roles"].items() if not login.startswith("__")}
    assert made == roles | {"owner": "hubbub_owner"}
    assert {hcl.bare(name) for name in NAMES["modules/runtime"].locals["needs"] if not name.startswith("__")} == peers


def test_cpu_10_and_85_are_the_default_and_nobody_says_otherwise():
    assert {name: value for name, value in default("runtime", "cpu_percent").items() if not name.startswith("__")} == {"scale_in": 10, "scale_out": 85}
    assert "cpu_percent" not in NAMES["modules/stack"].modules["runtime"]


# Programs


def terraform(folder, *arguments):
    return subprocess.run([PROGRAM, *arguments, "-no-color"], cwd=folder, env=TOLD, capture_output=True, text=True)


# AWS's provider is 700 MB from a registry that not every machine reaches. Where it can be had, this says that it must be.
@pytest.mark.skipif(os.environ.get("HUBBUB_TERRAFORM") != "required", reason="HUBBUB_TERRAFORM=required was not asked for")
def test_terraform_itself_finds_all_of_it_valid_and_its_tests_pass(tmp_path):
    place = tmp_path / "terraform"
    shutil.copytree(hcl.TERRAFORM, place, ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copytree(hcl.ROOT / "helm/hubbub/files", tmp_path / "helm/hubbub/files")
    (tmp_path / "cache").mkdir()
    TOLD["TF_PLUGIN_CACHE_DIR"] = str(tmp_path / "cache")
    for name in NAMES:
        tests = [("test",)] if (place / name / "tests").exists() else []
        for arguments in [("init", "-backend=false"), ("validate",), *tests]:
            said = terraform(place / name, *arguments)
            assert said.returncode == 0, f"{name}: {said.stdout}{said.stderr}"


def test_every_module_has_tests():
    wired = {"modules/stack"}  # by both environments, whose tests are its own
    for name in NAMES.keys() - wired:
        assert list((hcl.TERRAFORM / name / "tests").glob("*.tftest.hcl")), name


def test_the_script_of_a_new_machine_is_one_that_bash_reads(tmp_path):
    text = source("terraform/modules/bus/boot.sh.tftpl")
    holes = set(re.findall(r"\$\{([\w.]+)\}", text))
    given = source("terraform/modules/bus/main.tf").split("templatefile(")[1].split("}))")[0]
    assert {hole.split(".")[0] for hole in holes} == set(re.findall(r"^\s+(\w+)\s+=", given, re.MULTILINE))
    script, inner = tmp_path / "boot.sh", tmp_path / "configure.sh"
    script.write_text(re.sub(r"\$\{[\w.]+\}", "given", text))
    # The one inside is a text to the other.
    inner.write_text(re.search(r"<<'SCRIPT'\n(.*?)\nSCRIPT\n", script.read_text(), re.DOTALL)[1])
    for file in (script, inner):
        subprocess.run(["bash", "-n", file], check=True)
        subprocess.run([os.path.join(sysconfig.get_path("scripts"), "shellcheck"), file], check=True)


def test_the_roles_are_made_by_one_who_is_no_superuser():
    programs = pytest.importorskip("programs", reason="needs requirements.txt, too")
    if programs.POSTGRES is None:
        pytest.skip("needs the programs of Postgres")
    script = hcl.TERRAFORM / "modules/runtime/roles.sql"
    logins = {"owner": "hubbub_owner", "auth-svc": "auth_svc", "moderation-svc": "moderation_svc", "social-svc": "social_svc", "room-svc": "room_svc"}
    with programs.closed_to_nobody() as folder, programs.Postgres(folder) as server:
        admin = lambda *said, **more: server.psql("postgres", server.SUPERUSER, *said, **more)
        assert admin("-c", "create role master login createrole createdb password 'm'").returncode == 0
        assert admin("-c", "alter database hubbub owner to master").returncode == 0
        for turn in range(2):  # again changes the passwords alone
            passwords = {f"PASSWORD_{login.upper().replace('-', '_')}": f"it's {turn} {login}" for login in logins}
            said = server.psql("master", "m", "-f", script, **passwords)
            assert said.returncode == 0, said.stderr
        for login, role in logins.items():
            assert server.psql(role, f"it's 1 {login}", "-c", "select 1").returncode == 0
            assert server.psql(role, f"it's 0 {login}", "-c", "select 1").returncode != 0
        assert server.psql("room_svc", "it's 1 room-svc", "-c", "create schema mine").returncode != 0
        assert server.psql("hubbub_owner", "it's 1 owner", "-c", "create schema mine").returncode == 0
