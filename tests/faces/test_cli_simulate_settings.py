"""``runner simulate VENDOR --settings`` lists every assumption with its default and reason, and ``--set`` changes any of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner

from runner.cli.main import cli
from runner.cli.simulate import _settings

GOLDEN = Path(__file__).parents[1] / "golden" / "settings"
VENDORS = ("icws", "egain", "gws")


def declared(vendor: str) -> Any:
    return import_module(f"runner.vendors.{vendor}").VENDOR


def listed(vendor: str) -> str:
    done = CliRunner().invoke(cli, ["simulate", vendor, "--settings"])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_list_of_settings(vendor: str, same_as_golden: Callable[[Path, str], None]) -> None:
    """What a person reads."""
    same_as_golden(GOLDEN / f"{vendor}.txt", listed(vendor))


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_setting_says_what_it_is_and_why(vendor: str) -> None:
    """No setting is without a description, and each stands in the list."""
    names = {line.split()[0]: below for line, below in pairwise(listed(vendor).splitlines()) if line.startswith("  ") and line[2] != " "}
    for field in msgspec.structs.fields(declared(vendor).settings):
        assert names[field.encode_name].startswith("      "), field.name
        assert len(names[field.encode_name].strip()) > 20


EVERY = [(vendor, field.encode_name) for vendor in VENDORS for field in msgspec.structs.fields(declared(vendor).settings)]


@pytest.mark.parametrize(("vendor", "name"), EVERY)
def test_every_setting_can_be_set(vendor: str, name: str) -> None:
    """To its own default, as the list or the control API writes it, which changes nothing."""
    default = declared(vendor).settings()
    value = msgspec.to_builtins(default, enc_hook=str)[name]
    written = value if isinstance(value, str) else json.dumps(value)
    assert _settings(declared(vendor), (f"{name}={written}",)) == default


@pytest.mark.parametrize(
    ("vendor", "given", "told"),
    [
        ("gws", "dialekt=emails", "gws has no setting `dialekt`; did you mean `dialect`?"),
        ("gws", "dialect=klingon", "Invalid enum value 'klingon'"),
        ("gws", "offers=0", "Expected `int` >= 1"),
        ("icws", "idle_seconds=soon", "Expected `float`"),
        ("egain", "languages=[en", "is not JSON"),
        ("egain", 'departments=[{"id": 1, "nam": "x"}]', "nam"),
    ],
)
def test_a_wrong_setting_is_refused(vendor: str, given: str, told: str) -> None:
    """An unknown name gets a suggestion, a value that does not fit says what would."""
    with pytest.raises(click.BadParameter) as caught:
        _settings(declared(vendor), (given,))
    assert told in caught.value.message


def test_a_switch_needs_no_value() -> None:
    """``--set aliases`` is ``--set aliases=true``; lists and tables are JSON."""
    made = _settings(declared("gws"), ("aliases", 'queues=["A", "B"]', 'http_status={"1": 422}', "session_idle=5 min"))
    assert (made.aliases, made.queues, made.http_status, str(made.session_idle)) == (True, ("A", "B"), {1: 422}, "5 min")
