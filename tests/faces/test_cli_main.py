"""The command line as a whole: help, usage, errors, exit codes, start-up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner import __version__
from runner.cli.main import main
from runner.errors import BadScenario, BrokenPlugin, ConnectFailed, Diagnostic, EnvironmentUnusable, NotAllowed, RunnerError

GOLDEN = Path(__file__).parents[1] / "golden" / "console"


def test_the_bare_command_says_what_there_is_and_what_to_do_first(runner: Any) -> None:
    """Without a command a person reads fifteen lines that end with what to do first."""
    said = runner()
    assert (said.code, len(said.out.splitlines())) == (0, 15)
    assert said.out.splitlines()[-1] == "Start with: runner init, then runner run"


def test_help_and_the_bare_command_are_the_same(runner: Any) -> None:
    """``runner -h`` and ``runner`` say the same."""
    assert runner("-h").out == runner().out


def test_the_version_is_told(runner: Any) -> None:
    """``--version`` prints name and version."""
    assert runner("--version").out == f"scenario-runner {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rnu",), "did you mean `runner run`?"),
        (("scenarios/a.scenario.yaml",), "to run a file write: runner run scenarios/a.scenario.yaml"),
        (("run", "--tga", "x"), "--tag"),
        (("run", "--set", "x"), "`x` is not NAME=VALUE"),
        (("run", "--parallel", "0"), "--parallel"),
        (("run", "--reporter", "juint"), "write `junit`"),
        (("steps", "sned"), "did you mean `send`?"),
        (("simulate",), "missing argument 'VENDOR'"),
        (("simulate", "acme"), "acme has no simulator"),
        (("simulate", "amce"), "write `acme`"),
    ],
)
def test_a_mistake_in_the_command_is_exit_code_4(runner: Any, arguments: tuple[str, ...], told: str) -> None:
    """A command that cannot be understood says what was meant, on stderr, and ends with 4."""
    said = runner(*arguments)
    assert (said.code, said.out) == (4, "")
    assert told in said.err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (BadScenario([Diagnostic("E201", "unknown step `sned`")]), 4),
        (EnvironmentUnusable("there is no environment `stagign`"), 6),
        (BrokenPlugin("plugin `acme` of acme-runner 1.2 is broken"), 3),
        (RunnerError("there is no run `latest`", code="E620"), 4),
        (NotAllowed("mail to a@b.example is not allowed"), 6),
        (ConnectFailed("no connection"), 6),
        (KeyboardInterrupt(), 2),
        (RuntimeError("a bug"), 3),
        (RecursionError("too deep"), 3),
    ],
)
def test_each_error_has_its_exit_code_and_no_traceback(runner: Any, harness: Any, raised: BaseException, code: int) -> None:
    """Whatever is raised, a person reads one message and the exit code says whose fault it was."""
    harness.raises = raised
    said = runner("run")
    assert said.code == code
    assert said.err
    assert "Traceback" not in said.err


def test_a_bug_of_ours_leaves_its_details_in_a_file(runner: Any, harness: Any) -> None:
    """An error that nobody expected is E699, with the traceback in a file that only this user can read."""
    harness.raises = RuntimeError("a bug")
    said = runner("check")
    found = re.search(r"in (\S+runner-debug-\S+\.txt)", said.err)
    assert found is not None
    debug = Path(found[1])
    assert "error[E699]: something in the runner itself went wrong (RuntimeError)" in said.err
    assert "a bug" in debug.read_text(encoding="utf-8")
    assert os.name == "nt" or debug.stat().st_mode & 0o077 == 0
    debug.unlink()


LONG = "a" * 5000


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "notes.txt/tests"),
        ("init", LONG),
        ("init", "taken"),
        ("run", LONG),
        ("run", "-e", LONG),
        ("run", "--failed", LONG),
        ("check", f"{LONG}.scenario.yaml:3"),
        ("list", LONG),
        ("report", LONG),
        ("drift", LONG),
        ("schema", "--write", "--folder", "notes.txt/schemas"),
    ],
    ids=lambda arguments: " ".join(arguments)[:32],
)
def test_a_place_that_nobody_can_use_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """A file where a folder is wanted, a name that is too long: no fault of ours, and so no report of one."""
    if os.name == "nt" and any(LONG in argument for argument in arguments):
        pytest.skip("a name that is too long is just not there")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "scenarios").touch()
    assert main(arguments) == 6
    told = capsys.readouterr().err
    assert (told.startswith("error[E541]: `"), "cannot be used" in told, len(told) < 400) == (True, True, True), told


def test_the_details_of_a_bug_hold_no_value_that_was_given(runner: Any, harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends the file on sends no password that stood in the call."""
    harness.raises = ZeroDivisionError("oh")
    monkeypatch.setattr(sys, "argv", ["runner", "run", "--set", "password=hunter2pass"])
    said = runner("run")
    found = re.search(r"in (\S+runner-debug-\S+\.txt)", said.err)
    assert found is not None
    text = Path(found[1]).read_text(encoding="utf-8")
    Path(found[1]).unlink()
    assert ("--set password=…" in text, "hunter2pass" in text) == (True, False)


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        (
            "environment",
            EnvironmentUnusable("the secret `QA1` is not set", code="E512", hint="set the variable QA1, or write it into .env: QA1=…"),
        ),
        (
            "plugin",
            BrokenPlugin(
                "plugin `acme` of acme-runner 1.2 cannot be loaded: ImportError: no module named `acme`",
                code="E601",
                hint="install it again, or remove it: pip uninstall acme-runner",
            ),
        ),
        ("run", RunnerError("there is no run `yesterday` in reports", code="E620", hint="see which there are: ls reports")),
        (
            "port",
            EnvironmentUnusable("port 8010 on 127.0.0.1 is taken by another program", hint="choose another port, or 0 for any free one"),
        ),
    ],
)
def test_error_messages_read_as_their_golden_texts(runner: Any, harness: Any, name: str, raised: RunnerError) -> None:
    """An error reads as what, where, and what to do."""
    harness.raises = raised
    assert runner("run").err == (GOLDEN / f"error.{name}.txt").read_text(encoding="utf-8")


