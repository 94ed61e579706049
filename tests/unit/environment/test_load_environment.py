"""What an environment's file says, and what a person is told when it is wrong."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from runner.clock import Duration
from runner.environment.load import environment_file, load_environment
from runner.environment.model import Environment, Limits
from runner.environment.secrets import Secret, plain
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, EnvironmentUnusable
from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import plain as plain_data
from runner.simulation.faults import parse_fault
from runner.source import Source


class GwsCredentials(Struct, frozen=True):
    """Who logs in."""

    user: str
    password: Annotated[str, Meta(description="The agent's password.")]


class GwsDefaults(Struct, frozen=True, rename={"from_": "from"}):
    """Set once."""

    queue: str = ""
    from_: str = ""
    port: int = 0


class GwsOptions(Struct, frozen=True):
    """Beside the URL."""

    csrf: bool = True
    idle: Duration = Duration(seconds=5)
    statuses: dict[int, int] = {}


class Nothing(Struct, frozen=True):
    """Nothing to set."""


VENDORS: Any = [
    SimpleNamespace(name="gws", credentials=GwsCredentials, defaults=GwsDefaults, options=GwsOptions, settings=GwsOptions),
    SimpleNamespace(name="icws", credentials=GwsCredentials, defaults=Nothing, options=Nothing, settings=Nothing),
]

WHOLE = """\
environment: staging
vendors:
  gws:
    url: "https://gws.staging.example.com/"
    limits: {requests_per_second: 5, sessions: 4}
    defaults: {queue: Outbound-email, from: help@example.com}
    csrf: false
    idle: 2s
  icws: {url: "{{ env('ICWS') }}"}
actors:
  agent:
    - {gws: {user: qa1, password: "{{ secret('QA1') }}"}, icws: {user: qa1, password: "x-{{ secret('QA1') }}-y"}}
    - {gws: {user: qa2, password: "{{ secret('QA2') }}"}}
  supervisor: {gws: {user: 0049, password: "{{secret(\\"QA2\\")}}"}}
mail:
  smtp: {host: mx.example.com, port: 25}
  imap: {host: imap.example.com, user: customer, password: "{{ secret('QA1') }}", tls: starttls}
variables:
  region: EU
  keys: ["{{ secret('QA1') }}", 7]
allow_recipients: ["*@example.com"]
defaults: {timeout: 10s, scenario_timeout: 2 min, cleanup_timeout: 5s, parallel: 8}
"""
VALUES = {"QA1": "first-password", "QA2": "second-password", "ICWS": "https://icws.example.com:8019"}


ONLY_TWO = (
    "2: only secret('NAME') and env('NAME') can stand in an environment's file | "
    "write \"{{ secret('NAME') }}\" or \"{{ env('NAME') }}\"; other values stand in scenarios"
)


def load(text: str, tmp_path: Path, environ: Mapping[str, str] | None = None, **more: Any) -> Environment:
    document = parse(Source("scenarios/environments/staging.yaml", textwrap.dedent(text)))
    sources = SecretSources(tmp_path, VALUES if environ is None else environ)
    return load_environment(
        plain_data(document.root), span_of=document.span, vendors=VENDORS, root=tmp_path, sources=sources, check_fault=parse_fault, **more
    )


def mistakes(text: str, tmp_path: Path) -> list[str]:
    with pytest.raises(BadScenario) as told:
        load(text, tmp_path)
    return [f"{d.span.line if d.span else 0}: {d.message} | {d.hint or d.label}" for d in told.value.diagnostics]


def test_everything_an_environment_can_say_is_read(tmp_path: Path) -> None:
    """Addresses, limits, defaults, options, pools, mail, variables and guards arrive in the model."""
    environment = load(WHOLE, tmp_path)

    gws = environment.targets["gws"]
    assert (environment.name, gws.url, environment.targets["icws"].url) == ("staging", "https://gws.staging.example.com", VALUES["ICWS"])
    assert gws.limits == Limits(5.0, 4)
    assert gws.defaults == {"queue": "Outbound-email", "from": "help@example.com"}
    assert gws.options == {"csrf": False, "idle": "2s"}
    assert environment.mail.smtp == {"host": "mx.example.com", "port": 25}
    assert environment.mail.imap["tls"] == "starttls"
    assert environment.variables["region"] == "EU"
    assert environment.allows("joe@example.com")
    assert (environment.timeout, environment.scenario_timeout) == (Duration(seconds=10), Duration(minutes=2))
    assert (environment.cleanup_timeout, environment.parallel) == (Duration(seconds=5), 8)


def test_a_vendor_can_be_its_simulator(tmp_path: Path) -> None:
    """In place of an address, with the assumptions that this environment's simulator makes."""
    gws = load("environment: a\nvendors: {gws: {url: simulator, settings: {idle: 2s, statuses: {20: 403}}}}", tmp_path).targets["gws"]

    assert (gws.url, gws.settings) == ("simulator", {"idle": "2s", "statuses": {"20": 403}})


