"""Terraform's files as data: what a folder declares, and what its expressions refer to."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import hcl2

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"

# `var.name`, `local.name`, `module.name.output`, `data.type.name`, `ephemeral.type.name`, `aws_type.name`. Not behind a
# dot: there it is an attribute.
REFERENCE = re.compile(r"(?<![\w.-])((?:var|local)\.\w+|(?:module|data|ephemeral)\.\w+\.\w+|aws_\w+\.\w+)")


def bare(name: str) -> str:
    """The name of a block without the quotes that the parser keeps."""
    return name.strip('"')


@dataclass
class Folder:
    """One module: everything that its files declare, and every text in which an expression may be."""

    path: Path
    variables: dict = field(default_factory=dict)
    locals: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    modules: dict = field(default_factory=dict)
    terraform: dict = field(default_factory=dict)
    resources: dict = field(default_factory=dict)
    texts: list = field(default_factory=list)

    def take(self, parsed: dict) -> None:
        for kind in ("variable", "output", "module"):
            for block in parsed.get(kind, []):
                for name, body in block.items():
                    getattr(self, f"{kind}s")[bare(name)] = body
        for block in parsed.get("locals", []):
            self.locals |= {bare(name): value for name, value in block.items() if not name.startswith("__")}
        for kind, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
            for block in parsed.get(kind, []):
                for type_, named in block.items():
                    for name, body in named.items():
                        self.resources[f"{prefix}{bare(type_)}.{bare(name)}"] = body
        for block in parsed.get("terraform", []):
            self.terraform |= block
        self.texts += texts(parsed)

    def references(self) -> set[str]:
        """What its expressions name."""
        return {reference for text in self.texts for reference in REFERENCE.findall(code(text))}

    def declared(self) -> set[str]:
        names = {f"var.{name}" for name in self.variables} | {f"local.{name}" for name in self.locals}
        return names | set(self.resources)

    def called(self, name: str) -> Path:
        """The folder of a module that it uses."""
        return (self.path / bare(self.modules[name]["source"])).resolve()


def code(text: str) -> str:
    """An expression without its literal texts, but with what is put into them."""
    kept, inside, at = [], [], 0
    while at < len(text):
        if inside and inside[-1] == '"':
            if text[at] == "\\":
                at += 1
            elif text[at] == '"':
                inside.pop()
            elif text.startswith("${", at):
                inside.append("{")
                kept.append(" ")
                at += 1
        else:
            if text[at] in '"{':
                inside.append(text[at])
            elif text[at] == "}" and inside:
                inside.pop()
            kept.append(text[at] if text[at] != '"' else " ")
        at += 1
    return "".join(kept)


def texts(value) -> list[str]:
    """Every text in a parsed file, keys of objects included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        inner = [entry for key, entry in value.items() if key not in ("__comments__", "__inline_comments__")]
        return [text for entry in inner for text in texts(entry)] + [key for key in value if "${" in key]
    if isinstance(value, list):
        return [text for entry in value for text in texts(entry)]
    return []


def files(*suffixes: str) -> list[Path]:
    """Every file of Terraform's, without what it keeps for itself."""
    found = [path for suffix in suffixes for path in TERRAFORM.rglob(f"*{suffix}")]
    return sorted(path for path in found if ".terraform" not in path.parts)


def folders() -> dict[Path, Folder]:
    """Every module by its path."""
    found: dict[Path, Folder] = {}
    for path in files(".tf"):
        folder = found.setdefault(path.parent, Folder(path.parent))
        with open(path) as file:
            folder.take(hcl2.load(file))
    return found


def plain(value):
    """A literal's value: texts without quotes."""
    return bare(value) if isinstance(value, str) else value