def test_mistakes_in_files_read_as_their_golden_text(runner: Any, harness: Any, mistake: Diagnostic) -> None:
    """A mistake in a file shows its line with a caret, and the fix; all of a file's mistakes come at once."""
    harness.raises = BadScenario([mistake, mistake])
    assert runner("run").err == (GOLDEN / "error.files.txt").read_text(encoding="utf-8")


def test_data_in_a_message_cannot_steer_the_terminal(runner: Any, harness: Any) -> None:
    """A name from a file that holds control codes is shown, not obeyed."""
    harness.raises = EnvironmentUnusable("there is no environment `\x1b]0;x\x07`\n::error::x")
    said = runner("run")
    assert "\x1b" not in said.err
    assert not [line for line in said.err.splitlines() if line.startswith("::")]


def program(code: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A new Python that runs *code*."""
    given = {**os.environ, **environ}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, env=given, check=False)


def test_version_and_help_import_nothing_heavy() -> None:
    """``--version`` and ``-h`` import neither the wire, nor the schema library, nor the terminal library, nor pytest."""
    heavy = ["aiohttp", "asyncio", "jinja2", "jsonschema", "msgspec", "pytest", "rich", "yaml"]
    ended = program(
        "import sys\nfrom runner.cli.main import main\nmain(['--version']); main(['-h'])\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    assert ended.stdout.splitlines()[-1] == b"[]"


def test_a_reader_that_went_away_is_met_with_silence() -> None:
    """``runner -h | head -1``: no traceback, no complaint of the interpreter."""
    ended = program(
        "import os, sys\nfrom runner.cli.main import main\n"
        "reader, writer = os.pipe()\nos.close(reader)\nos.dup2(writer, 1)\nsys.exit(main(['-h']))"
    )
    assert (ended.returncode, ended.stderr) == (2, b"")


def test_a_console_without_the_letters_gets_their_numbers() -> None:
    """On a console that knows few letters the program prints the others by number."""
    ended = program("import sys\nfrom runner.cli.main import main\nsys.exit(main(['käse→']))", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert ended.returncode == 4
    assert b"k\xe4se\\u2192" in ended.stderr


def test_the_details_of_a_bug_hold_no_secret_of_the_project(
    runner: Any, harness: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What an exception says goes through the gate: secrets that files ask for, those of ``.env``, and what the environment calls one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "it.scenario.yaml").write_text("text: \"{{ secret('QA1') }}\"\n", encoding="utf-8")
    (tmp_path / ".env").write_text("QA2=amberLadder44\n", encoding="utf-8")
    monkeypatch.setenv("QA1", "velvetBridge17")
    monkeypatch.setenv("API_TOKEN", "copperHarbour92")
    harness.raises = ZeroDivisionError("velvetBridge17 amberLadder44 copperHarbour92 plain")
    said = runner("run")
    found = re.search(r"in (\S+runner-debug-\S+\.txt)", said.err)
    assert found is not None
    text = Path(found[1]).read_text(encoding="utf-8")
    Path(found[1]).unlink()
    assert "ZeroDivisionError: *** *** *** plain" in text
