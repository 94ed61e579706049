"""
What the steps of eGain's own take and give; the shared words' records stand in :mod:`runner.plugins.vocabulary`.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from runner.plugins.contract import FilePath
from runner.plugins.vocabulary import Html, Login, MailRef, Recipients, Subject, Text
from runner.vendors.egain.place import Format

__all__ = [
    "Activities",
    "ActivityAttributes",
    "AddNote",
    "Attributes",
    "Case",
    "CaseOutput",
    "CasesOutput",
    "ChangeCase",
    "ChangeCustomer",
    "Compose",
    "CreateCustomer",
    "CustomerOutput",
    "CustomersOutput",
    "EditActivity",
    "EditCase",
    "EgainLogin",
    "FindCases",
    "FindCustomers",
    "GetActivity",
    "Inbound",
    "NewCustomer",
    "NoteOutput",
    "NotesOutput",
    "OfMail",
    "Pick",
    "Pull",
    "SaveDraft",
    "Saved",
    "Search",
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


class _Parameters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


class EgainLogin(Login, frozen=True):
    """Whose session is opened, and what happens when they have five already."""

    force: Annotated[
        bool | None,
        Meta(
            title="Force",
            description="Whether the oldest of five sessions ends to make room; default: the environment's `force_login`.",
            examples=[False],
        ),
    ] = None


class NewCustomer(_Parameters, frozen=True):
    """The customer who is made when nobody has the address yet."""

    first_name: Annotated[str, Meta(title="First name", description="The contact person's first name.", examples=["Kim"])]
    middle_name: Name = None
    last_name: Name = None
    level: Annotated[str | None, Meta(title="Level", description="The customer's level.", examples=["Gold"])] = None
    role: Annotated[str | None, Meta(title="Role", description="Partner, Reseller or Customer.", examples=["Customer"])] = None
    pin: Annotated[str | None, Meta(title="Pin", description="At most 255 characters.", examples=["4711"])] = None
    how_referred: Annotated[str | None, Meta(title="How referred", description="Where they come from.", examples=["Fair"])] = None
    industry: Annotated[str | None, Meta(title="Industry", description="Their industry.", examples=["Retail"])] = None
    market_segment: Annotated[str | None, Meta(title="Market segment", description="Their segment.", examples=["Small"])] = None
    custom: Custom = {}
    department: Annotated[
        str | None,
        Meta(title="Department", description="Not allowed in compose-and-send, where it is refused.", examples=["Service"]),
    ] = None


class SaveDraft(_Parameters, frozen=True):
    """Every field of the compose pages."""

    to: Recipients = None
    cc: Recipients = None
    bcc: Recipients = None
    from_: Annotated[
        str | None,
        Meta(
            title="From",
            description='An active alias; default: the environment\'s; "" for none (a secure mail).',
            examples=["help@shop.example"],
        ),
    ] = field(name="from", default=None)
    subject: Subject = None
    text: Text = None
    html: Html = None
    files: Annotated[list[FilePath], Meta(title="Files", description="Files of the project.", examples=[["files/invoice.pdf"]])] = []
    department: Department = None
    case: CaseId = None
    queue: Annotated[str | None, Meta(title="Queue", description="An active queue of the department.", examples=["Service mail"])] = None
    priority: Priority = None
    due_date: DueDate = None
    custom: Custom = {}
    customer: Annotated[
        NewCustomer | None,
        Meta(title="Customer", description="Who is made when nobody has the address yet.", examples=[{"first_name": "Kim"}]),
    ] = None
    format: Annotated[
        Format | None,
        Meta(title="Format", description="json, xml or multipart; default: the environment's.", examples=["multipart"]),
    ] = None
    extra: Extra = {}


class Compose(SaveDraft, frozen=True):
    """Every field of the compose-and-send page."""


class Saved(SaveDraft, frozen=True):
    """The same fields, and whether macros are expanded."""

    expand_macros: Annotated[bool, Meta(title="Expand macros", description="Without it, macros stay as they are.", examples=[True])] = False


class Inbound(_Parameters, frozen=True):
    """A customer's mail, put in by an administrator."""

    from_: Annotated[str, Meta(title="From", description="The customer's address.", examples=["joe@example.com"])] = field(
        name="from", default="customer@example.com"
    )
    to: Annotated[str | None, Meta(title="To", description="An alias; default: the environment's.", examples=["help@shop.example"])] = None
    cc: Recipients = None
    subject: Subject = None
    text: Text = None
    html: Html = None
    files: Annotated[list[FilePath], Meta(title="Files", description="Files of the project.", examples=[["files/invoice.pdf"]])] = []
    department: Department = None
    date: Annotated[
        str | None, Meta(title="Date", description="When the customer wrote it, ISO 8601 in UTC.", examples=["2031-05-01T07:00:00.000Z"])
    ] = None


