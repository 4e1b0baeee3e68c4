"""Writes helm/hubbub/README.md from the comments of values.yaml, in the way of helm-docs (`# -- text`).

python3 deploy/chart_readme.py
"""

import json
from pathlib import Path

import yaml

CHART = Path(__file__).resolve().parent.parent / "helm/hubbub"
HEAD = """# The hubbub chart

A realtime chat platform that scales by adding servers: gateways, four services, and where wanted the stores. How to use it is in [docs/deploy.md](../../docs/deploy.md); this page is made from the comments of [values.yaml](values.yaml).

```sh
helm install hubbub helm/hubbub --values helm/hubbub/values-dev.yaml --namespace chat --create-namespace
helm test hubbub --namespace chat
```

Needs Kubernetes 1.34 or newer. The Gateway API, KEDA and the Prometheus operator are used only where values ask for them. [values-production.yaml](values-production.yaml) is what to start a real installation from.

| value | default | what |
|---|---|---|
"""


def comments(text: str) -> dict[int, str]:
    """Returns the `# --` comments by the line of the value they stand above."""
    found, waiting = {}, None
    for number, line in enumerate(text.splitlines()):
        line = line.strip()
        if line.startswith("# -- "):
            waiting = line.removeprefix("# -- ")
        elif line.startswith("#") and waiting is not None:
            waiting += " " + line.lstrip("# ")
        elif waiting is not None:
            found[number], waiting = waiting, None
    return found


def rows(node: yaml.MappingNode, explained: dict[int, str], path: str = "", said: str = ""):
    for key, value in node.value:
        here = f"{path}.{key.value}" if path else key.value
        text = explained.get(key.start_mark.line, said if key.start_mark.line == node.start_mark.line else "")
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from rows(value, explained, here, text)
        else:
            default = json.dumps(yaml.safe_load(yaml.serialize(value)))
            yield f"| `{here}` | `{default}` | {text} |"


def page() -> str:
    """Returns the page."""
    text = (CHART / "values.yaml").read_text()
    return HEAD + "\n".join(rows(yaml.compose(text), comments(text))) + "\n"


if __name__ == "__main__":
    (CHART / "README.md").write_text(page())
