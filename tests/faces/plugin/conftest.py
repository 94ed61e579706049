"""What the plugin's tests share: scenario files, a project to put them into, and pytest's own tester on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import MappingProxyType
from typing import Any

import pytest

import runner

# pytester forgets modules that were first imported inside it: whoever kept a part of one would later meet its twin, whose errors are others
_KEPT = [import_module(found.name) for found in walk_packages(runner.__path__, "runner.") if not found.name.endswith("__main__")]

SCENARIOS = MappingProxyType(
    {
        "green": "scenario: A sum is right\nvendor: icws\ntags: [smoke]\nsteps:\n  - check: {that: '{{ 2 + 2 }}', is: 4}\n",
        "red": "scenario: A sum is wrong\nvendor: icws\ntags: [nightly]\nsteps:\n  - check: {that: '{{ 2 + 2 }}', is: 5}\n",
        "errored": "scenario: Nobody answers\nvendor: icws\nsteps:\n  - http: {url: 'http://127.0.0.1:9/'}\n",
        "skipped": "scenario: Nothing is wanted\nvendor: icws\nsteps:\n  - note: hello\n    when: 1 == 2\n",
        "unsupported": "scenario: Somebody is ready\nvendors: [egain, icws]\nsteps:\n  - login: {as: agent}\n  - ready\n",
        "cases": (
            "scenario: A sum for each\nvendor: icws\ncases:\n  - {case: right, wanted: 4}\n  - {case: wrong, wanted: 5}\n"
            "steps:\n  - check: {that: '{{ 2 + 2 }}', is: '{{ wanted }}'}\n"
        ),
        "wrong": "scenario: Two typos\nvendor: icws\nsteps:\n  - logn: {as: agent}\n  - note: hello\n    nmae: x\n",
        "sends": (
            "scenario: A mail is sent\nvendor: icws\nsteps:\n  - login: {as: agent}\n"
            "  - create: {to: joe@example.com, subject: Hello, text: Hi}\n  - send\n  - check: {that: 1, is: 2}\ncleanup:\n  - logout\n"
        ),
        "slow": "scenario: Somebody waits\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - wait: 60s\ncleanup:\n  - logout\n",
    }
)


@dataclass
class Project:
    """A folder with scenarios, and pytest on it. Each run is inside this process, unless it is asked for as a process of its own."""

    pytester: pytest.Pytester

    @property
    def root(self) -> Path:
        return self.pytester.path

    def add(self, *names: str, **texts: str) -> None:
        """Add scenarios: of those above by name, or with a text."""
        for name, text in {**{name: SCENARIOS[name] for name in names}, **texts}.items():
            path = self.root / "scenarios" / f"{name}.scenario.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def pytest(self, *arguments: str) -> pytest.RunResult:
        """Run pytest without plugins that a test does not ask for."""
        quiet = [f"-pno:{name}" for name in ("cacheprovider", "rerunfailures", "xdist") if f"-p{name}" not in arguments]
        wanted = [argument for argument in arguments if argument not in {"-pcacheprovider", "-prerunfailures", "-pxdist"}]
        return self.pytester.runpytest(*quiet, *wanted)

    def events(self) -> list[dict[str, Any]]:
        """The journal of the newest run, without its head."""
        (journal,) = self.root.glob("reports/latest/journal.jsonl")
        return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()][1:]

    def ran(self) -> list[str]:
        """What was carried out in the newest run, in the order in which it began; [] when nothing ran."""
        if not (self.root / "reports").exists():
            return []
        return [short(event["scenario"]) for event in self.events() if event["event"] == "ScenarioStarted"]


def short(key: str) -> str:
    """``scenarios/red.scenario.yaml::icws`` → ``red::icws``."""
    return key.removeprefix("scenarios/").replace(".scenario.yaml", "")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, without plugins that change every session: those that a test asks for come back with ``-p``."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-pno:randomly -pno:asyncio")
    return Project(pytester)


@dataclass
class Meeting:
    """A server that answers nobody until so many ask at the same time."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def meeting() -> Iterator[Callable[[int], Meeting]]:
    """Opens a meeting of so many; who waits for too long is answered with 503."""
    servers: list[ThreadingHTTPServer] = []

    def opened(people: int) -> Meeting:
        barrier = threading.Barrier(people)
        held = Meeting()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                held.asked.append(self.path)
                try:
                    barrier.wait(20)
                    self.send_response(200)
                except threading.BrokenBarrierError:
                    self.send_response(503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(serving)
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        held.url = f"http://127.0.0.1:{serving.server_address[1]}"
        return held

    yield opened
    for serving in servers:
        serving.shutdown()
        serving.server_close()