def test_what_goes_wrong_at_a_simulator_stands_beside_its_settings(tmp_path: Path) -> None:
    """Its faults, written as `runner simulate --fault` takes them."""
    gws = load("environment: a\nvendors: {gws: {url: simulator, faults: [latency=20ms, '503:1@*/send']}}", tmp_path).targets["gws"]

    assert gws.faults == ("latency=20ms", "503:1@*/send")


def test_a_pool_is_a_list_or_one_member(tmp_path: Path) -> None:
    """Members keep the order of the file; one mapping is a pool of one."""
    environment = load(WHOLE, tmp_path)

    agents, supervisors = environment.pools["agent"], environment.pools["supervisor"]
    assert [(member.pool, member.index, sorted(member.credentials)) for member in agents] == [
        ("agent", 0, ["gws", "icws"]),
        ("agent", 1, ["gws"]),
    ]
    assert len(supervisors) == 1


def test_secrets_are_looked_up_and_stay_hidden(tmp_path: Path) -> None:
    """A secret is a Secret, also inside a text; the plain value is asked for by name."""
    environment = load(WHOLE, tmp_path)
    credentials = environment.pools["agent"][0].credentials

    assert credentials["gws"]["password"] == Secret("QA1", "first-password")
    assert plain(credentials["icws"]["password"]) == "x-first-password-y"
    assert environment.variables["keys"] == [Secret("QA1", "first-password"), 7]
    assert "first-password" not in repr(environment)


def test_a_number_where_a_text_is_wanted_is_kept_as_written(tmp_path: Path) -> None:
    """The user 0049 is not the user 49."""
    environment = load(WHOLE, tmp_path)

    assert environment.pools["supervisor"][0].credentials["gws"]["user"] == "0049"


def test_all_missing_secrets_are_named_at_once(tmp_path: Path) -> None:
    """With their lines and the places that were looked in, never with a value."""
    with pytest.raises(EnvironmentUnusable) as told:
        load(WHOLE, tmp_path, {"QA1": "first-password"})

    message = told.value.message
    assert "needs 2 values that cannot be found" in message
    assert "ICWS (scenarios/environments/staging.yaml:9), QA2 (scenarios/environments/staging.yaml:13)" in message
    assert "the process environment, .env in the project folder (not there)" in message
    assert "first-password" not in message


def test_a_check_needs_no_secrets(tmp_path: Path) -> None:
    """Without asking, the same file is read with empty secrets."""
    environment = load(WHOLE, tmp_path, {}, ask=False)

    assert environment.pools["agent"][1].credentials["gws"]["password"] == Secret("QA2", "")


