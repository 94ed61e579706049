"""Where there are no scenarios, the plugin is not there."""

from __future__ import annotations

import sys
from typing import Any

import pytest

pytest_plugins = ["pytester"]

WHAT_IS_IMPORTED = """
import sys

def test_it():
    ours = sorted(name for name in sys.modules if name == "runner" or name.startswith("runner."))
    assert ours == [
        "runner",
        "runner.pytest_plugin",
        "runner.pytest_plugin.hooks",
        "runner.pytest_plugin.options",
        "runner.pytest_plugin.workers",
    ]
    assert not {"aiohttp", "jinja2", "msgspec", "yaml", "jsonschema", "rich"} & sys.modules.keys()
"""
OTHERS = """
def pytest_addoption(parser):
    group = parser.getgroup("theirs")
    for name in ("environment", "env", "parallel", "seed", "vendor", "reports", "set", "runner", "scenario", "tags"):
        group.addoption(f"--{name}", default="theirs")
        parser.addini(name, "theirs", default="theirs")
"""
# plugins that import much themselves
_QUIET = [
    f"-pno:{name}"
    for name in ("allure_pytest", "schemathesis", "html", "metadata", "pytest-json-ctrf", "rerunfailures", "hypothesispytest")
]


@pytest.mark.parametrize("workers", [[], ["-n1"]])
def test_a_project_without_scenarios_imports_nothing_of_ours(pytester: pytest.Pytester, workers: list[str]) -> None:
    """Beside the plugin's own four small modules nothing is imported, in the process itself or in a worker."""
    pytester.makepyfile(WHAT_IS_IMPORTED)
    result = pytester.runpytest_subprocess(*_QUIET, *workers)
    result.assert_outcomes(passed=1)
    assert not (pytester.path / "reports").exists()


def test_its_options_clash_with_nobodys(pytester: pytest.Pytester) -> None:
    """A project may have the plain words for options and keys of its own."""
    pytester.makeconftest(OTHERS)
    pytester.makepyfile("def test_it(request): assert request.config.getoption('--environment') == 'mine'")
    pytester.runpytest("--environment", "mine").assert_outcomes(passed=1)


def test_a_project_may_have_fixtures_of_the_same_name(pytester: pytest.Pytester) -> None:
    """The project's own goes first."""
    pytester.makepyfile("import pytest\n@pytest.fixture\ndef run_scenario(): return 7\ndef test_it(run_scenario): assert run_scenario == 7")
    pytester.runpytest().assert_outcomes(passed=1)


def test_it_can_be_switched_off(project: Any) -> None:
    """With ``-p no:scenario-runner`` there are no options and no items."""
    project.add("green")
    result = project.pytest("-pno:scenario-runner", "scenarios")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert project.pytest("-pno:scenario-runner", "--scenario-seed", "1").ret == pytest.ExitCode.USAGE_ERROR


def test_warnings_may_be_errors(project: Any) -> None:
    """Neither loading the plugin nor running scenarios warns of anything."""
    project.add("green", "sends")
    project.pytest("-W", "error").assert_outcomes(passed=1, failed=1)


def test_nothing_is_patched(pytester: pytest.Pytester) -> None:
    """pytest's own functions are those that pytest brought."""
    code = (
        "import _pytest.runner, _pytest.main, _pytest.python, _pytest.nodes\n"
        "def test_it():\n"
        "    for module in (_pytest.runner, _pytest.main, _pytest.python, _pytest.nodes):\n"
        "        for thing in vars(module).values():\n"
        "            owner = getattr(thing, '__module__', '') if callable(thing) else ''\n"
        "            assert not owner.startswith('runner.')\n"
    )
    pytester.makepyfile(code)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind")
def test_signal_handlers_are_given_back(project: Any) -> None:
    """After a session SIGTERM means what it meant before."""
    import signal

    project.add("green")
    before = signal.getsignal(signal.SIGTERM)
    project.pytest()
    assert signal.getsignal(signal.SIGTERM) == before
