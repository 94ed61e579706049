"""
What can be set for the scenarios of a session: by option, or in the ini-file.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the harness brings the whole engine; it is imported when a scenario file is collected
    from runner.harness import Request

__all__ = ["add", "reporters_of", "reports_of", "request_of"]

# JUnit is pytest's own business (``--junitxml``).
_REPORTERS = ("html", "json")


def add(parser: pytest.Parser) -> None:
    """Add options and ini keys."""
    group = parser.getgroup("scenario-runner", "scenarios (*.scenario.yaml)")
    group.addoption("--scenario-environment", metavar="NAME", help="where scenarios run; default: the built-in simulators")
    group.addoption("--scenario-parallel", type=_count, metavar="N", help="how many scenarios at a time; default: 16")
    group.addoption("--scenario-seed", type=int, metavar="N", help="repeat an earlier run's chances")
    group.addoption("--scenario-vendor", action="append", metavar="NAME", help="only the runs for this vendor; may be repeated")
    group.addoption(
        "--scenario-set", action="append", type=_variable, metavar="NAME=VALUE", help="give a variable another value; may be repeated"
    )
    group.addoption("--scenario-reports", metavar="FOLDER", help="where the run's journal and reports are written; default: reports")
    group.addoption(
        "--scenario-reporter", action="append", metavar="NAME", help="a report to make in that folder; may be repeated; default: html, json"
    )
    parser.addini("scenario_environment", "where scenarios run", default="")
    parser.addini("scenario_parallel", "how many scenarios at a time", default="")
    parser.addini("scenario_seed", "repeat an earlier run's chances", default="")
    parser.addini("scenario_vendors", "only the runs for these vendors", type="args", default=[])
    parser.addini("scenario_reports", "where the run's journal and reports are written", default="reports")
    parser.addini("scenario_reporters", "reports to make in that folder", type="args", default=list(_REPORTERS))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE; write it like customer=joe@example.com")
    return name.strip(), value


def request_of(config: pytest.Config) -> Request:
    """
    What the session asks for. Paths are none: files are collected by pytest.

    Raises: ``pytest.UsageError`` – a value of the ini-file cannot be used.
    """
    from runner.harness import SIMULATOR, Request

    option = config.getoption
    return Request(
        paths=(),
        environment=option("scenario_environment") or config.getini("scenario_environment") or SIMULATOR,
        vendors=tuple(option("scenario_vendor") or config.getini("scenario_vendors")),
        parallel=option("scenario_parallel") or _number(config, "scenario_parallel", least=1),
        seed=_number(config, "scenario_seed") if option("scenario_seed") is None else option("scenario_seed"),
        variables=dict(option("scenario_set") or ()),
        reports=reports_of(config),
        start=config.rootpath,
    )


def _number(config: pytest.Config, name: str, least: int | None = None) -> int | None:
    text = str(config.getini(name)).strip()
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise pytest.UsageError(f"{name} of the ini-file is {text!r}, and must be a whole number") from None
    if least is not None and number < least:
        raise pytest.UsageError(f"{name} of the ini-file is {number}, and must be at least {least}")
    return number


def reports_of(config: pytest.Config) -> Path:
    """The folder in which runs are written."""
    folder: str = config.getoption("scenario_reports") or config.getini("scenario_reports")
    return config.rootpath / folder


def reporters_of(config: pytest.Config) -> tuple[str, ...]:
    """The reports to make, by name."""
    return tuple(dict.fromkeys(config.getoption("scenario_reporter") or config.getini("scenario_reporters")))
