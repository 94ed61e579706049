"""Values that fixtures hand to scenarios, and scenarios that tests run."""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = ["pytester"]

GREETING = "scenario: A greeting\nvendor: icws\nvariables: {greeting: Hello}\nsteps:\n  - check: {that: '{{ greeting }}', is: Hallo}\n"
BOTH = "scenario: Both\nvendors: [icws, gws]\ncases: [{case: a, n: 1}, {case: b, n: 2}]\nsteps:\n  - check: {that: '{{ n }}', is: 1}\n"
OVERRIDE = """
import pytest

@pytest.fixture(scope="{scope}")
def language():
    return "Hallo"

@pytest.fixture(scope="{scope}")
def scenario_variables(language):
    yield {{"greeting": language}}
    print("torn down")
"""
RUN = """
def test_it({fixtures}):
    result = run_scenario({arguments})
    assert result.outcome == "{outcome}"
"""


@pytest.mark.parametrize("scope", ["session", "function"])
def test_a_fixture_hands_values_to_scenarios(project: Any, scope: str) -> None:
    """What ``scenario_variables`` gives wins over the file's own variables, and may come from other fixtures."""
    project.pytester.makeconftest(OVERRIDE.format(scope=scope))
    project.add(greeting=GREETING, other=GREETING)
    project.pytest("-s").assert_outcomes(passed=2)


def test_without_the_fixture_files_have_their_own_values(project: Any) -> None:
    """The variables of the file hold."""
    project.add(greeting=GREETING)
    project.pytest().assert_outcomes(failed=1)


def test_an_option_gives_variables_to_the_environment(project: Any) -> None:
    """``--scenario-set`` sets what the files leave open."""
    project.add(greeting=GREETING.replace("variables: {greeting: Hello}\n", ""))
    project.pytest("--scenario-set", "greeting=Hallo").assert_outcomes(passed=1)


def test_a_fixture_of_a_folder_holds_below_it(project: Any) -> None:
    """The nearest ``conftest.py`` decides, as always."""
    project.add(greeting=GREETING)
    below = project.root / "scenarios" / "german"
    below.mkdir()
    (below / "greeting.scenario.yaml").write_text(GREETING, encoding="utf-8")
    (below / "conftest.py").write_text(OVERRIDE.format(scope="session"), encoding="utf-8")
    project.pytest().assert_outcomes(passed=1, failed=1)


def test_a_fixture_of_one_test_is_torn_down_after_its_scenario(project: Any) -> None:
    """With the scope of a function it is set up and torn down once for each scenario."""
    project.pytester.makeconftest(OVERRIDE.format(scope="function"))
    project.add(greeting=GREETING, other=GREETING)
    assert project.pytest("-s").stdout.str().count("torn down") == 2


def test_no_other_fixture_stands_around_a_scenario(project: Any) -> None:
    """``autouse`` is for tests in Python."""
    project.pytester.makeconftest("import pytest\n@pytest.fixture(autouse=True)\ndef no(): raise ValueError('never')\n")
    project.add("green")
    project.pytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("fixture", "message"),
    [
        ("@pytest.fixture(scope='module')\ndef scenario_variables(): return {}", "cannot have the scope of a module"),
        ("@pytest.fixture\ndef scenario_variables(): return 3", "must give a dict of names and values, and gave int"),
        ("@pytest.fixture\ndef scenario_variables(): return {1: 2}", "must give a dict of names and values, and gave dict"),
    ],
)
def test_a_fixture_that_cannot_be_used_is_an_error(project: Any, fixture: str, message: str) -> None:
    """The message says what to write."""
    project.pytester.makeconftest(f"import pytest\n{fixture}\n")
    project.add("green")
    result = project.pytest()
    result.assert_outcomes(errors=1)
    assert message in result.stdout.str()


def test_secrets_from_fixtures_are_masked(project: Any) -> None:
    """A ``Secret`` that a fixture gives stands in no event."""
    project.pytester.makeconftest(
        "import pytest\nfrom runner.environment.secrets import Secret\n"
        "@pytest.fixture(scope='session')\ndef scenario_variables(): return {'token': Secret('token', 'hunter2-4711-xyz')}\n"
    )
    project.add(noted="scenario: Noted\nvendor: icws\nvariables: {token: ''}\nsteps:\n  - note: '{{ token }}'\n")
    project.pytest().assert_outcomes(passed=1)
    assert "hunter2" not in str(project.events())


