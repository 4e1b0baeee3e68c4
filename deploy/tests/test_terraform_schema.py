"""Every argument of every resource is one that Terraform's AWS provider knows, and none that it must have is missing.

Its registry is not one that every machine reaches, and a package of PyPI holds its schema. Where Terraform itself can be had,
test_terraform.py lets it say the same and more.
"""

import gzip
import json
import re

import pytest

pytest.importorskip("hcl2", reason="needs requirements-cloud.txt")
import hcl  # noqa: E402
import wheels  # noqa: E402

# What every resource may have, whatever it is.
COMMON = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "timeouts"}
# Of a provider that is newer than the package: terraform.tf asks for 6.62.
NEWER = {("aws_elasticache_replication_group", name) for name in ("auth_token_wo", "auth_token_wo_version")}
ASSEMBLY = "@cdktf/provider-aws."


def condensed(archive) -> bytes:
    """For each kind of block its arguments: what is inside, if it is a block, and whether it may be left out."""
    assembly = json.loads(archive.extractfile("package/.jsii").read())
    if "filename" in assembly:
        assembly = json.loads(gzip.decompress(archive.extractfile(f"package/{assembly['filename']}").read()))
    types = assembly["types"]
    blocks = {name for name, about in types.items() if about["kind"] == "interface"}

    def argument(about: dict) -> tuple[str, list]:
        docs = about.get("docs", {})
        # The page's own name of it; the package writes it in another way.
        told = re.search(r"#(\w+) \w+#", docs.get("summary", "") + docs.get("remarks", ""))
        name = told[1] if told else re.sub(r"([A-Z])", lambda letter: f"_{letter[1].lower()}", about["name"])
        inner = [found for found in re.findall(rf'"fqn": "({re.escape(ASSEMBLY)}[\w.]+)"', json.dumps(about.get("type"))) if found in blocks]
        return name, [inner[0] if inner else None, about.get("optional", False)]

    found = {name: dict(argument(about) for about in types[name].get("properties", [])) for name in blocks}
    return json.dumps(found).encode()


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(wheels.kept("requirements-aws.txt", "aws-schema", condensed).read_text())


def block_of(kind: str, type_: str) -> list[str]:
    """The names that the package may have given to a resource or a data source."""
    words = (f"data_{type_}" if kind == "data" else type_.removeprefix("aws_")).split("_")
    folder = words[0] + "".join(word.capitalize() for word in words[1:])
    name = folder[0].upper() + folder[1:]
    # An `A` where the name alone would be that of a block inside.
    return [f"{ASSEMBLY}{folder}.{name}{suffix}Config" for suffix in ("", "A")]


def complaints(schema: dict, where: str, body: dict, block: str) -> list[str]:
    known, found = schema[block], []
    inside = [(hcl.bare(name), value) for name, value in body.items() if not hcl.bare(name).startswith("__")]
    for dynamic in body.get("dynamic", []):
        inside += [(hcl.bare(name), about["content"]) for name, about in dynamic.items() if not name.startswith("__")]
    names = {name for name, _ in inside}
    found += [f"{where} has no {name}" for name in names - known.keys() - COMMON - {"dynamic"}]
    found += [f"{where} needs {name}" for name, (_, is_optional) in known.items() if not is_optional and name not in names]
    for name, value in inside:
        inner = known.get(name, [None])[0]
        blocks = [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]
        for part in blocks if inner else []:
            found += complaints(schema, f"{where}.{name}", part, inner)
    return found


def all_complaints(schema: dict, text: str) -> tuple[int, list[str]]:
    """How many resources a file has, and what the provider would say of them."""
    content, seen, found = hcl.hcl2.loads(text), 0, []
    for kind in ("resource", "data"):
        for type_, named in ((hcl.bare(type_), named) for block in content.get(kind, []) for type_, named in block.items()):
            if not type_.startswith("aws_"):
                continue
            (block,) = [name for name in block_of(kind, type_) if name in schema][:1] or [None]
            assert block, f"{type_} is unknown"
            for name, body in named.items():
                seen += 1
                told = complaints(schema, type_, body, block)
                found += [f"{hcl.bare(name)}: {line}" for line in told if tuple(line.split(" has no ")) not in NEWER]
    return seen, found


def test_every_argument_is_one_that_the_provider_knows(schema):
    results = [all_complaints(schema, path.read_text()) for path in hcl.files(".tf")]
    assert sum(seen for seen, _ in results) > 100
    assert [line for _, found in results for line in found] == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('resource "aws_lb" "a" {\n  idle_time = 120\n}\n', "aws_lb has no idle_time"),
        ('resource "aws_ecs_service" "a" {\n  deployment_circuit_breaker {\n    enable = true\n  }\n}\n', "needs rollback"),
        ('resource "aws_lb_listener" "a" {\n  load_balancer_arn = "x"\n}\n', "aws_lb_listener needs default_action"),
        ('data "aws_route53_zone" "a" {\n  zone = "x"\n}\n', "aws_route53_zone has no zone"),
    ],
    ids=["a name", "in a block", "a block", "data"],
)
def test_a_wrong_one_is_seen(schema, text, complaint):
    _, found = all_complaints(schema, text)
    assert any(complaint in line for line in found), found
