"""Grafana's panels, asked of a real Prometheus that scrapes the product."""

import contextlib
import json
import shutil
import urllib.parse
import urllib.request
from pathlib import Path

import chart
import programs
import yaml

PROMETHEUS = shutil.which("prometheus")
# What a conversation of two must leave on every dashboard; other panels count what goes wrong.
ALIVE = {
    "people": ["Connections", "New connections by tenant", "Frames", "Events delivered", "REST requests by status"],
    "delivery": ["Time of requests, p50 and p99", "Slowest methods, p99", "Time to store, p50 and p99"],
    "processes": ["Up", "Tasks", "Postgres connections"],
}


@contextlib.contextmanager
def prometheus(folder: Path, targets: dict[str, list[int]]):
    """A real Prometheus with the shipped configuration and rules, at the ports of this machine."""
    text = (chart.ROOT / "deploy/prometheus.yml").read_text().replace("scrape_interval: 15s", "scrape_interval: 1s")
    configuration = yaml.safe_load(text)
    configuration["rule_files"] = [str(chart.PATH / "files/alerts.yaml")]
    for entry in configuration["scrape_configs"][0]["static_configs"]:
        entry["targets"] = [f"127.0.0.1:{port}" for port in targets[entry["labels"]["service"]]]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    port = programs.free_port()
    files = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"]
    command = [PROMETHEUS, *files, f"--web.listen-address=127.0.0.1:{port}"]
    with programs.running("prometheus", folder, command, lambda: programs.status(port, "/-/ready") == 200):
        yield port


def ask(port: int, query: str) -> list[dict]:
    """Asks Prometheus; gives the samples."""
    asked = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?{asked}", timeout=programs.PATIENCE) as answer:
        return json.load(answer)["data"]["result"]


def scraped_since(port: int, moment: float) -> bool:
    """Whether every process was scraped after a moment."""
    (sample,) = ask(port, "min(timestamp(up))") or [{"value": [0, "0"]}]
    return float(sample["value"][1]) > moment


def has_data(port: int, query: str) -> bool:
    """Whether a panel would show something, with Grafana's variables filled in."""
    filled = query.replace("$__rate_interval", "1m").replace("$instance", ".*")
    return any(sample["value"][1] != "NaN" for sample in ask(port, filled))


def empty(port: int) -> list[str]:
    """The panels that should show something and do not."""
    empty = []
    for name, titles in ALIVE.items():
        board = json.loads((chart.PATH / "dashboards" / f"{name}.json").read_text())
        panels = {panel["title"]: panel["targets"] for panel in board["panels"]}
        for title in titles:
            empty += [title for target in panels[title] if not has_data(port, target["expr"])]
    return empty
