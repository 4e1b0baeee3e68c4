"""Grafana's panels, asked of a real Prometheus that scrapes the product."""

import contextlib
import json
import math
import shutil
import urllib.parse
import urllib.request
from pathlib import Path

import chart
import programs
import yaml

PROMETHEUS = shutil.which("prometheus")
# What somebody with a wrong password and a page of another origin leave. Where nothing went wrong panels show a zero, as
# long as there is a process that would count.
PROVOKED = {"Failed log-ins by reason": "authentication_failed_total", "Turned away": "hubbub_gateway_origin_refused_total"}


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


def values(port: int, query: str) -> list[float]:
    """What a panel would show, with Grafana's variables filled in."""
    filled = query.replace("$__rate_interval", "1m").replace("$instance", ".*")
    found = [float(sample["value"][1]) for sample in ask(port, filled)]
    return [value for value in found if not math.isnan(value)]


def empty(port: int) -> list[str]:
    """The queries that show nothing, and those that show a zero for what was provoked."""
    empty = []
    for path in sorted((chart.PATH / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for query in (target["expr"] for target in panel["targets"]):
                shown = values(port, query)
                provoked = PROVOKED.get(panel["title"], "nothing") in query
                if not shown or (provoked and not any(shown)):
                    empty.append(f"{panel['title']}: {query}")
    return empty
