"""
Cases and notes.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from runner.plugins.vocabulary import MailRef
from runner.vendors.egain.parameters.common import Attributes, CaseId, Custom, CustomFilter, DueDate, OfMail, Page, PageSize, Parameters

__all__ = [
    "AddNote",
    "Case",
    "CaseOutput",
    "CasesOutput",
    "ChangeCase",
    "ChangeCaseCustomer",
    "EditCase",
    "FindCases",
    "LookupCases",
    "NoteOutput",
    "NotesOutput",
]

NamedCase = Annotated[str | int | None, Meta(title="Case", description="A case's id; default: that of the mail.", examples=[1301])]


class AddNote(OfMail, frozen=True, kw_only=True):
    """The note."""

    text: Annotated[str, Meta(title="Text", description="1 to 1500 characters.", examples=["Called back."])]
    case: Annotated[
        str | int | None, Meta(title="Case", description="A case that the note is for, in place of a mail.", examples=[1301])
    ] = None


class ChangeCase(OfMail, frozen=True):
    """Where the mail goes."""

    case: CaseId = None
    subject: Annotated[str | None, Meta(title="Subject", description="The new case's subject.", examples=["Refund"])] = None
    relate: Annotated[bool, Meta(title="Relate", description="Whether both cases refer to each other.", examples=[True])] = False


class Case(Parameters, frozen=True):
    """Which case."""

    case: NamedCase = None
    mail: MailRef = None
    attributes: Attributes = "all"


class EditCase(Parameters, frozen=True):
    """What changes in the case; what is not named stays."""

    case: NamedCase = None
    mail: MailRef = None
    subject: Annotated[str | None, Meta(title="Subject", description="At most 1024 characters.", examples=["Refund"])] = None
    severity: Annotated[str | None, Meta(title="Severity", description="urgent, high, medium or low.", examples=["high"])] = None
    description: Annotated[str | None, Meta(title="Description", description="What it is about.", examples=["The parcel is late."])] = None
    solution: Annotated[str | None, Meta(title="Solution", description="What was done.", examples=["Refunded."])] = None
    due_date: DueDate = None
    owner: Annotated[
        str | None, Meta(title="Owner", description="Whose the case is: an actor of the scenario, or a user name.", examples=["agent"])
    ] = None
    related: Annotated[
        list[str | int], Meta(title="Related cases", description="Cases that it is related to, besides those it is.", examples=[[1302]])
    ] = field(default_factory=list)
    custom: Custom = field(default_factory=dict)


class FindCases(Parameters, frozen=True):
    """Filters that must all fit, exactly."""

    customer: Annotated[str | int | None, Meta(title="Customer", description="A customer's id.", examples=[1041])] = None
    email: Annotated[str | None, Meta(title="E-mail", description="A customer's address.", examples=["joe@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="A customer's number.", examples=["5551234"])] = None
    custom: CustomFilter = field(default_factory=dict)
    page: Page = None
    size: PageSize = None


class LookupCases(Parameters, frozen=True):
    """What is looked up; at least one of both."""

    email: Annotated[str | None, Meta(title="E-mail", description="A customer's address.", examples=["joe@example.com"])] = None
    department: Annotated[str | None, Meta(title="Department", description="A department's name.", examples=["Service"])] = None


class ChangeCaseCustomer(Parameters, frozen=True):
    """Whose the case becomes, with every mail in it."""

    case: NamedCase = None
    mail: MailRef = None
    customer: Annotated[str | int | None, Meta(title="Customer", description="A customer's id.", examples=[1041])] = None
    email: Annotated[
        str | None, Meta(title="E-mail", description="Or an address of theirs, which is looked up.", examples=["kim@example.com"])
    ] = None


class CaseOutput(Struct, frozen=True):
    """A case. ``native`` is eGain's own representation, unchanged."""

    id: str
    status: str = ""
    subject: str = ""
    severity: str = ""
    customer: str = ""
    native: Any = None


class CasesOutput(Struct, frozen=True):
    """The cases that were found."""

    total: int
    cases: list[CaseOutput]


class NoteOutput(Struct, frozen=True):
    """A note."""

    id: str
    text: str = ""


class NotesOutput(Struct, frozen=True):
    """The notes of a mail."""

    notes: list[NoteOutput]
