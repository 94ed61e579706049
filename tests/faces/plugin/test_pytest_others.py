"""Beside the plugins that people have: reruns, HTML, CTRF, Allure."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest_plugins = ["pytester"]

# Fails the first time and passes the second; nothing is sent.
COUNTING = """
from http.server import BaseHTTPRequestHandler, HTTPServer
import threading, pytest

class Handler(BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(503 if Handler.asked == 1 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args): pass

server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

@pytest.fixture(scope="session")
def scenario_variables():
    Handler.asked = 0
    yield {"url": f"http://127.0.0.1:{server.server_address[1]}/"}
    server.shutdown()
    server.server_close()
"""
LEFT_OUT = """
import pytest

@pytest.fixture
def scenario_variables():
    raise ValueError("no room")

def pytest_collection_modifyitems(items):
    for item in items:
        if "green" in item.nodeid:
            item.add_marker(pytest.mark.skip)
"""
ASKING = "scenario: Asking\nvendor: icws\nvariables: {url: ''}\nsteps:\n  - http: {url: '{{ url }}'}\n    expect: {http: 200}\n"


def test_what_sent_nothing_may_be_run_again(project: Any) -> None:
    """pytest-rerunfailures runs it once more, and both are in the journal."""
    pytest.importorskip("pytest_rerunfailures")
    project.pytester.makeconftest(COUNTING)
    project.add(asking=ASKING)
    result = project.pytest("-prerunfailures", "--reruns=2")
    assert result.parseoutcomes() == {"passed": 1, "rerun": 1}
    assert project.ran() == ["asking::icws", "asking::icws"]
    assert project.events()[-1]["counts"] == {"failed": 1, "passed": 1}


def test_what_may_have_sent_mail_is_never_run_again(project: Any) -> None:
    """The verdict stays what it was, with a line that says why."""
    pytest.importorskip("pytest_rerunfailures")
    project.add("sends")
    result = project.pytest("-prerunfailures", "--reruns=2")
    assert result.parseoutcomes() == {"failed": 1, "rerun": 2}
    result.stdout.fnmatch_lines(["*= not run again: mail may have been sent by step 3, `send`"])
    assert result.stdout.str().count("Captured scenario call") == 1
    assert project.ran() == ["sends::icws"]


def test_the_html_page_of_pytest(project: Any) -> None:
    """pytest-html shows each scenario with its verdict and its steps."""
    pytest.importorskip("pytest_html")
    project.add("green", "red", "errored", "unsupported")
    project.pytest("--html=page.html", "--self-contained-html").assert_outcomes(passed=2, failed=1, errors=1, skipped=1)
    page = (project.root / "page.html").read_text(encoding="utf-8")
    assert "that is 4, expected 5" in page
    assert "Captured scenario call" in page


def test_the_ctrf_file_of_pytest(project: Any) -> None:
    """pytest-json-ctrf counts as pytest does."""
    pytest.importorskip("ctrf.main")
    project.add("green", "red", "skipped")
    project.pytest("--ctrf=ctrf.json").assert_outcomes(passed=1, failed=1, skipped=1)
    summary = json.loads((project.root / "ctrf.json").read_text(encoding="utf-8"))["results"]["summary"]
    assert [summary[name] for name in ("passed", "failed", "skipped")] == [1, 1, 1]


def allure_results(project: Any) -> list[dict[str, Any]]:
    """What stands in the folder of ``--alluredir``."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in (project.root / "allure").glob("*-result.json")]


def test_allure_has_each_scenario_once(project: Any) -> None:
    """Scenarios are told by our own reporter, with their steps, failed told from broken and skipped; Python tests by allure-pytest."""
    project.add("green", "red", "errored", "skipped", "cases", "unsupported")
    project.pytester.makepyfile(test_python="def test_it(): pass")
    project.pytest("--alluredir=allure", "scenarios", "test_python.py").assert_outcomes(passed=4, failed=2, errors=1, skipped=2)
    results = allure_results(project)
    statuses = ["broken", "failed", "failed", "passed", "passed", "passed", "passed", "skipped", "skipped"]
    assert sorted(result["status"] for result in results) == statuses
    frameworks = [label["value"] for result in results for label in result["labels"] if label["name"] == "framework"]
    assert sorted(frameworks) == ["pytest"] + ["scenario-runner"] * 8
    assert [step["name"] for result in results if result["name"].startswith("A sum is right") for step in result["steps"]] == ["1 check"]


def test_allure_has_what_was_never_carried_out(project: Any) -> None:
    """A scenario that a mark leaves out, or whose fixture fails, is told by allure-pytest, as no record of ours has it."""
    project.pytester.makeconftest(LEFT_OUT)
    project.add("green", "red")
    project.pytest("--alluredir=allure").assert_outcomes(skipped=1, errors=1)
    assert sorted((result["name"], result["status"]) for result in allure_results(project)) == [
        ("icws", "broken"),
        ("icws", "skipped"),
    ]


def test_allure_with_workers(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results are written once, by the process that controls the workers, when all of them are done."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    project.add("green", "red", "cases")
    project.pytester.runpytest_subprocess("-n2", "--alluredir=allure").assert_outcomes(passed=2, failed=2)
    assert sorted(result["status"] for result in allure_results(project)) == ["failed", "failed", "passed", "passed"]


def test_the_order_may_be_random(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-randomly shuffles scenarios and tests; each has its own verdict in whatever order, with workers as well."""
    pytest.importorskip("pytest_randomly")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    project.add("green", "red", "cases", "skipped", "errored")
    project.pytest("-p", "randomly", "--randomly-seed=7", "-oasyncio_default_fixture_loop_scope=function").assert_outcomes(
        passed=2, failed=2, skipped=1, errors=1
    )
    workers = project.pytester.runpytest_subprocess("-n2", "-pno:rerunfailures")
    workers.assert_outcomes(passed=2, failed=2, skipped=1, errors=1)


def test_scenarios_beside_tests_that_are_coroutines(project: Any) -> None:
    """pytest-asyncio's loop and ours do not meet."""
    pytest.importorskip("pytest_asyncio")
    project.add("green", "red", "sends")
    project.pytester.makepyfile(test_async="import asyncio\nasync def test_it():\n    await asyncio.sleep(0)\n")
    result = project.pytest(
        "scenarios", "test_async.py", "-p", "asyncio", "-oasyncio_mode=auto", "-oasyncio_default_fixture_loop_scope=function"
    )
    result.assert_outcomes(passed=2, failed=2)
