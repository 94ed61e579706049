"""
The parts of Allure's results, by the names of ``allure_commons.model2``, as records that are encoded in one pass.

Allure's own classes are walked in Python, several times for each result; a run has tens of thousands of parts. What is empty is left out,
as Allure's own writer leaves it out. Source: allure-python-commons 2.16, ``model2.py``; a test holds the names against it.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Attachment", "Label", "Link", "Parameter", "Result", "StatusDetails", "Step"]


class Parameter(Struct, omit_defaults=True):
    """A name and a value; ``excluded`` ones are no part of the history."""

    name: str
    value: str = ""
    excluded: bool | None = None


class Label(Struct, omit_defaults=True):
    """What results are grouped and filtered by."""

    name: str
    value: str = ""


class Link(Struct):
    """A place elsewhere."""

    type: str
    url: str
    name: str


class StatusDetails(Struct, omit_defaults=True):
    """Why: ``message`` for the list, ``trace`` for who looks into it."""

    message: str = ""
    trace: str = ""
    flaky: bool | None = None


class Attachment(Struct):
    """A file beside the results; ``source`` is its name."""

    name: str
    source: str
    type: str


class Step(Struct, omit_defaults=True, kw_only=True, rename="camel"):
    """A step, or what a step and a result share; ``start`` and ``stop`` are milliseconds since 1970."""

    name: str
    status: str
    stage: str
    start: int
    stop: int
    status_details: StatusDetails | None = None
    steps: list[Step] = []
    attachments: list[Attachment] = []
    parameters: list[Parameter] = []


class Result(Step, omit_defaults=True, kw_only=True, rename="camel"):
    """A scenario."""

    uuid: str
    history_id: str
    test_case_id: str
    full_name: str
    description: str = ""
    labels: list[Label] = []
    links: list[Link] = []
    title_path: list[str] = []
