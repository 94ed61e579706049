"""
Customers, and whose a mail is.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from runner.vendors.egain.parameters.common import Custom, CustomFilter, OfMail, Parameters
from runner.vendors.egain.parameters.composing import NewCustomer

__all__ = [
    "ChangeCustomer",
    "CreateCustomer",
    "CustomerOutput",
    "CustomersOutput",
    "EditCustomer",
    "FindCustomers",
    "UserOutput",
    "Users",
    "UsersOutput",
]


class ChangeCustomer(OfMail, frozen=True):
    """Whose the mail becomes."""

    contact_point: Annotated[
        str | int | None, Meta(title="Contact point", description="The id of an e-mail contact point.", examples=[1091])
    ] = None
    email: Annotated[
        str | None, Meta(title="E-mail", description="Or the address itself, which is looked up.", examples=["kim@example.com"])
    ] = None


class FindCustomers(Parameters, frozen=True):
    """Filters that must all fit, exactly."""

    id: Annotated[str | int | None, Meta(title="Id", description="A customer's id, in place of filters.", examples=[1041])] = None
    email: Annotated[str | None, Meta(title="E-mail", description="An address.", examples=["joe@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="A number.", examples=["5551234"])] = None
    custom: CustomFilter = field(default_factory=dict)
    mode: Annotated[
        Literal["inbound", "outbound"] | None,
        Meta(title="Mode", description="Only who has mail of this mode.", examples=["outbound"]),
    ] = None
    sent: Annotated[
        str | None,
        Meta(
            title="Sent", description="Only who has mail that was sent then: [start,end] in ISO 8601.", examples=["[2031-05-01T00:00:00Z,]"]
        ),
    ] = None


class CreateCustomer(NewCustomer, frozen=True):
    """The new customer."""

    email: Annotated[str | None, Meta(title="E-mail", description="Their address.", examples=["kim@example.com"])] = None
    phone: Annotated[str | None, Meta(title="Phone", description="Their number.", examples=["5551234"])] = None


class EditCustomer(Parameters, frozen=True):
    """Who changes, and what; what is not named stays."""

    id: Annotated[str | int | None, Meta(title="Id", description="A customer's id.", examples=[1041])] = None
    email: Annotated[
        str | None, Meta(title="E-mail", description="Or an address of theirs, which is looked up.", examples=["kim@example.com"])
    ] = None
    level: Annotated[str | None, Meta(title="Level", description="The customer's level.", examples=["Gold"])] = None
    role: Annotated[str | None, Meta(title="Role", description="Partner, Reseller or Customer.", examples=["Customer"])] = None
    pin: Annotated[str | None, Meta(title="Pin", description="At most 255 characters.", examples=["4711"])] = None
    how_referred: Annotated[str | None, Meta(title="How referred", description="Where they come from.", examples=["Fair"])] = None
    industry: Annotated[str | None, Meta(title="Industry", description="Their industry.", examples=["Retail"])] = None
    market_segment: Annotated[str | None, Meta(title="Market segment", description="Their segment.", examples=["Small"])] = None
    custom: Custom = field(default_factory=dict)


class Users(Parameters, frozen=True):
    """Which users: one by user name or id, or all of a department."""

    user: Annotated[str | None, Meta(title="User", description="An actor of the scenario, or a user name.", examples=["agent"])] = None
    id: Annotated[str | int | None, Meta(title="Id", description="A user's id.", examples=[1010])] = None
    department: Annotated[
        str | None, Meta(title="Department", description="A department; default: the environment's.", examples=["Service"])
    ] = None


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


class UserOutput(Struct, frozen=True):
    """A user: the id, the user name, and the home department."""

    id: str
    user: str = ""
    name: str = ""
    department: str = ""
    native: Any = None


class UsersOutput(Struct, frozen=True):
    """The users that were found."""

    total: int
    users: list[UserOutput]
