"""
Parameters that several of eGain's own steps take.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from runner.plugins.vocabulary import MailRef

__all__ = [
    "Attributes",
    "CaseId",
    "Custom",
    "CustomFilter",
    "Department",
    "DueDate",
    "Extra",
    "Name",
    "OfMail",
    "Page",
    "PageSize",
    "Parameters",
    "Priority",
]

Custom = Annotated[
    dict[str, str | list[str]],
    Meta(
        title="Custom attributes",
        description="The values of custom attributes by name; a list for several values.",
        examples=[{"region": "North"}],
    ),
]
Department = Annotated[
    str | None,
    Meta(title="Department", description="The department; default: the environment's.", examples=["Service"]),
]
Priority = Annotated[int | str | None, Meta(title="Priority", description="1 (lowest) to 7.", examples=[3])]
DueDate = Annotated[
    str | None, Meta(title="Due date", description="ISO 8601 in UTC, in the future.", examples=["2031-05-04T09:30:00.000Z"])
]
CaseId = Annotated[
    str | int | None,
    Meta(title="Case", description="The id of a case; without one, a new case is made.", examples=["{{ mail.native.case.id }}"]),
]
Extra = Annotated[
    dict[str, Any],
    Meta(
        title="Extra elements",
        description="Elements that are put into the document as they are, over what the other fields make; null takes an element out.",
        examples=[{"type": {"value": "chat"}}],
    ),
]
Name = Annotated[str | None, Meta(title="Name", description="A name.", examples=["Kim"])]
CustomFilter = Annotated[dict[str, str], Meta(title="Custom attributes", description="By name.", examples=[{"region": "North"}])]
Attributes = Annotated[str | None, Meta(title="Attributes", description="all, or names with commas.", examples=["all"])]
Page = Annotated[int | None, Meta(title="Page", description="From 1.", examples=[1])]
PageSize = Annotated[int | None, Meta(title="Page size", description="1 to 75; eGain's default is 25.", examples=[75])]


class Parameters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


class OfMail(Parameters, frozen=True):
    """Which mail."""

    mail: MailRef = None
