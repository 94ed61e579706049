"""What plugins print and log while scenarios run side by side stands with the scenario that did it, and went through the gate."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.faces.conftest import CHATTY

pytest_plugins = ["pytester"]

CANARY = "sesam-4711-sesam"
SAYING = "scenario: It says NAME\nvendor: chatty\nsteps:\n  - chatty.say: {text: \"NAME {{ secret('CANARY') }}\", how: HOW}\n"
LOGGED_AT = 1 + CHATTY.split("\n").index('            logging.getLogger("chatty").warning("%s", p.text)')
FAILS = "  - check: {that: 1, is: 2}\n"
WAYS = ("print", "stderr", "pieces", "unended", "bytes", "log", "task", "executor", "thread")
MEANWHILE = """
import logging, sys

def test_meanwhile(FIXTURE):
    import chatty
    assert chatty.said.wait(20)
    print("mine")
    logging.getLogger("mine").error("mine as well")
    OURS
    chatty.heard.set()
"""


def saying(name: str, how: str = "", *, fails: bool = True) -> str:
    """A scenario in which the plugin prints its name and a secret."""
    return SAYING.replace("NAME", name).replace("HOW", how or name) + (FAILS if fails else "")


@pytest.fixture
def chatting(project: Any, chatty: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project with a plugin that prints."""
    chatty(project.root)
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    project.pytester.syspathinsert()
    project.pytester.makeini("[pytest]\nscenario_environment = here\n")
    return project


def outputs(junit: Path) -> dict[str, tuple[str, str]]:
    """What ``--junitxml`` has: the class name of a scenario (its file) → its system-out and system-err, where it has them."""
    cases = ET.parse(junit).getroot().iter("testcase")
    return {case.get("classname", ""): (case.findtext("system-out") or "", case.findtext("system-err") or "") for case in cases}


def sections(result: pytest.RunResult) -> dict[str, list[str]]:
    """The lines that each failure shows as captured, by its title."""
    found: dict[str, list[str]] = {}
    title, inside = "", False
    for line in result.outlines:
        if line.startswith("____"):
            title, inside = line.strip("_ "), False
            found[title] = []
        elif line.startswith(("----", "scenarios: ", "====")):
            inside = "Captured std" in line or "Captured log" in line
        elif inside:
            found[title].append(line)
    return found


@pytest.mark.parametrize("capture", ["fd", "sys", "tee-sys"])
def test_two_that_print_in_turn_keep_their_lines_apart(chatting: Any, capture: str) -> None:
    """Line by line they take turns, and each failure shows its own lines; the plugin that prints when it is loaded is in none."""
    chatting.add(one=saying("one", "together"), two=saying("two", "together"))
    result = chatting.pytest(f"--capture={capture}")
    assert sections(result) == {f"It says {name} · chatty": [f"{name} *** {number}" for number in range(3)] for name in ("one", "two")}
    assert CANARY not in result.stdout.str() + result.stderr.str()


def test_however_it_is_printed(chatting: Any) -> None:
    """Text and bytes, in pieces and without an end, in tasks, in threads, by loggers: one line of the right kind, without the secret."""
    chatting.add(**{how: saying(how) for how in WAYS})
    result = chatting.pytest()
    assert {title.split()[2]: lines for title, lines in sections(result).items()} == {
        how: [f"WARNING  chatty:chatty.py:{LOGGED_AT} log ***" if how == "log" else f"{how} ***"] for how in WAYS
    }
    assert CANARY not in result.stdout.str() + result.stderr.str()
    logged = [(event["scenario"], event["stream"]) for event in chatting.events() if event["event"] == "Logged"]
    kinds = {"log": "log", "stderr": "stderr"}
    assert sorted(logged) == sorted((f"scenarios/{how}.scenario.yaml::chatty", kinds.get(how, "stdout")) for how in WAYS)


