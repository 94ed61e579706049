"""
eGain's own steps for what stands around a mail: notes, its case, its customer.
"""

from __future__ import annotations

from typing import Any

from runner.errors import Refused
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput
from runner.vendors.egain.client import Answer
from runner.vendors.egain.composing import custom_tree, customer_tree
from runner.vendors.egain.parameters import (
    AddNote,
    Case,
    CaseOutput,
    CasesOutput,
    ChangeCase,
    ChangeCustomer,
    CreateCustomer,
    CustomerOutput,
    CustomersOutput,
    EditCase,
    FindCases,
    FindCustomers,
    NoteOutput,
    NotesOutput,
    OfMail,
)
from runner.vendors.egain.reading import id_of, inner, mail_told, modified, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
_CASE = "/interaction/case"
_CUSTOMER = "/interaction/customer"
_REFUSED = ("unauthenticated", "unavailable", "server_error", "not_acceptable", "forbidden", "invalid", "not_found", "conflict")


def _total(answer: Answer, found: list[Any]) -> int:
    count = text(answer.tree, "paginationInfo", "count")
    return int(count) if count.isdigit() else len(found)


# ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def add_note(context: Context, p: AddNote) -> NoteOutput:
    """POST /activity/{id}/note."""
    mail = context.session.activity_id(context.mail(p.mail))
    answer = await context.session.client.post(f"{_ACTIVITY}/{mail}/note", "note", {"content": p.text})
    return NoteOutput(id=answer.id, text=p.text)


async def notes(context: Context, p: OfMail) -> NotesOutput:
    """GET /activity/{id}/note."""
    mail = context.session.activity_id(context.mail(p.mail))
    found = (await context.session.client.get(f"{_ACTIVITY}/{mail}/note")).listed("note")
    return NotesOutput(notes=[NoteOutput(id=id_of(n), text=text(n, "content")) for n in found])


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _case_told(case: Tree) -> CaseOutput:
    return CaseOutput(
        id=id_of(case),
        status=text(case, "status", "value"),
        subject=text(case, "subject"),
        severity=text(case, "severity", "value"),
        customer=text(case, "customer", "id"),
        native=case,
    )


async def _case_id(context: Context, given: str | int | None, mail: object) -> str:
    """The case that is named, else that of the mail."""
    if given is not None:
        return str(given)
    return text(await context.session.activity(context.mail(mail)), "case", "id")


async def _case(context: Context, id: str, attributes: str | None = "all") -> Tree:
    query = {"$attribute": attributes} if attributes else {}
    found = (await context.session.client.get(f"{_CASE}/{id}", query)).listed("case")
    return found[0] if found else {}


async def case(context: Context, p: Case) -> CaseOutput:
    """GET /case/{id}."""
    return _case_told(await _case(context, await _case_id(context, p.case, p.mail), p.attributes))


async def find_cases(context: Context, p: FindCases) -> CasesOutput:
    """GET /case?…"""
    named = {"customer": p.customer, "email": p.email, "phone": p.phone}
    query = {n: str(v) for n, v in named.items() if v is not None} | {f"custom.{n}": v for n, v in p.custom.items()}
    answer = await context.session.client.get(_CASE, query)
    found = [_case_told(c) for c in answer.listed("case")]
    return CasesOutput(total=_total(answer, found), cases=found)


async def edit_case(context: Context, p: EditCase) -> CaseOutput:
    """PUT /case, as it stands now at the server."""
    id = await _case_id(context, p.case, p.mail)
    tree: Tree = {
        "id": id,
        "lastModified": {"date": modified(await _case(context, id))},
        "subject": p.subject,
        "severity": {"value": p.severity} if p.severity is not None else None,
        "description": p.description,
        "solution": p.solution,
        "dueDate": p.due_date,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
    }
    await context.session.client.put(_CASE, "cases", {"case": [{k: v for k, v in tree.items() if v is not None}]})
    return _case_told(await _case(context, id))


async def change_case(context: Context, p: ChangeCase) -> MailOutput:
    """PUT /activity/{id}/changecase."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    tree: Tree = {"id": str(p.case)} if p.case is not None else ({"subject": p.subject} if p.subject is not None else {})
    query = {"relateCase": "yes"} if p.relate else {}
    await session.client.put(f"{_ACTIVITY}/{mail}/changecase", "case", tree, query)
    activity = await session.activity(mail)
    return mail_told(activity, session.status(activity))


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
    context.created("customer", answer.id)
    found = (await client.get(f"{_CUSTOMER}/{answer.id}")).listed("customer")
    return _customer_told(found[0] if found else {"id": answer.id})


async def find_customers(context: Context, p: FindCustomers) -> CustomersOutput:
    """GET /customer/{id}, or /customer?…"""
    if p.id is not None:
        answer = await context.session.client.get(f"{_CUSTOMER}/{p.id}")
    else:
        named = {"email": p.email, "phone": p.phone}
        query = {n: v for n, v in named.items() if v is not None} | {f"custom.{n}": v for n, v in p.custom.items()}
        answer = await context.session.client.get(_CUSTOMER, query)
    found = [_customer_told(c) for c in answer.listed("customer")]
    return CustomersOutput(total=_total(answer, found), customers=found)


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
    answer = await context.session.client.get(_CUSTOMER, {"email": email})
    for customer in answer.listed("customer"):
        for _, point in _points(customer):
            if text(point, "type", "email", "emailAddress").lower() == email.lower():
                return id_of(point)
    raise Refused("not_found", http=0, text=f"no customer has the address {email}")


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, refusals=_REFUSED, **more)


STEPS: tuple[StepType, ...] = (
    _own(
        "note",
        "Add a note",
        "Adds a note to a mail.",
        "- egain.note: Called back.",
        parameters=AddNote,
        output=NoteOutput,
        short="text",
        run=add_note,
    ),
    _own(
        "notes",
        "Read the notes",
        "Lists the notes of a mail.",
        "- egain.notes",
        parameters=OfMail,
        output=NotesOutput,
        short="mail",
        safe=True,
        run=notes,
    ),
    _own(
        "case",
        "Read a case",
        "Reads a case, by default that of the mail.",
        "- egain.case",
        parameters=Case,
        output=CaseOutput,
        short="case",
        safe=True,
        run=case,
    ),
    _own(
        "find_cases",
        "Search cases",
        "Finds cases by customer, address, number or custom attributes.",
        "- egain.find_cases: {email: joe@example.com}",
        parameters=FindCases,
        output=CasesOutput,
        short="email",
        safe=True,
        run=find_cases,
    ),
    _own(
        "edit_case",
        "Edit a case",
        "Changes a case, by default that of the mail.",
        "- egain.edit_case: {severity: high}",
        parameters=EditCase,
        output=CaseOutput,
        run=edit_case,
    ),
    _own(
        "change_case",
        "Move to another case",
        "Moves a mail to a case that exists, or to a new one.",
        "- egain.change_case: {subject: Refund}",
        parameters=ChangeCase,
        output=MailOutput,
        short="case",
        run=change_case,
    ),
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
        "Finds customers by address, number or custom attributes, or reads one by id.",
        "- egain.find_customers: {email: joe@example.com}",
        parameters=FindCustomers,
        output=CustomersOutput,
        short="email",
        safe=True,
        run=find_customers,
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
)