class Search(_Parameters, frozen=True):
    """Filters that must all fit, exactly; at least one beside `type`."""

    customer: Annotated[str | int | None, Meta(title="Customer", description="A customer's id.", examples=[1041])] = None
    case: Annotated[str | int | None, Meta(title="Case", description="A case's id.", examples=[1301])] = None
    status: Annotated[str | None, Meta(title="Status", description="Like assigned, assigned:in_progress, or open.", examples=["open"])] = (
        None
    )
    mode: Annotated[str | None, Meta(title="Mode", description="inbound or outbound.", examples=["inbound"])] = None
    type: Annotated[str | None, Meta(title="Type", description="email.", examples=["email"])] = None
    assigned_to: Annotated[str | int | None, Meta(title="Assigned to", description="A user's id.", examples=[1013])] = None
    assigned_user_name: Annotated[
        str | None, Meta(title="Assigned user name", description="An actor of the scenario, or a user name.", examples=["agent"])
    ] = None
    queue: Annotated[str | int | None, Meta(title="Queue", description="A queue's name or id.", examples=["Service mail"])] = None
    created: Annotated[
        str | None, Meta(title="Created", description="[start,end] in ISO 8601; one end may be open.", examples=["[2031-05-01T00:00:00Z,]"])
    ] = None
    modified: Annotated[
        str | None, Meta(title="Modified", description="The same for the last change.", examples=["[2031-05-01T00:00:00Z,]"])
    ] = None
    custom: Annotated[dict[str, str], Meta(title="Custom attributes", description="By name.", examples=[{"region": "North"}])] = {}
    page: Annotated[int | None, Meta(title="Page", description="From 1.", examples=[1])] = None
    size: Annotated[int | None, Meta(title="Page size", description="1 to 75; eGain's default is 25.", examples=[75])] = None
    sort: Annotated[str | None, Meta(title="Sort", description="An attribute.", examples=["createdDate"])] = None
    order: Annotated[str | None, Meta(title="Order", description="asc or desc.", examples=["desc"])] = None
    attributes: Annotated[str | None, Meta(title="Attributes", description="all, or names with commas.", examples=["payload,created"])] = (
        None
    )


class OfMail(_Parameters, frozen=True):
    """Which mail."""

    mail: MailRef = None


class GetActivity(OfMail, frozen=True):
    """Which mail, and how much of it."""

    attributes: Annotated[
        str | None, Meta(title="Attributes", description='all, or names with commas; "" for the summary.', examples=["payload,created"])
    ] = "all"


class ActivityAttributes(_Parameters, frozen=True):
    """Which kind of attributes."""

    attributes: Annotated[str, Meta(title="Attributes", description="type, language, custom or all.", examples=["custom"])] = "all"


class Pull(_Parameters, frozen=True):
    """Nothing to say."""


class Pick(OfMail, frozen=True):
    """Which mail, and whether it is taken from whom it is pinned to."""

    unpin: Annotated[bool, Meta(title="Unpin", description="Take it even when it is pinned.", examples=[True])] = False