# ── scenarios in tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        ("'green.scenario.yaml'", "passed"),
        ("'scenarios/green.scenario.yaml'", "passed"),
        ("'red.scenario.yaml'", "failed"),
        ("'errored.scenario.yaml'", "errored"),
        ("'unsupported.scenario.yaml', vendor='egain'", "unsupported"),
        ("'both.scenario.yaml', vendor='gws', case='a'", "passed"),
        ("'both.scenario.yaml', vendor='icws', case='b'", "failed"),
        ("'greeting.scenario.yaml', variables={'greeting': 'Hallo'}", "passed"),
        ("'greeting.scenario.yaml', variables={'greeting': 'Salut'}", "failed"),
    ],
)
def test_a_test_can_run_a_scenario(project: Any, arguments: str, outcome: str) -> None:
    """``run_scenario`` gives what came of it."""
    project.add("green", "red", "errored", "unsupported", greeting=GREETING, both=BOTH)
    project.pytester.makepyfile(RUN.format(fixtures="run_scenario", arguments=arguments, outcome=outcome))
    project.pytest("test_a_test_can_run_a_scenario.py").assert_outcomes(passed=1)


def test_the_result_has_the_steps(project: Any) -> None:
    """Also those of a scenario that passed."""
    project.add("green")
    project.pytester.makepyfile(
        "def test_it(run_scenario):\n    result = run_scenario('green.scenario.yaml')\n"
        "    assert [(step.type, step.outcome) for step in result.steps] == [('check', 'passed')]\n"
    )
    project.pytest("test_the_result_has_the_steps.py").assert_outcomes(passed=1)


def test_variables_of_fixtures_reach_scenarios_in_tests(project: Any) -> None:
    """``scenario_variables`` holds there, too; what the call gives wins."""
    project.pytester.makeconftest(OVERRIDE.format(scope="session"))
    project.add(greeting=GREETING)
    project.pytester.makepyfile(
        "def test_it(run_scenario):\n    assert run_scenario('greeting.scenario.yaml').outcome == 'passed'\n"
        "    assert run_scenario('greeting.scenario.yaml', variables={'greeting': 'Salut'}).outcome == 'failed'\n"
    )
    project.pytest("test_variables_of_fixtures_reach_scenarios_in_tests.py").assert_outcomes(passed=1)


def test_a_scenario_may_be_an_item_and_in_a_test(project: Any) -> None:
    """Both are in the journal, and its counts add up."""
    project.add("green", "sends")
    project.pytester.makepyfile(
        test_it=(
            "def test_it(run_scenario):\n    for _ in range(2):\n        assert run_scenario('green.scenario.yaml').outcome == 'passed'\n"
        )
    )
    project.pytest("scenarios", "test_it.py").assert_outcomes(passed=2, failed=1)
    project.pytest("test_it.py", "scenarios").assert_outcomes(passed=2, failed=1)
    assert sorted(project.ran()) == ["green::icws", "green::icws", "green::icws", "sends::icws"]
    assert project.events()[-1]["counts"] == {"passed": 3, "failed": 1}
    assert [event["planned"] for event in project.events() if event["event"] == "RunExtended"][-1] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'nothing.scenario.yaml'", "there is no scenario file `nothing.scenario.yaml`"),
        ("'wrong.scenario.yaml'", "unknown step `logn`"),
        ("'both.scenario.yaml'", "say which run of `both.scenario.yaml` is meant, with vendor= and case=; there are: icws[[]a"),
        ("'both.scenario.yaml', vendor='egain', case='a'", "fits"),
    ],
)
def test_what_cannot_be_run_fails_the_test(project: Any, arguments: str, message: str) -> None:
    """The message is for people, without frames of ours."""
    project.add("wrong", both=BOTH)
    project.pytester.makepyfile(RUN.format(fixtures="run_scenario", arguments=arguments, outcome="passed"))
    result = project.pytest("test_what_cannot_be_run_fails_the_test.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{message}*"])
    assert "library.py" not in result.stdout.str()


def test_a_scenario_in_a_test_tells_its_steps(project: Any) -> None:
    """When the test fails, the section beside it says what the scenario did."""
    project.add("red")
    project.pytester.makepyfile(RUN.format(fixtures="run_scenario", arguments="'red.scenario.yaml'", outcome="passed"))
    result = project.pytest("test_a_scenario_in_a_test_tells_its_steps.py")
    result.stdout.fnmatch_lines(["*Captured scenario call*", "scenarios/red.scenario.yaml::icws: failed", "1 check"])


