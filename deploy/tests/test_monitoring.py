"""Alerts and dashboards ask for what the processes really measure."""

import json
import re
import shutil
import subprocess

import chart
import pytest
import yaml

DASHBOARDS = sorted((chart.PATH / "dashboards").glob("*.json"))
ALERTS = chart.PATH / "files/alerts.yaml"
SOURCES = [path for crate in chart.ROOT.glob("*/src") for path in crate.rglob("*.rs")]
SOURCES += list((chart.ROOT / "crates").rglob("src/**/*.rs"))
FUNCTIONS = r"sum|rate|increase|histogram_quantile|topk|label_values|by|and|or|on|le"
# What Prometheus gives to everything that it scrapes.
SCRAPED = {"instance", "job", "le", "service"}


def measured() -> dict[str, str]:
    """Every metric of the code and its kind."""
    pattern = re.compile(r'metrics::(counter|gauge|histogram)!\(\s*"(\w+)"')
    return {name: kind for path in SOURCES for kind, name in pattern.findall(path.read_text())}


def labels() -> dict[str, set[str]]:
    """The labels that the code gives to each metric."""
    pattern = re.compile(r'metrics::(?:counter|gauge|histogram)!\(\s*"(\w+)"((?:[^()]|\([^()]*\))*)\)')
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        text = path.read_text()
        listed = "".join(re.findall(r"let labels = \[(.*?)\];", text, re.DOTALL))
        for name, rest in pattern.findall(text):
            own = re.findall(r'"(\w+)"\s*=>', rest) + (re.findall(r'\("(\w+)",', listed) if "&labels" in rest else [])
            found.setdefault(name, set()).update(own)
    return found


def labels_in(expression: str) -> set[str]:
    """The labels an expression asks for."""
    grouped = [label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")]
    chosen = [label for group in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)\s*[=!]", group)]
    return set(grouped + chosen)


def names_in(expression: str) -> set[str]:
    """The metrics an expression asks for: words that are no label, function or variable."""
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\{[^}]*\}|by \([^)]*\)|\$\w+', " ", expression)
    return {word for word in re.findall(r"[a-z][a-z0-9_]+", bare) if not re.fullmatch(FUNCTIONS, word)}


def expressions() -> list[tuple[str, str]]:
    found = [(rule["alert"], rule["expr"]) for group in alerts() for rule in group["rules"]]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            found += [(f"{path.stem}: {panel['title']}", target["expr"]) for target in panel["targets"]]
    return found


def alerts() -> list[dict]:
    return yaml.safe_load(ALERTS.read_text())["groups"]


@pytest.mark.parametrize(("where", "expression"), expressions(), ids=lambda value: None)
def test_every_metric_is_one_of_the_code(where, expression):
    known = measured()
    asked = names_in(expression)
    assert asked, where
    for name in asked - {"up"}:
        stem = name.removesuffix("_bucket")
        assert stem in known, f"{where}: nobody measures {name}"
        assert (known[stem] == "histogram") == (stem != name), f"{where}: {name} is a {known[stem]}"
        if known[stem] == "counter":
            assert re.search(rf"(rate|increase)\({name}", expression), f"{where}: {name} only ever grows"


@pytest.mark.parametrize(("where", "expression"), expressions(), ids=lambda value: None)
def test_every_label_is_one_that_the_metric_has(where, expression):
    given, known = labels(), measured()
    assert given.keys() == known.keys()
    own = {label for name in names_in(expression) - {"up"} for label in given[name.removesuffix("_bucket")]}
    # A label of the process that Prometheus has for itself, too, is renamed.
    own = {f"exported_{label}" if label in SCRAPED else label for label in own}
    assert labels_in(expression) <= SCRAPED | own, where


def test_the_product_s_metrics_are_all_on_a_dashboard():
    shown = {name.removesuffix("_bucket") for where, text in expressions() if ":" in where for name in names_in(text)}
    hidden = {
        "hubbub_gateway_http_request_seconds",
        "hubbub_gateway_forwarded_garbage_total",
        "hubbub_gateway_range_hits_total",
        "stream_injected_conflicts_total",
    }
    missing = set(measured()) - shown - hidden
    # Metrics that are newer than the dashboards are few; more say that somebody forgot the dashboards.
    assert len(missing) <= 5, sorted(missing)


