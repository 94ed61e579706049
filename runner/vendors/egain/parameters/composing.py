"""
What is composed: the fields of the compose pages, and a customer's mail that is put in.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from runner.plugins.contract import FilePath
from runner.plugins.vocabulary import Html, Recipients, Subject, Text
from runner.vendors.egain.parameters.common import CaseId, Custom, Department, DueDate, Extra, Name, Parameters, Priority
from runner.vendors.egain.place import Format

__all__ = ["Compose", "Inbound", "NewCustomer", "SaveDraft", "Saved", "TrackCall"]


class NewCustomer(Parameters, frozen=True):
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
    custom: Custom = field(default_factory=dict)
    department: Annotated[
        str | None,
        Meta(title="Department", description="Not allowed in compose-and-send, where it is refused.", examples=["Service"]),
    ] = None


class SaveDraft(Parameters, frozen=True):
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
    files: Annotated[list[FilePath], Meta(title="Files", description="Files of the project.", examples=[["files/invoice.pdf"]])] = field(
        default_factory=list
    )
    department: Department = None
    case: CaseId = None
    queue: Annotated[str | None, Meta(title="Queue", description="An active queue of the department.", examples=["Service mail"])] = None
    priority: Priority = None
    due_date: DueDate = None
    custom: Custom = field(default_factory=dict)
    customer: Annotated[
        NewCustomer | None,
        Meta(title="Customer", description="Who is made when nobody has the address yet.", examples=[{"first_name": "Kim"}]),
    ] = None
    format: Annotated[
        Format | None,
        Meta(title="Format", description="json, xml or multipart; default: the environment's.", examples=["multipart"]),
    ] = None
    extra: Extra = field(default_factory=dict)


class Compose(SaveDraft, frozen=True):
    """Every field of the compose-and-send page."""


class Saved(SaveDraft, frozen=True):
    """The same fields, and whether macros are expanded."""

    expand_macros: Annotated[bool, Meta(title="Expand macros", description="Without it, macros stay as they are.", examples=[True])] = False


class Inbound(Parameters, frozen=True):
    """A customer's mail, put in by an administrator."""

    from_: Annotated[str, Meta(title="From", description="The customer's address.", examples=["joe@example.com"])] = field(
        name="from", default="customer@example.com"
    )
    to: Annotated[str | None, Meta(title="To", description="An alias; default: the environment's.", examples=["help@shop.example"])] = None
    cc: Recipients = None
    subject: Subject = None
    text: Text = None
    html: Html = None
    files: Annotated[list[FilePath], Meta(title="Files", description="Files of the project.", examples=[["files/invoice.pdf"]])] = field(
        default_factory=list
    )
    inline: Annotated[
        dict[str, FilePath],
        Meta(
            title="Inline files",
            description='Files that the HTML names by an id of their own, as in `<img src="cid:logo">`.',
            examples=[{"logo": "files/logo.png"}],
        ),
    ] = field(default_factory=dict)
    department: Department = None
    secure: Annotated[bool, Meta(title="Secure", description="Whether it came as a secure message.", examples=[True])] = False
    date: Annotated[
        str | None, Meta(title="Date", description="When the customer wrote it, ISO 8601 in UTC.", examples=["2031-05-01T07:00:00.000Z"])
    ] = None


class TrackCall(Parameters, frozen=True):
    """A call that an agent had."""

    contact: Annotated[
        str, Meta(title="Contact", description="The customer's telephone number or address.", examples=["+1 555 0100"], min_length=1)
    ]
    mode: Annotated[Literal["inbound", "outbound"], Meta(title="Mode", description="Who called whom.", examples=["outbound"])] = "inbound"
    subject: Subject = None
    department: Department = None
    case: CaseId = None
    priority: Priority = None
    custom: Custom = field(default_factory=dict)
    customer: Annotated[
        NewCustomer | None,
        Meta(title="Customer", description="Who is made when nobody has the number yet.", examples=[{"first_name": "Kim"}]),
    ] = None
    anonymous: Annotated[
        bool, Meta(title="Anonymous", description="Nobody knows who the customer is; then none has to be told.", examples=[True])
    ] = False