class EditActivity(OfMail, frozen=True):
    """What changes: of a completed mail text, HTML and custom attributes; of any other the rest."""

    priority: Priority = None
    due_date: DueDate = None
    language: Annotated[str | None, Meta(title="Language", description="A language code.", examples=["de-DE"])] = None
    custom: Custom = {}
    text: Text = None
    html: Html = None


class AddNote(OfMail, frozen=True, kw_only=True):
    """The note."""

    text: Annotated[str, Meta(title="Text", description="1 to 1500 characters.", examples=["Called back."])]


class ChangeCase(OfMail, frozen=True):
    """Where the mail goes."""

    case: CaseId = None
    subject: Annotated[str | None, Meta(title="Subject", description="The new case's subject.", examples=["Refund"])] = None
    relate: Annotated[bool, Meta(title="Relate", description="Whether both cases refer to each other.", examples=[True])] = False


class ChangeCustomer(OfMail, frozen=True):
    """Whose the mail becomes."""

    contact_point: Annotated[
        str | int | None, Meta(title="Contact point", description="The id of an e-mail contact point.", examples=[1091])
    ] = None
    email: Annotated[
        str | None, Meta(title="E-mail", description="Or the address itself, which is looked up.", examples=["kim@example.com"])
    ] = None


class Case(_Parameters, frozen=True):
    """Which case."""

    case: CaseId = None
    mail: MailRef = None
    attributes: Annotated[str | None, Meta(title="Attributes", description="all, or names with commas.", examples=["all"])] = "all"


class EditCase(_Parameters, frozen=True):
    """What changes in the case; what is not named stays."""

    case: CaseId = None
    mail: MailRef = None
    subject: Annotated[str | None, Meta(title="Subject", description="At most 1024 characters.", examples=["Refund"])] = None
    severity: Annotated[str | None, Meta(title="Severity", description="urgent, high, medium or low.", examples=["high"])] = None
    description: Annotated[str | None, Meta(title="Description", description="What it is about.", examples=["The parcel is late."])] = None
    solution: Annotated[str | None, Meta(title="Solution", description="What was done.", examples=["Refunded."])] = None
    due_date: DueDate = None
    custom: Custom = {}


class FindCases(_Parameters, frozen=True):
    """Filters that must all fit, exactly."""

    customer: Annotated[str | int | None, Meta(title="Customer", description="A customer's id.", examples=[1041])] = None
    email: Annotated[str | None, Meta(title="E-mail", description="A customer's address.", examples=["joe@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="A customer's number.", examples=["5551234"])] = None
    custom: Annotated[dict[str, str], Meta(title="Custom attributes", description="By name.", examples=[{"region": "North"}])] = {}


class FindCustomers(_Parameters, frozen=True):
    """Filters that must all fit, exactly."""

    id: Annotated[str | int | None, Meta(title="Id", description="A customer's id, in place of filters.", examples=[1041])] = None
    email: Annotated[str | None, Meta(title="E-mail", description="An address.", examples=["joe@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="A number.", examples=["5551234"])] = None
    custom: Annotated[dict[str, str], Meta(title="Custom attributes", description="By name.", examples=[{"region": "North"}])] = {}


class CreateCustomer(NewCustomer, frozen=True):
    """The new customer."""

    email: Annotated[str | None, Meta(title="E-mail", description="Their address.", examples=["kim@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="Their number.", examples=["5551234"])] = None


# ── outputs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Activities(Struct, frozen=True):
    """What a search found; ``total`` counts all matches, not only this page's."""

    total: int
    activities: list[dict[str, Any]]


class Attributes(Struct, frozen=True):
    """The attributes that activities can have."""

    attributes: list[dict[str, Any]]


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


class CustomerOutput(Struct, frozen=True):
    """A customer."""

    id: str
    name: str = ""
    emails: list[str] = []
    native: Any = None


class CustomersOutput(Struct, frozen=True):
    """The customers that were found."""

    total: int
    customers: list[CustomerOutput]


class NoteOutput(Struct, frozen=True):
    """A note."""

    id: str
    text: str = ""


class NotesOutput(Struct, frozen=True):
    """The notes of a mail."""

    notes: list[NoteOutput]