def test_every_alert_has_its_chapter():
    page = (chart.ROOT / "docs/runbooks.md").read_text()
    for group in alerts():
        for rule in group["rules"]:
            assert f"\n## {rule['alert']}\n" in page
            assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{rule['alert'].lower()}"
            assert rule["labels"]["severity"] in {"critical", "warning"} and rule["annotations"]["summary"]


def test_dashboards_have_names_of_their_own_and_no_numbers_of_somebody_s_grafana():
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert len({board["uid"] for board in boards}) == len(boards) and not any("id" in board for board in boards)
    for board in boards:
        assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "instance"]
        assert all(panel["datasource"]["uid"] == "${datasource}" for panel in board["panels"])
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
        assert len(set(places)) == len(places)


def test_the_chart_ships_them():
    layer = {"monitoring": {key: {"enabled": True} for key in ("serviceMonitor", "prometheusRule", "dashboards")}}
    objects = chart.render(layer)
    (rules,) = objects.of("PrometheusRule")
    links = [rule["annotations"]["runbook_url"] for rule in rules["spec"]["groups"][0]["rules"]]
    assert all(link.startswith("https://github.com/") and "docs/runbooks.md#" in link for link in links)
    for path in DASHBOARDS:
        shipped = objects.get("ConfigMap", f"hubbub-dashboard-{path.stem}")
        assert json.loads(shipped["data"][path.name]) == json.loads(path.read_text())
        assert shipped["metadata"]["labels"]["grafana_dashboard"] == "1"
    service, (monitor,) = objects.get("Service", "hubbub-metrics"), objects.of("ServiceMonitor")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    scraped = [
        item["metadata"]["name"].removeprefix("hubbub-")
        for item in objects.of("Deployment")
        if service["spec"]["selector"].items() <= item["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert scraped == chart.SERVICES


def test_compose_scrapes_every_process_under_its_name():
    jobs = yaml.safe_load((chart.ROOT / "deploy/prometheus.yml").read_text())["scrape_configs"]
    scraped = {target: entry["labels"]["service"] for entry in jobs[0]["static_configs"] for target in entry["targets"]}
    services = yaml.safe_load((chart.ROOT / "compose.yaml").read_text())["services"]
    ours = {name for name, service in services.items() if "HUBBUB_NATS__URL" in service.get("environment", {})}
    assert set(scraped) == {f"{name}:9090" for name in ours}
    assert set(scraped.values()) == set(chart.SERVICES)


def as_rules() -> list[dict]:
    """The dashboards' queries as rules, with Grafana's variables filled in: so promtool reads them, too."""
    queries = [expression for where, expression in expressions() if ":" in where]
    fill = lambda text: text.replace("$__rate_interval", "1m").replace("$instance", ".*")
    return [{"record": f"shown:{number}", "expr": fill(query)} for number, query in enumerate(queries)]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with the Debian package prometheus")
def test_alerts_come_when_they_should_and_not_before(tmp_path):
    rules = tmp_path / "alerts.yaml"
    shutil.copy(ALERTS, rules)
    configuration = tmp_path / "prometheus.yml"
    text = (chart.ROOT / "deploy/prometheus.yml").read_text()
    configuration.write_text(text.replace("/etc/prometheus/alerts.yaml", str(rules)))
    tests = tmp_path / "tests.yaml"
    cases = (chart.ROOT / "deploy/tests/alerts.test.yaml").read_text()
    tests.write_text(cases.replace("[ALERTS]", f"[{rules}]"))
    tried = set(re.findall(r"alertname: (\w+)", cases))
    assert tried == {rule["alert"] for group in alerts() for rule in group["rules"]}
    shown = tmp_path / "shown.yaml"
    shown.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": as_rules()}]}))
    commands = [["check", "rules", rules], ["check", "rules", shown], ["check", "config", configuration]]
    for command in [*commands, ["test", "rules", tests]]:
        checked = subprocess.run(["promtool", *command], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