def test_without_capturing_lines_come_at_once_with_the_name_of_their_scenario(chatting: Any) -> None:
    """With ``-s`` each line is said while it goes on, and is not told again."""
    chatting.add(one=saying("one", "together"), two=saying("two", "together"))
    result = chatting.pytest("-s")
    said = [line for line in result.outlines if " | " in line and "***" in line]
    assert sorted(said) == [
        f"scenarios/{name}.scenario.yaml::chatty | {name} *** {number}" for name in ("one", "two") for number in range(3)
    ]
    assert sections(result) == {"It says one · chatty": [], "It says two · chatty": []}
    assert CANARY not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("fixture", "ours"),
    [
        ("capsys", 'assert capsys.readouterr().out == "mine\\n"'),
        ("capfd", 'assert capfd.readouterr().out == "mine\\n"'),
        ("caplog", 'assert [record.name for record in caplog.records] == ["mine"]'),
    ],
)
def test_a_test_in_python_captures_its_own(chatting: Any, fixture: str, ours: str) -> None:
    """What a scenario prints and logs while a test runs is not in the test's capture, whichever fixture that asks."""
    chatting.pytester.makepyfile(test_one=MEANWHILE.replace("FIXTURE", fixture).replace("OURS", ours))
    chatting.add(said=saying("said"), a="scenario: It begins\nvendor: chatty\nsteps:\n  - note: hello\n")
    result = chatting.pytest("scenarios/a.scenario.yaml", "test_one.py", "scenarios/said.scenario.yaml", "-rA")
    result.assert_outcomes(passed=2, failed=1)
    assert CANARY not in result.stdout.str() + result.stderr.str()


def test_between_two_items_nothing_reaches_the_terminal(chatting: Any) -> None:
    """While pytest has put the true streams back, and tells of an item, scenarios print as little as ever."""
    chatting.pytester.makeconftest(
        "def pytest_runtest_logfinish(nodeid):\n    import chatty\n    assert chatty.said.wait(20)\n    chatty.heard.set()\n"
    )
    chatting.add(a="scenario: It begins\nvendor: chatty\nsteps:\n  - note: hello\n", said=saying("said"))
    result = chatting.pytest()
    result.assert_outcomes(passed=1, failed=1)
    assert CANARY not in result.stdout.str() + result.stderr.str()
    assert len([line for line in result.outlines if "said ***" in line]) == 4


def test_the_live_log_and_the_log_file_have_it_without_the_secret(chatting: Any) -> None:
    """``--log-cli-level`` and ``--log-file`` show a record of a scenario under the scenario's name."""
    chatting.add(log=saying("log"))
    result = chatting.pytest("--log-cli-level=INFO", "--log-file=out.log")
    result.stdout.fnmatch_lines(["INFO * scenarios/log.scenario.yaml::chatty:* log [*][*][*]"])
    written = (chatting.root / "out.log").read_text(encoding="utf-8")
    assert "log ***" in written
    assert CANARY not in written + result.stdout.str()


@pytest.mark.parametrize(
    ("how", "last"), [("flood", "... and 4,000 more lines, 96,000 characters, which were not kept"), ("long", "*all)")]
)
def test_a_flood_is_cut_with_its_true_size(chatting: Any, how: str, last: str) -> None:
    """A thousand lines are kept, and sixteen thousand characters of one; what is missing is counted."""
    chatting.add(**{how: saying(how).replace(" {{ secret('CANARY') }}", " is not told twenty")})
    result = chatting.pytest()
    lines = sections(result)[f"It says {how} · chatty"]
    assert len(lines) == {"flood": 1_001, "long": 1}[how]
    result.stdout.fnmatch_lines([last])
    assert sum(map(len, lines)) < 110_000


