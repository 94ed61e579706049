"""
The recipes for CI servers: pipeline files fit the services' published schemas, their commands run, and they are careful with secrets.

Staging is not there, so its commands run on the simulators.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"


def block(page: str, info: str) -> str:
    """The one block of a page with this info string."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{info}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def github() -> dict[Any, Any]:
    """The workflow."""
    loaded: dict[Any, Any] = yaml.safe_load(block("ci-github.md", "yaml github"))
    return loaded


def steps() -> list[dict[str, Any]]:
    """Every step of every job of the workflow."""
    return [step for job in github()["jobs"].values() for step in job["steps"]]


def commands(page: str) -> list[str]:
    """Every command in the recipe for this server, in order."""
    match page:
        case "ci-github.md":
            return [step["run"] for step in steps() if "run" in step]
        case "ci-gitlab.md":
            pipeline = yaml.safe_load(block(page, "yaml gitlab"))
            return [line for job in pipeline.values() for part in ("script", "after_script") for line in job.get(part, [])]
        case _:
            return re.findall(r"sh '(.*)'", block(page, "groovy"))


@pytest.mark.parametrize(
    ("page", "info", "options"),
    [
        ("ci-github.md", "yaml github", ["--builtin-schema", "vendor.github-workflows"]),
        ("ci-gitlab.md", "yaml gitlab", ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_pipeline_files_fit_the_published_schema(page: str, info: str, options: list[str], tmp_path: Path) -> None:
    """The service would take the file."""
    file = tmp_path / "pipeline.yml"
    file.write_text(block(page, info), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", *options, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_pinned() -> None:
    """Each action is named by a commit, which nobody can move, and its version stands beside it."""
    used = re.findall(r"uses: (\S+)(.*)", block("ci-github.md", "yaml github"))
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) and re.fullmatch(r" # v\d+\.\d+\.\d+", version) for name, version in used)


def test_permissions_are_the_least() -> None:
    """A job may read the project and nothing else, and leaves no credentials in the checked-out copy."""
    workflow = github()
    assert workflow["permissions"] == {}
    assert all(job["permissions"] == {"contents": "read"} for job in workflow["jobs"].values())
    checkouts = [step for step in steps() if str(step.get("uses")).startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_pull_requests_see_no_secret() -> None:
    """Secrets come from the server's store, only the nightly job has them, and nothing of an event is pasted into a shell."""
    jobs = github()["jobs"]
    assert "secrets." not in str(jobs["simulators"])
    assert jobs["nightly"]["environment"] == "staging"
    assert not [step for step in steps() if "${{" in step.get("run", "")]


def test_reports_are_kept_also_after_a_failure() -> None:
    """The artifact is uploaded whatever came of the run, on each service."""
    uploads = [step for step in steps() if str(step.get("uses")).startswith("actions/upload-artifact@")]
    assert [step["if"] for step in uploads] == ["always()"] * 2
    assert yaml.safe_load(block("ci-gitlab.md", "yaml gitlab"))[".reports"]["artifacts"]["when"] == "always"
    assert "archiveArtifacts" in block("ci-jenkins.md", "groovy").partition("always {")[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one scenario and what it needs."""
    for kind in ("files", "data", "steps", "environments"):
        shutil.copytree(ROOT / "scenarios" / kind, tmp_path / "scenarios" / kind)
    shutil.copy(ROOT / "scenarios" / "mail" / "answer-everybody.scenario.yaml", tmp_path / "scenarios")
    return tmp_path


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("ci-github.md", ["check", "run", "run", "leakcheck"]),
        ("ci-gitlab.md", ["check", "run", "run", "leakcheck"]),
        ("ci-jenkins.md", ["check", "run", "leakcheck"]),
    ],
)
@pytest.mark.timeout(400)  # four processes, of a hundred seconds at most
def test_commands_run(project: Path, page: str, expected: list[str]) -> None:
    """Each command of a recipe runs, in its order, with the simulators in staging's place."""
    ran = []
    for command in commands(page):
        words = shlex.split(command.replace("--environment staging ", ""))
        if Path(words[0]).name != "runner":
            continue
        runner = [sys.executable, "-m", "runner", *words[1:]]
        done = subprocess.run(runner, cwd=project, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, command + done.stdout + done.stderr
        ran.append(words[1])
    assert ran == expected
    assert list(project.glob("reports/latest/junit.xml"))


@pytest.mark.skipif(
    shutil.which("flock") is None or shutil.which("bash") is None, reason="the script is for systems with cron, bash and flock"
)
@pytest.mark.parametrize(("text", "code"), [("This goes to both of you.", 0), ("{{ nobody_knows }}", 4)])
def test_the_nightly_script_runs(project: Path, text: str, code: int) -> None:
    """A green night says nothing; after any other cron has the end of the log to mail, and the exit code is that of the run."""
    scenario = next((project / "scenarios").glob("*.scenario.yaml"))
    scenario.write_text(scenario.read_text(encoding="utf-8").replace("This goes to both of you.", text), encoding="utf-8")
    script = project / "nightly.sh"
    script.write_text(block("ci-cron.md", "bash").replace("--environment staging ", ""), encoding="utf-8")
    program = project / ".venv" / "bin" / "runner"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m runner "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == code, done.stdout + done.stderr
    assert bool(done.stdout) is bool(code)


def test_the_crontab_names_the_script() -> None:
    """Five fields and the script."""
    *_, line = block("ci-cron.md", "crontab").splitlines()
    assert re.fullmatch(r"\d+ \d+ \* \* 1-5 \S+/nightly\.sh", line)
