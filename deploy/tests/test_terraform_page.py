"""docs/deploy-aws.md: its commands are ones that bash reads, and what they ask for is there."""

import re
import subprocess
import tomllib

import pytest

pytest.importorskip("hcl2", reason="needs requirements-cloud.txt")
import hcl  # noqa: E402

NAMES = {str(path.relative_to(hcl.TERRAFORM)): folder for path, folder in hcl.folders().items()}


def source(path: str) -> str:
    return (hcl.ROOT / path).read_text()


PAGE = source("docs/deploy-aws.md")
BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)


def test_commands_of_the_page_are_ones_that_bash_reads():
    assert len(BLOCKS) >= 10
    subprocess.run(["bash", "-n", "-c", "\n".join(BLOCKS)], check=True)


def test_what_the_page_asks_terraform_for_is_there():
    asked = re.findall(r"terraform -chdir=(\S+) output (?:-\w+ )?(\w+)", PAGE)
    assert len(asked) >= 8
    for folder, output in asked:
        name = "envs/prod" if folder == "$FOLDER" else folder.removeprefix("terraform/")
        assert output in NAMES[name].outputs, output
    given = re.findall(r"-var (\w+)=", PAGE)
    assert set(given) == {name for name, body in NAMES["bootstrap"].variables.items() if "default" not in body}


def test_files_that_the_page_names_are_there():
    for path in set(re.findall(r"\b((?:terraform|deploy|docs)/[\w./-]+\.(?:py|tf|md))\b", PAGE)) | {f"docs/{link}" for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", PAGE)}:
        assert (hcl.ROOT / path).exists(), path


def test_every_secret_that_people_make_is_put_in():
    made = set(re.findall(r'"(auth/[\w-]+)"', source("terraform/modules/secrets/main.tf")))
    assert made == set(re.findall(r"put (auth/[\w-]+)", PAGE)) and "put bus/$SERVICE" in PAGE


def test_the_page_says_whether_processes_speak_the_tls_that_the_stores_insist_on():
    features = tomllib.loads(source("Cargo.toml"))["workspace"]["dependencies"]
    speaks = all(any("tls" in feature for feature in features[client]["features"]) for client in ("sqlx", "redis"))
    assert ("**TLS from the processes to Postgres and Valkey.**" in PAGE) != speaks
