"""pytest-xdist: the same verdicts, one run, actors that nobody has twice, and workers that die."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from runner.cli.main import main
from runner.record.events import RunStarted, ScenarioFinished, ScenarioStarted, decode
from runner.simulation.world import default_password
from tests.reading_back import FILES, files_agree

pytest_plugins = ["pytester"]
# each test starts processes that start processes
pytestmark = pytest.mark.timeout(300)

# Kills the first worker when it has told what came of `a`.
KILLING = """
import os, signal

def pytest_runtest_logfinish(nodeid):
    if "/a.scenario" in nodeid and "PYTEST_XDIST_WORKER" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
"""
WAITING = "scenario: A waits\nvendor: icws\nsteps:\n  - wait: 1500ms\n"
SENDING = (
    "scenario: B sends\nvendor: icws\nsteps:\n  - login: {as: agent}\n"
    "  - create: {to: joe@example.com, subject: Hello, text: Hi}\n  - send\n"
)
ENVIRONMENT = "environment: shared\nvendors: {{icws: {{url: '{url}'}}}}\nactors:\n  agent:\n{people}\nallow_recipients: ['*']\n"
PERSON = "    - icws: {{user: agent{n}, password: \"{{{{ secret('AGENT{n}') }}}}\"}}\n"
AS_SOMEBODY = """
scenario: Somebody works
vendor: icws
cases: [{cases}]
steps:
  - login: {{as: agent}}
  - http: "{register}/in/{{{{ actors.agent.user }}}}"
    expect: {{http: 200}}
  - wait: 40ms
  - http: "{register}/out/{{{{ actors.agent.user }}}}"
cleanup:
  - logout
"""


@pytest.fixture(autouse=True)
def nobodys_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is run here is no worker of the run that runs it."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)


def workers(project: Any, number: int, *arguments: str) -> pytest.RunResult:
    """Run pytest with so many workers, as processes of their own."""
    result: pytest.RunResult = project.pytester.runpytest_subprocess(f"-n{number}", "-pno:cacheprovider", "-pno:rerunfailures", *arguments)
    return result


def verdicts(path: Path) -> dict[str, str]:
    """Test → verdict, from a JUnit file."""
    cases = ET.parse(path).getroot().iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}": case[0].tag if len(case) else "passed" for case in cases}


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The address of a simulator that all workers share."""
    code = "import sys; from runner.cli.main import main; sys.exit(main(['simulate', 'icws']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@dataclass
class Register:
    """Who is at work, as they say themselves; ``twice`` are those who came while they were there."""

    url: str = ""
    present: set[str] = field(default_factory=set)
    came: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


