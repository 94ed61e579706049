"""
eGain's own steps for customers and users.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from runner.errors import Refused
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput
from runner.vendors.egain.composing import custom_tree, customer_tree
from runner.vendors.egain.parameters.customers import (
    ChangeCustomer,
    CreateCustomer,
    CustomerOutput,
    CustomersOutput,
    EditCustomer,
    FindCustomers,
    UserOutput,
    Users,
    UsersOutput,
)
from runner.vendors.egain.reading import id_of, inner, mail_told, modified, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS", "customer_id"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
_CUSTOMER = "/interaction/customer"
_REFUSED = ("unauthenticated", "unavailable", "server_error", "not_acceptable", "forbidden", "invalid", "not_found", "conflict")


# ── customers ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _points(customer: Tree) -> list[tuple[Tree, Tree]]:
    """Each contact point of a customer with its contact person."""
    persons = inner(customer, "contactPersons", "contactPerson") or []
    return [(person, point) for person in persons for point in inner(person, "contactPoints", "contactPoint") or []]


def _customer_told(customer: Tree) -> CustomerOutput:
    persons = inner(customer, "contactPersons", "contactPerson") or [{}]
    name = " ".join(text(persons[0], k) for k in ("firstName", "middleName", "lastName") if text(persons[0], k))
    emails = [text(point, "type", "email", "emailAddress") for _, point in _points(customer)]
    return CustomerOutput(id=id_of(customer), name=name, emails=[e for e in emails if e], native=customer)


async def create_customer(context: Context, p: CreateCustomer) -> CustomerOutput:
    """POST /customer."""
    client = context.session.client
    tree = customer_tree(p)
    email, phone = {"emailAddress": p.email}, {"phoneNumber": p.phone}
    points = [
        {"type": {"value": kind, kind: value}}
        for kind, value in (("email", email), ("phone", phone))
        if next(iter(value.values())) is not None
    ]
    if points:
        tree["contactPersons"]["contactPerson"][0]["contactPoints"] = {"contactPoint": points}
    answer = await client.post(_CUSTOMER, "customer", tree)
    id = answer.made("customer")
    context.created("customer", id)
    return _customer_told((await client.get(f"{_CUSTOMER}/{id}")).one("customer", id))


async def find_customers(context: Context, p: FindCustomers) -> CustomersOutput:
    """GET /customer/{id}, or /customer?…"""
    if p.id is not None:
        answer = await context.session.client.get(f"{_CUSTOMER}/{p.id}")
    else:
        named = {"email": p.email, "phone": p.phone}
        query = {n: v for n, v in named.items() if v is not None} | {f"custom.{n}": v for n, v in p.custom.items()}
        of_mail = {n: v for n, v in (("mode", p.mode), ("sentDate", p.sent)) if v is not None}
        if of_mail:
            query["activity"] = msgspec.json.encode(of_mail).decode()
        answer = await context.session.client.get(_CUSTOMER, query)
    found = [_customer_told(c) for c in answer.listed("customer")]
    return CustomersOutput(total=len(found), customers=found)


async def edit_customer(context: Context, p: EditCustomer) -> CustomerOutput:
    """PUT /customer, as the customer stands now at the server."""
    client = context.session.client
    id = str(p.id) if p.id is not None else await customer_id(context, p.email or "")
    now = (await client.get(f"{_CUSTOMER}/{id}")).one("customer", id)
    tree: Tree = {
        "id": id,
        "lastModified": {"date": modified(now)},
        "level": p.level,
        "role": p.role,
        "pin": p.pin,
        "howReferred": p.how_referred,
        "industry": p.industry,
        "marketSegment": p.market_segment,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
    }
    await client.put(_CUSTOMER, "customers", {"customer": [{k: v for k, v in tree.items() if v is not None}]})
    return _customer_told((await client.get(f"{_CUSTOMER}/{id}")).one("customer", id))


async def change_customer(context: Context, p: ChangeCustomer) -> MailOutput:
    """PUT /activity/changecustomer."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    point = str(p.contact_point) if p.contact_point is not None else await _point_of(context, p.email or "")
    item = {"id": mail, "customer": {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": point}]}}]}}}
    await session.client.put(f"{_ACTIVITY}/changecustomer", "activities", {"activity": [item]})
    activity = await session.activity(mail)
    return mail_told(activity, session.status(activity))


async def _point_of(context: Context, email: str) -> str:
    """The contact point that has an address."""
    return id_of((await _with_address(context, email))[1])


async def customer_id(context: Context, email: str) -> str:
    """
    The id of the customer who has an address.

    Raises: ``Refused`` – not_found.
    """
    return id_of((await _with_address(context, email))[0])


async def _with_address(context: Context, email: str) -> tuple[Tree, Tree]:
    """The customer and the contact point."""
    answer = await context.session.client.get(_CUSTOMER, {"email": email})
    for customer in answer.listed("customer"):
        for _, point in _points(customer):
            if text(point, "type", "email", "emailAddress").lower() == email.lower():
                return customer, point
    raise Refused("not_found", http=0, text=f"no customer has the address {email}")


# ── users ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def users(context: Context, p: Users) -> UsersOutput:
    """GET /administration/user/login/{name}, /administration/user/{id}, or /administration/user?department=…, page by page."""
    session = context.session
    if p.user is not None:
        found = (await session.client.get(f"/administration/user/login/{quote(context.user(p.user), safe='')}")).listed("user")
    elif p.id is not None:
        found = [(await session.client.get(f"/administration/user/{p.id}")).one("user", str(p.id))]
    else:
        found = await session.client.users(p.department or session.defaults.department)
    return UsersOutput(total=len(found), users=[_user_told(user) for user in found])


def _user_told(user: Tree) -> UserOutput:
    name = " ".join(filter(None, (text(user, "firstName"), text(user, "lastName"))))
    return UserOutput(id=id_of(user), user=text(user, "name"), name=name, department=text(user, "department", "name"), native=user)


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, refusals=_REFUSED, **more)


STEPS: tuple[StepType, ...] = (
    _own(
        "create_customer",
        "Create a customer",
        "Creates a customer with one contact person.",
        "- egain.create_customer: {first_name: Kim, email: \"{{ unique('kim-') }}@example.com\"}",
        parameters=CreateCustomer,
        output=CustomerOutput,
        run=create_customer,
    ),
    _own(
        "find_customers",
        "Search customers",
        "Finds customers by address, number, custom attributes or what mail they have, or reads one by id.",
        "- egain.find_customers: {email: joe@example.com}",
        parameters=FindCustomers,
        output=CustomersOutput,
        short="email",
        safe=True,
        run=find_customers,
    ),
    _own(
        "edit_customer",
        "Edit a customer",
        "Changes a customer, named by id or address; what is not named stays.",
        "- egain.edit_customer: {email: joe@example.com, level: Gold}",
        parameters=EditCustomer,
        output=CustomerOutput,
        run=edit_customer,
    ),
    _own(
        "change_customer",
        "Change the customer",
        "Hands a mail to another customer, named by address or contact point.",
        "- egain.change_customer: {email: joe@example.com}",
        parameters=ChangeCustomer,
        output=MailOutput,
        short="email",
        run=change_customer,
    ),
    _own(
        "users",
        "List users",
        "Lists the users of a department, or reads one by user name or id.",
        "- egain.users: {user: agent}",
        parameters=Users,
        output=UsersOutput,
        short="user",
        safe=True,
        run=users,
    ),
)