@pytest.mark.parametrize("part", ["capture", "logging", "terminal", "skipping"])
def test_a_pytest_without_one_of_its_parts_shows_no_secret(chatting: Any, part: str) -> None:
    """``-p no:capture`` and others: the scenario runs, the verdict counts, and the journal has what was printed and logged."""
    chatting.add(one=saying("one", "print"), log=saying("log"))
    # as a process of its own, where the handlers of the session that tests are not there
    result = chatting.pytester.runpytest_subprocess(f"-pno:{part}", "-pno:cacheprovider")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert CANARY not in result.stdout.str() + result.stderr.str()
    told = {event["scenario"].split("/")[1].split(".")[0]: event["message"] for event in chatting.events() if event["event"] == "Logged"}
    assert {name: "***" in message for name, message in told.items()} == {"one": True, "log": True}


def test_what_somebody_gives_up_shows_what_it_had_printed(chatting: Any) -> None:
    """pytest-timeout ends the waiting; the lines up to then are there."""
    chatting.add(waits=saying("waits", fails=False) + "  - wait: 60s\n")
    result = chatting.pytest("--timeout=3")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["-* Captured stdout call -*", "waits [*][*][*]"])


def test_a_test_that_runs_a_scenario_shows_what_it_printed(chatting: Any) -> None:
    """``run_scenario`` makes sections of the test's report, and the lines are in the result."""
    chatting.add(inner=saying("inner", "print", fails=False))
    chatting.pytester.makepyfile(
        test_one="def test_one(run_scenario):\n"
        "    result = run_scenario('inner.scenario.yaml')\n"
        "    assert [line.message for line in result.logged] == ['inner ***']\n"
        "    assert result.outcome == 'other'\n"
    )
    result = chatting.pytest("test_one.py")
    result.assert_outcomes(failed=1)
    assert sections(result) == {"test_one": ["inner ***", "chatty is loaded"]}


def test_nothing_is_left_when_the_session_is_over(chatting: Any) -> None:
    """Streams, threads and loggers are as they were."""
    import logging

    before = (threading.Thread.start, logging.getLogger().handlers[:], sys.breakpointhook)
    chatting.add(one=saying("one", "print"))
    chatting.pytest("-s")
    chatting.pytest()
    assert (threading.Thread.start, logging.getLogger().handlers[:], sys.breakpointhook) == before
    assert not {"write", "flush"} & vars(sys.stdout).keys() & vars(sys.stderr).keys()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["one process", "workers"])
def test_every_report_has_it_with_the_right_scenario_and_without_the_secret(chatting: Any, workers: list[str]) -> None:
    """JUnit's system-out and system-err, pytest-html, CTRF, Allure and our own reports; in workers of pytest-xdist, too."""
    pytest.importorskip("pytest_html")
    pytest.importorskip("ctrf.main")
    chatting.add(**{how: saying(how) for how in WAYS})
    files = ("--junitxml=out/junit.xml", "-ojunit_logging=all", "--html=out/page.html", "--self-contained-html", "--ctrf=out/ctrf.json")
    ours = ("--alluredir=out/allure", *(f"--scenario-reporter={name}" for name in ("html", "json", "junit", "markdown", "ctrf")))
    own = ("-pno:cacheprovider", "-pno:randomly", "-pno:asyncio", "-rA", *workers, *files, *ours)
    command = [sys.executable, "-m", "pytest", *own, "scenarios"]
    done = subprocess.run(command, cwd=chatting.root, capture_output=True, text=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 1
    told = outputs(chatting.root / "out" / "junit.xml")
    assert {how for how in WAYS if f"{how} ***" in "".join(told[f"scenarios.{how}.scenario.yaml"])} == set(WAYS)
    written = {path: path.read_bytes().decode("utf-8", "replace") for top in ("out", "reports") for path in _files(chatting.root / top)}
    assert [str(path) for path, text in written.items() if CANARY in text] == []
    assert CANARY not in done.stdout + done.stderr
    texts = [text for path, text in written.items() if path.name.endswith("attachment.txt")]
    assert {how for how in WAYS if any(f"{how} ***" in text for text in texts)} == set(WAYS)
    own_junit = "".join(text for path, text in written.items() if path.parent.parent.name == "reports" and path.name == "junit.xml")
    assert {how for how in WAYS if f"{how} ***" in own_junit} == set(WAYS)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
