""".github/: workflows that the linters accept, with the least rights, and nothing in them that can change by itself."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
SCRIPTS = Path(sysconfig.get_path("scripts"))
if not (SCRIPTS / "zizmor").exists():
    pytest.skip("needs requirements-cloud.txt", allow_module_level=True)

PATHS = sorted((GITHUB / "workflows").glob("*.yml"))
# `on` is a truth value to YAML 1.1.
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in PATHS}
JOBS = [(workflow, job) for workflow, content in WORKFLOWS.items() for job in content["jobs"]]
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def program(name: str, *arguments) -> None:
    said = subprocess.run([SCRIPTS / name, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def test_actionlint_has_nothing_to_say():
    # Scripts in workflows are shellcheck's; without a word actionlint does without it.
    program("actionlint", "-no-color", "-shellcheck", SCRIPTS / "shellcheck", *PATHS)


def test_a_script_in_a_workflow_is_looked_at_too(tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  job:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: rm $HOME/$1\n")
    command = [SCRIPTS / "actionlint", "-no-color", "-shellcheck", SCRIPTS / "shellcheck", wrong]
    assert "SC2086" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


def test_zizmor_has_nothing_to_say():
    program("zizmor", "--offline", "--no-progress", "--persona", "pedantic", GITHUB)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_action_is_one_commit_and_says_which_release(path):
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for action in used:
        assert PINNED.match(action), action


def test_one_action_has_one_commit():
    commits = {}
    for path in PATHS:
        for action, rest in re.findall(r"uses: ([\w./-]+)@(.+)", path.read_text()):
            assert commits.setdefault(action, rest) == rest, action


@pytest.mark.parametrize("workflow,job", JOBS)
def test_rights_are_those_of_a_job_and_least(workflow, job):
    content = WORKFLOWS[workflow]
    assert content["permissions"] == {}
    rights = content["jobs"][job]["permissions"]
    written = {name for name, right in rights.items() if right == "write"}
    allowed = {
        ("release", "build"): {"packages"},
        ("release", "images"): {"attestations", "id-token", "packages"},
        ("release", "chart"): {"attestations", "id-token", "packages"},
        ("deploy", "plan"): {"id-token"},
        ("deploy", "apply"): {"id-token"},
    }
    assert written == allowed.get((workflow, job), set())
    assert content["jobs"][job]["timeout-minutes"] <= 90


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_runs_of_a_workflow_do_not_meet(workflow):
    concurrency = WORKFLOWS[workflow]["concurrency"]
    assert "${{" in concurrency["group"]
    # What changes something outside is never cut short.
    if workflow != "ci":
        assert concurrency["cancel-in-progress"] is False


def test_nothing_of_an_event_is_put_into_a_script():
    for path in PATHS:
        for step in (step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]):
            assert "${{" not in step.get("run", ""), step.get("name")
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_ci_runs_what_contributors_run():
    runs = [step.get("run", "") for job in WORKFLOWS["ci"]["jobs"].values() for step in job["steps"]]
    assert "bash .ci/run" in runs and "cargo dev test" in (ROOT / ".ci/run").read_text()
    assert "cargo fmt --check" in runs
    assert any("cargo clippy --workspace --all-targets" in run for run in runs)
    assert any("deploy/tests/test_terraform.py" in run for run in runs)
    for name in ("requirements.txt", "requirements-cloud.txt"):
        assert any(f"deploy/tests/{name}" in run for run in runs) and (ROOT / "deploy/tests" / name).exists()


def test_a_release_has_two_architectures_and_says_what_is_in_it_and_who_built_it():
    jobs = WORKFLOWS["release"]["jobs"]
    assert {build["platform"] for build in jobs["build"]["strategy"]["matrix"]["include"]} == {"linux/amd64", "linux/arm64"}
    [built] = [step["run"] for step in jobs["build"]["steps"] if "buildx build" in step.get("run", "")]
    assert "--sbom true" in built and "--provenance mode=max" in built and "push-by-digest=true" in built
    for job in ("images", "chart"):
        [attested] = [step for step in jobs[job]["steps"] if str(step.get("uses", "")).startswith("actions/attest-build-provenance@")]
        assert attested["with"]["push-to-registry"] is True
    services = set(WORKFLOWS["release"]["env"]["SERVICES"].split())
    assert services == set(jobs["images"]["strategy"]["matrix"]["service"]) == set(WORKFLOWS["deploy"]["env"]["SERVICES"].split())
    assert services == {"auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"}


def test_the_chart_is_packaged_under_the_version_that_was_checked():
    [check] = [step["run"] for step in WORKFLOWS["release"]["jobs"]["check"]["steps"] if "run" in step]
    for path in re.findall(r" (\S+/\S+|Cargo\.toml)$", check, re.MULTILINE):
        assert (ROOT / path).exists(), path
    chart = yaml.safe_load((ROOT / "helm/hubbub/Chart.yaml").read_text())
    cargo = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    assert chart["version"] == chart["appVersion"] == cargo


def test_a_deployment_is_asked_for_and_changes_only_what_was_approved():
    deploy = WORKFLOWS["deploy"]
    assert set(deploy[True]) == {"workflow_dispatch"}
    inputs = deploy[True]["workflow_dispatch"]["inputs"]
    assert inputs["apply"]["default"] is False
    assert set(inputs["environment"]["options"]) == {path.name for path in (ROOT / "terraform/envs").iterdir()}
    plan, apply = deploy["jobs"]["plan"], deploy["jobs"]["apply"]
    assert plan["environment"] == "${{ inputs.environment }}-plan" and apply["environment"] == "${{ inputs.environment }}"
    assert apply["needs"] == "plan" and apply["if"] == "${{ inputs.apply }}"
    scripts = "\n".join(step.get("run", "") for step in apply["steps"])
    assert re.search(r"terraform .* apply .*release\.tfplan", scripts) and " plan " not in scripts
    planned = "\n".join(step.get("run", "") for step in plan["steps"])
    assert "gh attestation verify" in planned and " apply" not in planned


def test_what_a_deployment_needs_is_on_the_page():
    page = (ROOT / "docs/deploy-aws.md").read_text()
    for variable in set(re.findall(r"\bvars\.([A-Z_]+)", (GITHUB / "workflows/deploy.yml").read_text())):
        assert f"`{variable}`" in page, variable


def test_dependabot_watches_every_kind_and_waits_a_week():
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "cargo", "npm", "docker", "pip", "terraform"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