def test_a_vendor_that_nobody_announced_is_refused(project: Any) -> None:
    """A simulator that was not started with the others is not waited for in vain."""
    project.add("green", both=BOTH)
    project.pytester.makepyfile(
        test_it="def test_it(request):\n    run = request.getfixturevalue('run_scenario')\n"
        "    run('both.scenario.yaml', vendor='gws', case='a')\n"
    )
    result = project.pytest("scenarios/green.scenario.yaml", "test_it.py")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the simulator of gws was not started with the others*"])


# ── scenarios in tests that are coroutines ───────────────────────────────────────────────────────────────────────────────────────

IN_A_LOOP = """
import asyncio

def test_it(run_scenario):
    async def inside():
        return run_scenario("green.scenario.yaml")
    assert asyncio.run(inside()).outcome == "passed"
"""
MARKED = """
import pytest

{more}
@pytest.mark.{mark}
async def test_it(run_scenario):
    assert run_scenario("green.scenario.yaml").outcome == "passed"
"""
# a server in the test's own loop, which a scenario asks
SERVING = """
import asyncio

def test_it(run_scenario):
    async def answer(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nhi")
        await writer.drain()
        writer.close()

    async def inside():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            return await asyncio.to_thread(run_scenario, "asking.scenario.yaml", variables={"url": url})

    assert asyncio.run(inside()).outcome == "passed"
"""
ASKING = "scenario: Asking\nvendor: icws\nvariables: {url: ''}\nsteps:\n  - http: {url: '{{ url }}'}\n    expect: {http: 200}\n"


def test_a_scenario_runs_inside_a_running_loop(project: Any) -> None:
    """``run_scenario`` has a loop of its own, so a test may call it from a coroutine."""
    project.add("green")
    project.pytester.makepyfile(test_it=IN_A_LOOP)
    project.pytest("test_it.py").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("package", "mark", "arguments", "more"),
    [
        ("pytest_asyncio", "asyncio", ["-p", "asyncio", "-oasyncio_default_fixture_loop_scope=function"], ""),
        ("anyio", "anyio", [], "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"),
    ],
)
def test_a_scenario_runs_in_a_test_that_is_a_coroutine(project: Any, package: str, mark: str, arguments: list[str], more: str) -> None:
    """pytest-asyncio and anyio run the test, and the test runs the scenario."""
    pytest.importorskip(package)
    project.add("green")
    project.pytester.makepyfile(test_it=MARKED.format(mark=mark, more=more))
    project.pytest("test_it.py", *arguments).assert_outcomes(passed=1)


def test_a_scenario_can_ask_a_server_in_the_loop_of_the_test(project: Any) -> None:
    """Called with ``asyncio.to_thread``, it leaves the test's loop free to answer."""
    project.add(asking=ASKING)
    project.pytester.makepyfile(test_it=SERVING)
    project.pytest("test_it.py").assert_outcomes(passed=1)


def test_an_option_for_a_variable_that_nobody_has_is_a_mistake_in_the_call(project: Any) -> None:
    """As on the command line: nothing runs, and the nearest name is told."""
    project.add(greeting=GREETING)
    result = project.pytest("--scenario-set", "greetnig=Hallo")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = result.stdout.str() + result.stderr.str()
    assert "--scenario-set greetnig: no scenario that runs has a variable `greetnig`" in told
    assert "write `greeting`" in told


def test_an_option_for_a_variable_that_nobody_has_keeps_workers_from_running(project: Any) -> None:
    """Workers of pytest-xdist cannot end the session, so every scenario says why it did not begin."""
    project.add(greeting=GREETING, other=GREETING)
    result = project.pytest("-n", "1", "-p", "xdist", "--scenario-set", "greetnig=Hallo")
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "no scenario that runs has a variable `greetnig`" in result.stdout.str() + result.stderr.str()


def test_an_option_may_be_for_a_scenario_that_a_test_runs(project: Any) -> None:
    """Which files a test will run is not known beforehand."""
    project.add(greeting=GREETING.replace("Hello", "Hallo"))
    project.pytester.makepyfile("def test_it(run_scenario):\n    pass\n")
    project.pytest("--scenario-set", "of_a_test=Hallo").assert_outcomes(passed=2)


def test_a_vendor_that_nobody_has_is_a_mistake_in_the_call(project: Any) -> None:
    """A misspelt name would deselect everything."""
    project.add(greeting=GREETING)
    result = project.pytest("--scenario-vendor", "icsw")
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "unknown vendor `icsw`" in result.stdout.str() + result.stderr.str()
