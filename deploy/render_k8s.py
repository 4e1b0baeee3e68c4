"""Renders k8s/base and k8s/components/monitoring from the chart.

    pip install --requirement deploy/tests/requirements.txt
    python3 deploy/render_k8s.py           # after a change of the chart
    python3 deploy/render_k8s.py --check   # fails when the files are not what the chart says

One file for each process, without what only Helm needs to know. Nothing here is edited by hand: overlays are.
"""

import sys
from pathlib import Path

import yaml
from helm_python.chart import Chart

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm/hubbub"
K8S = ROOT / "k8s"
# An overlay says which namespace; the metric of a ScaledObject would name this one.
NAMESPACE = "hubbub"
HEADER = "# Rendered from helm/hubbub by deploy/render_k8s.py: do not edit.\n"


class Plain(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and nothing as a reference."""

    def ignore_aliases(self, data):
        return True


Plain.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def objects() -> list[dict]:
    """Returns what the chart makes of k8s/values.yaml, without hooks and Helm's own labels."""
    values = yaml.safe_load((K8S / "values.yaml").read_text())
    rendered = Chart.load(CHART).render(values, name="hubbub", namespace=NAMESPACE)
    texts = [text for path, text in sorted(rendered.items()) if path.endswith(".yaml")]
    found = [item for text in texts for item in yaml.safe_load_all(text) if item]
    kept = [item for item in found if "helm.sh/hook" not in item["metadata"].get("annotations", {})]
    for item in kept:
        template = item.get("spec", {}).get("template", {}) if item["kind"] == "Deployment" else {}
        for metadata in filter(None, [item["metadata"], template.get("metadata")]):
            metadata["labels"].pop("helm.sh/chart", None)
            metadata["labels"].pop("app.kubernetes.io/managed-by", None)
    return kept


def place(item: dict) -> str:
    """Returns the file an object belongs into."""
    component = item["metadata"]["labels"]["app.kubernetes.io/component"]
    return "components/monitoring/monitoring.yaml" if component == "metrics" else f"base/{component}.yaml"


def files() -> dict[str, str]:
    """Returns the rendered files by their paths in k8s/."""
    groups: dict[str, list[dict]] = {}
    for item in objects():
        # The test's policy belongs to a pod that only `helm test` starts.
        if not item["metadata"]["name"].endswith("-test"):
            groups.setdefault(place(item), []).append(item)
    dump = lambda items: yaml.dump_all(items, Dumper=Plain, sort_keys=False, width=120)
    rendered = {path: HEADER + dump(items) for path, items in groups.items()}
    base = sorted(Path(path).name for path in groups if path.startswith("base/"))
    kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": base}
    rendered["base/kustomization.yaml"] = HEADER + dump([kustomization])
    return rendered


def drift() -> list[str]:
    """Lists the files that are not what the chart says, and those that it does not say."""
    wanted = files()
    there = {str(path.relative_to(K8S)) for path in (K8S / "base").glob("*.yaml")}
    wrong = {path for path, text in wanted.items() if not (K8S / path).is_file() or (K8S / path).read_text() != text}
    return sorted(wrong | (there - set(wanted)))


def main() -> None:
    if "--check" in sys.argv:
        if found := drift():
            sys.exit(f"not what the chart says: {', '.join(found)}: python3 deploy/render_k8s.py")
        return
    for old in (K8S / "base").glob("*.yaml"):
        old.unlink()
    for path, text in files().items():
        (K8S / path).write_text(text)


if __name__ == "__main__":
    main()
