"""Secrets are in no output of pytest, nor of the plugins that write beside it, however a scenario ends and however much is shown."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from runner.cli.main import main

pytest_plugins = ["pytester"]

CANARY = 'k4nari/"Vögel&mehr+17='
FORMS = (
    CANARY,
    CANARY[2:-2],
    quote(CANARY, safe=""),
    quote(CANARY),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    base64.b64encode(b"user:" + CANARY.encode()).decode()[8:-4],
    CANARY.encode("unicode_escape").decode(),
    CANARY.replace('"', "&quot;").replace("&m", "&amp;m"),
    CANARY.replace("&", "&amp;"),
    CANARY.encode().hex(),
    CANARY[::-1],
    CANARY.upper(),
)
# NAME and SECRET are filled in
HEAD = """\
scenario: It NAME
vendor: egain
variables: {given: ''}
steps:
  - set: {mine: "SECRET"}
  - note: "it is SECRET {{ given }}"
"""
ENDS = {
    "passed": "",
    "failed": '  - check: {that: "xSECRET", is: nope}\n    on_failure: continue\n  - check: {that: nope, is: "SECRET"}\n',
    "differs": '  - check: {that: nope, is: {one_of: ["SECRET", other]}}\n',
    "errored": """\
  - http:
      method: POST
      url: "http://127.0.0.1:9/SECRET?q=SECRET"
      headers: {X-Key: "SECRET"}
      json: {a: "SECRET"}
""",
    "login": '  - login: {as: agent, password: "SECRET"}\n',
    "cleanup": 'cleanup:\n  - check: {that: "SECRET", is: nope}\n',
    "waits": "  - wait: 60s\n",
}


def scenario(name: str) -> str:
    """The text of a scenario that puts the secret into everything and ends in its own way."""
    return (HEAD + ENDS[name]).replace("NAME", name).replace("SECRET", "{{ secret('CANARY') }}")


CONFTEST = """
import os
import pytest

from runner.cli.main import main
from runner.environment.secrets import Secret

@pytest.fixture(scope="session")
def scenario_variables():
    return {"given": Secret("given", os.environ["CANARY"])}

def pytest_collection_modifyitems(items):
    # only who waits for ever is given up; how long the others take is the machine's business
    for item in items:
        if "waits" in item.nodeid:
            item.add_marker(pytest.mark.timeout(8))
"""
IN_A_TEST = """
import pytest

from runner.cli.main import main

@pytest.mark.parametrize("name", ["passed", "failed", "errored"])
def test_it(run_scenario, scenario_variables, name):
    result = run_scenario(f"{name}.scenario.yaml")
    assert result is None
"""
OWN = ("-vv", "-rA", "--showlocals", "--tb=long", "-pno:cacheprovider", "-pno:randomly", "-pno:asyncio")
FILES = ("--junitxml=out/junit.xml", "-ojunit_logging=all", "--html=out/page.html", "--self-contained-html", "--ctrf=out/ctrf.json")
OURS = ("--alluredir=out/allure", *(f"--scenario-reporter={name}" for name in ("html", "json", "junit", "markdown", "ctrf")))


def left_behind(project: Any, *arguments: str) -> str:
    """Run pytest as a process of its own, and give everything that it said and that it wrote."""
    command = [sys.executable, "-m", "pytest", *OWN, *FILES, *OURS, *arguments]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, encoding="utf-8", timeout=100, check=False)
    written = [path for folder in ("out", "reports") for path in (project.root / folder).rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"junit.xml", "page.html", "ctrf.json", "journal.jsonl", "index.html"}
    return "\n".join([done.stdout, done.stderr, *map(_read, written)])


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


@pytest.fixture
def full_of_secrets(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose scenarios put a secret everywhere, and end in every way."""
    pytest.importorskip("pytest_html")
    pytest.importorskip("ctrf.main")
    monkeypatch.setenv("CANARY", CANARY)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    project.pytester.makeconftest(CONFTEST)
    project.pytester.makepyfile(test_python=IN_A_TEST)
    project.add(**{name: scenario(name) for name in ENDS})
    return project


@pytest.mark.slow
@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["one process", "workers"])
def test_no_output_has_a_secret(full_of_secrets: Any, workers: list[str]) -> None:
    """Terminal, JUnit, pytest-html, CTRF, Allure and our own reports, however the scenarios ended."""
    left = left_behind(full_of_secrets, *workers, "scenarios", "test_python.py")
    assert [form for form in FORMS if form in left] == []
    told = ("It passed", "It failed", "It errored", "It waits", "Timeout", "scenario_variables", "nope", "***")
    assert [name for name in told if name not in left] == []


# Kills the process when all but the last scenario have ended.
KILLING = """
import signal

def pytest_runtest_logfinish(nodeid):
    if "passed.scenario" in nodeid:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind")
def test_a_killed_session_leaves_no_secret(full_of_secrets: Any) -> None:
    """After ``kill -9`` neither what pytest and its plugins had written by then, nor the journal and a report made of it, has one."""
    project = full_of_secrets
    project.pytester.makeconftest(CONFTEST + KILLING)
    command = [sys.executable, "-m", "pytest", *OWN, *FILES, *OURS, "scenarios"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == -signal.SIGKILL
    assert main(["report", "--reports", str(project.root / "reports"), "--reporter", "html", "--reporter", "json"]) == 2
    written = [path for folder in ("out", "reports") for path in (project.root / folder).rglob("*") if path.is_file()]
    left = "\n".join([done.stdout, done.stderr, *map(_read, written)])
    assert {"journal.jsonl", "incomplete", "index.html", "result.json"} <= {path.name for path in written}
    assert "It errored" in left
    assert [form for form in FORMS if form in left] == []