@pytest.fixture
def register() -> Iterator[Register]:
    """A server to which people say that they come and go."""
    held, lock = Register(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, way, who = self.path.split("/")
            with lock:
                if way == "in":
                    held.came.append(who)
                    if who in held.present:
                        held.twice.append(who)
                    held.present.add(who)
                else:
                    held.present.discard(who)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        held.url = f"http://127.0.0.1:{serving.server_address[1]}"
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield held
        serving.shutdown()


def shared_environment(project: Any, simulator: str, people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the environment ``shared`` with so many agents of the one simulator."""
    folder = project.root / "scenarios" / "environments"
    folder.mkdir(parents=True)
    numbers = range(1, people + 1)
    text = ENVIRONMENT.format(url=simulator, people="".join(PERSON.format(n=n) for n in numbers))
    (folder / "shared.yaml").write_text(text, encoding="utf-8")
    for n in numbers:
        monkeypatch.setenv(f"AGENT{n}", default_password(f"agent{n}"))


def test_workers_come_to_the_same_verdicts(project: Any) -> None:
    """With two workers and without, every item has the same verdict."""
    project.add("green", "red", "errored", "skipped", "unsupported", "cases", "sends")
    project.pytest("--junitxml=one.xml")
    workers(project, 2, "--junitxml=two.xml")
    assert verdicts(project.root / "two.xml") == verdicts(project.root / "one.xml")
    assert len(verdicts(project.root / "one.xml")) == 9


def test_workers_make_one_run(project: Any) -> None:
    """One folder with one journal, numbered without gaps, whose counts add up; the last line says where it is."""
    project.add("green", "red", "cases", "sends")
    result = workers(project, 2, "--scenario-reporter=junit", "--scenario-seed=4711")
    (folder,) = (path for path in (project.root / "reports").iterdir() if path.name != "latest")
    result.stdout.fnmatch_lines([f"scenarios: reports/{folder.name}/"])
    events = project.events()
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert (events[0]["run"], events[0]["seed"], events[0]["planned"]) == (folder.name, 4711, 5)
    assert (events[-1]["event"], events[-1]["counts"]) == ("RunFinished", {"passed": 2, "failed": 3})
    assert "ended" not in events[-1]
    assert len(verdicts(folder / "junit.xml")) == 5
    assert main(["report", folder.name, "--reports", str(project.root / "reports")]) == 1


def test_workers_share_the_seed(project: Any) -> None:
    """Chance is the same whichever worker runs a scenario, as it comes from the run's seed and the scenario's name."""
    project.add(**dict.fromkeys("abcd", "scenario: Chance\nvendor: icws\nsteps:\n  - note: '{{ unique(\"A-\") }}'\n"))
    workers(project, 2, "--scenario-seed=7")
    with_workers = {event["scenario"]: event["parameters"] for event in project.events() if event["event"] == "StepStarted"}
    project.pytest("--scenario-seed=7")
    assert {event["scenario"]: event["parameters"] for event in project.events() if event["event"] == "StepStarted"} == with_workers


@pytest.mark.slow
def test_nobody_is_lent_to_two_workers(project: Any, simulator: str, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight workers and three accounts: never two holders, and everybody gets their turn."""
    shared_environment(project, simulator, 3, monkeypatch)
    cases = ", ".join(f"{{case: c{n}}}" for n in range(40))
    project.add(somebody=AS_SOMEBODY.format(cases=cases, register=register.url))
    workers(project, 8, "--scenario-environment=shared").assert_outcomes(passed=40)
    assert register.twice == []
    assert len(register.came) == 40
    assert set(register.came) == {"agent1", "agent2", "agent3"}


def test_a_dead_worker_gives_its_actors_back(project: Any, simulator: str, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one account for two workers the others go on when the one that has it is killed; its item alone is red."""
    shared_environment(project, simulator, 1, monkeypatch)
    cases = ", ".join(f"{{case: c{n}}}" for n in range(6))
    project.add(somebody=AS_SOMEBODY.format(cases=cases, register=register.url))
    project.add(a="scenario: A works\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - wait: 200ms\n")
    project.pytester.makeconftest(KILLING)
    result = workers(project, 2, "--scenario-environment=shared")
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running 'scenarios/a.scenario.yaml::icws'*", "scenarios: error: gw? died; *"])
    # whoever was at work in the dead worker never said that they went
    assert len(register.twice) <= 1


def test_what_a_dead_worker_did_is_not_done_twice(project: Any) -> None:
    """A mail that had been sent by then is not sent again; the verdict is the one that the journal has."""
    project.pytester.makeconftest(KILLING)
    project.add(a=WAITING, b=SENDING)
    result = workers(project, 1)
    assert project.ran().count("b::icws") == 1
    assert "scenarios/b.scenario.yaml::icws" not in "".join(line for line in result.outlines if line.startswith(("FAILED", "ERROR")))


def test_what_a_dead_worker_left_in_doubt_is_an_error(project: Any) -> None:
    """When it died after sending and before the end, nobody tries again, and the error says why."""
    project.pytester.makeconftest(KILLING)
    project.add(a=WAITING, b=SENDING + "  - wait: 30s\n")
    result = workers(project, 1)
    result.stdout.fnmatch_lines(["*worker gw0 died while it ran this; mail may have been sent, so it is not begun again*"])
    assert project.ran().count("b::icws") == 1


def test_what_a_dead_worker_had_not_sent_is_run_again(project: Any) -> None:
    """Where no mail can have left, another worker begins anew."""
    project.pytester.makeconftest(KILLING)
    project.add(a=WAITING, b="scenario: B waits\nvendor: icws\nsteps:\n  - wait: 2s\n")
    result = workers(project, 1)
    assert project.ran().count("b::icws") == 2
    assert project.events()[-1]["ended"] == "broken"
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_all_writers_agree_after_a_worker_died(project: Any) -> None:
    """Every report of the run says the same of what passed and of what died with its worker, as pytest's own JUnit file does."""
    project.pytester.makeconftest(KILLING)
    project.add(a=WAITING, b=SENDING + "  - wait: 30s\n", c="scenario: C\nvendor: icws\nsteps:\n  - note: well\n")
    reporters = [f"--scenario-reporter={name}" for name in FILES]
    workers(project, 1, "--junitxml=theirs.xml", *reporters)
    (folder,) = (path for path in (project.root / "reports").iterdir() if path.is_dir() and not path.is_symlink())
    events = [decode(json.dumps(event).encode()) for event in project.events()]
    ended = {event.scenario: event.outcome for event in events if isinstance(event, ScenarioFinished)}
    begun = dict.fromkeys(event.scenario for event in events if isinstance(event, ScenarioStarted))
    planned = next(event.planned for event in events if isinstance(event, RunStarted))
    counts = files_agree(folder, [ended.get(key) for key in begun], planned, whole=False)
    theirs = ET.parse(project.root / "theirs.xml").getroot()
    red = [case for case in theirs.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]
    assert counts["passed"] == len(list(theirs.iter("testcase"))) - len(red)


# Sends a signal to the process that controls the workers, or to all of them at once, when both workers wait.
STOPPING = """
import os, signal, threading
from pathlib import Path

def pytest_configure(config):
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    def look():
        journals = lambda: Path("reports").glob("*-gw*/journal.jsonl")
        while sum(path.read_text().count('"type":"wait"') for path in journals()) < 2:
            threading.Event().wait(0.05)
        {send}
    threading.Thread(target=look, daemon=True).start()
"""
WAITS = "scenario: {name} waits\nvendor: icws\nsteps:\n  - login: {{as: agent}}\n  - wait: 60s\ncleanup:\n  - logout\n  - wait: 200ms\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind")
@pytest.mark.parametrize(
    ("send", "code", "ended"),
    [
        ("os.kill(os.getpid(), signal.SIGTERM)", 143, "terminated"),
        ("os.killpg(0, signal.SIGTERM)", 143, "terminated"),
        ("os.kill(os.getpid(), signal.SIGINT)", 2, "interrupted"),
        ("os.killpg(0, signal.SIGINT)", 2, "interrupted"),
    ],
)
def test_workers_that_are_stopped_clean_up(project: Any, send: str, code: int, ended: str) -> None:
    """After SIGTERM or Ctrl-C, whoever of the processes gets it, people are logged out, one run is made of all, and JUnit is written."""
    project.pytester.makeconftest(STOPPING.format(send=send))
    project.add(a=WAITS.format(name="A"), b=WAITS.format(name="B"))
    command = [sys.executable, "-m", "pytest", "-n2", "-pno:cacheprovider", "-pno:rerunfailures", "--junitxml=junit.xml"]
    done = subprocess.run(
        command, cwd=project.root, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False, start_new_session=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    cleanup = [event["outcome"] for event in project.events() if event["event"] == "StepFinished" and event["step"].startswith("cleanup")]
    assert cleanup == ["passed"] * 4
    assert project.events()[-1]["ended"] == ended
    assert [path.name for path in project.root.glob("reports/*-gw*")] == []
    assert "scenarios: reports/" in done.stdout
    ET.parse(project.root / "junit.xml")


def test_workers_that_cannot_write_say_so(project: Any) -> None:
    """Where reports cannot be written each scenario is an error that says why, and no traceback is shown."""
    (project.root / "reports").write_text("a file", encoding="utf-8")
    project.add("green", "red")
    result = workers(project, 2)
    result.assert_outcomes(errors=2)
    assert result.stdout.str().count("reports cannot be written to") >= 2
    assert ".py:" not in result.stdout.str()


def test_the_first_failure_stops_all_workers(project: Any) -> None:
    """With ``-x`` nothing new begins, and one run is made of what there is; pytest-xdist itself lets items end that have begun."""
    project.add("red", zz="scenario: Other\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - wait: 1s\ncleanup:\n  - logout\n")
    result = workers(project, 2, "-x")
    assert "1 failed" in result.stdout.str()
    assert sorted(project.ran()) == ["red::icws", "zz::icws"]
    assert not list(project.root.glob("reports/*-gw*"))


def test_a_python_project_with_workers_is_left_alone(project: Any) -> None:
    """No folder appears where no scenario ran."""
    project.pytester.makepyfile("def test_it(): pass")
    workers(project, 1).assert_outcomes(passed=1)
    assert not (project.root / "reports").exists()