def test_a_password_in_the_file_is_hidden_like_any_other(tmp_path: Path) -> None:
    """What is called a secret is one, wherever its value stands."""
    environment = load("environment: a\nactors:\n  agent: {gws: {user: qa1, password: hunter2hunter2}}\n", tmp_path)

    assert isinstance(environment.pools["agent"][0].credentials["gws"]["password"], Secret)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vendors: {}", ["1: an environment needs a name | begin the file with `environment: NAME`"]),
        ("environment: a\nactor: {}", ["2: unknown key `actor` | write `actors`"]),
        ("environment: a\nvendors: {gsw: {url: 'http://h'}}", ["2: unknown vendor `gsw` | write `gws`"]),
        ("environment: a\nvendors: {gws: {}}", ["2: a vendor needs its address | add `url: https://…`"]),
        (
            "environment: a\nvendors: {gws: {url: gws.example.com}}",
            ["2: `gws.example.com` is not an address of a server | write it like https://gws.example.com:8090, or `simulator`"],
        ),
        (
            "environment: a\nvendors: {gws: {url: 'http://u:p@h'}}",
            ["2: a user or password stands in the address | put it under `actors`, with secret('NAME')"],
        ),
        (
            "environment: a\nvendors:\n  gws:\n    url: http://h\n    limits: {sessions: 0, requests_per_second: fast}",
            [
                "5: `sessions` must be a whole number of at least 1 | this is a number",
                "5: `requests_per_second` must be a number greater than 0 | this is a text",
            ],
        ),
        (
            "environment: a\nvendors: {gws: {url: simulator, settings: {crsf: false}}}",
            ["2: unknown key `crsf` | write `csrf`"],
        ),
        (
            "environment: a\nvendors: {gws: {url: http://h, settings: {csrf: false}}}",
            ["2: `settings` are a simulator's | leave them out, or write `url: simulator`"],
        ),
        (
            "environment: a\nvendors: {gws: {url: http://h, faults: [hang]}}",
            ["2: `faults` are a simulator's | leave them out, or write `url: simulator`"],
        ),
        (
            "environment: a\nvendors:\n  gws:\n    url: simulator\n    faults: [latncy=2s, hang, latency]",
            [
                "5: 'latncy=2s': 'latncy' is no kind of fault; did you mean 'latency'? | `runner simulate gws --settings` lists the kinds",
                "5: 'latency': latency needs a length of time, like latency=200ms | `runner simulate gws --settings` lists the kinds",
            ],
        ),
        ("environment: a\nvendors: {gws: {url: http://h, defaults: {queeu: x}}}", ["2: unknown key `queeu` | write `queue`"]),
        (
            "environment: a\nvendors: {gws: {url: http://h, defaults: {port: many}, csrf: maybe}}",
            ["2: `port` must be a whole number | this is a text", "2: `csrf` must be true or false | this is a text"],
        ),
        (
            "environment: a\nactors: {agent: {gws: {user: qa1}}}",
            ["2: `password` is missing | add `password: …` (The agent's password)"],
        ),
        ("environment: a\nactors: {agent: {gsw: {user: qa1}}}", ["2: unknown vendor `gsw` | write `gws`"]),
        ("environment: a\nactors: {agent: []}", ["2: the pool `agent` has no members | add one: {gws: {user: …, password: …}}"]),
        ("environment: a\nactors: {agent: qa1}", ["2: `agent` must be an object (`key: value`) | this is a text"]),
        ("environment: a\ndefaults: {timeout: soon}", ["2: `soon` is not a duration | write it like 500ms, 30s, 2 min or 1 h"]),
        ("environment: a\ndefaults: {cleanup_timeout: 0s}", ["2: `0s` leaves no time at all | write a longer one, like 30s"]),
        ("environment: a\ndefaults: {paralel: 3}", ["2: unknown key `paralel` | write `parallel`"]),
        ("environment: a\nmail: {smtp: {port: 25}}", ["2: a mail server needs its host | add `host: mail.example.com`"]),
        ("environment: a\nmail: {imap: {host: h, tls: startls}}", ["2: unknown kind of encryption `startls` | write `starttls`"]),
        ("environment: a\nallow_recipients: '*@example.com'", ["2: `allow_recipients` must be a list | this is a text"]),
        (
            "environment: a\nvariables: {x: '{{ unique() }}', y: '{{ now() }}'}",
            [ONLY_TWO] * 2,
        ),
    ],
)
def test_a_mistake_has_its_line_and_one_fix(text: str, told: list[str], tmp_path: Path) -> None:
    """All mistakes of a file come at once, in file order."""
    assert mistakes(text, tmp_path) == told


def test_the_tree_is_not_changed(tmp_path: Path) -> None:
    """Loading only reads."""
    document = parse(Source("e.yaml", WHOLE))
    tree = plain_data(document.root)
    before = copy.deepcopy(tree)

    load_environment(
        tree, span_of=document.span, vendors=VENDORS, root=tmp_path, check_fault=parse_fault, sources=SecretSources(tmp_path, VALUES)
    )

    assert tree == before


def test_an_environment_is_found_by_its_name_or_path(tmp_path: Path) -> None:
    """``staging`` is ``scenarios/environments/staging.yaml``; a path is itself."""
    folder = tmp_path / "scenarios" / "environments"
    folder.mkdir(parents=True)
    file = folder / "staging.yaml"
    file.write_text("environment: staging\n", encoding="utf-8")

    assert environment_file("staging", tmp_path) == file
    assert environment_file(str(file), tmp_path / "elsewhere") == file


def test_an_unknown_environment_has_a_nearest_name(tmp_path: Path) -> None:
    """A slip of the pen is answered with what was meant."""
    folder = tmp_path / "scenarios" / "environments"
    folder.mkdir(parents=True)
    (folder / "staging.yaml").write_text("environment: staging\n", encoding="utf-8")

    with pytest.raises(EnvironmentUnusable) as told:
        environment_file("stagin", tmp_path)

    assert told.value.hint == "did you mean `staging`?"
