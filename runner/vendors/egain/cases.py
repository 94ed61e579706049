"""
eGain's own steps for cases and notes.
"""

from __future__ import annotations

from typing import Any

from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput
from runner.vendors.egain.answers import Answer
from runner.vendors.egain.composing import custom_tree
from runner.vendors.egain.customers import customer_id
from runner.vendors.egain.parameters.cases import (
    AddNote,
    Case,
    CaseOutput,
    CasesOutput,
    ChangeCase,
    ChangeCaseCustomer,
    EditCase,
    FindCases,
    LookupCases,
    NoteOutput,
    NotesOutput,
)
from runner.vendors.egain.parameters.common import OfMail
from runner.vendors.egain.reading import id_of, mail_told, modified, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
_CASE = "/interaction/case"
_REFUSED = ("unauthenticated", "unavailable", "server_error", "not_acceptable", "forbidden", "invalid", "not_found", "conflict")


# ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def add_note(context: Context, p: AddNote) -> NoteOutput:
    """POST /activity/{id}/note, or /case/{id}/note."""
    session = context.session
    place = f"{_CASE}/{p.case}" if p.case is not None else f"{_ACTIVITY}/{session.activity_id(context.mail(p.mail))}"
    answer = await session.client.post(f"{place}/note", "note", {"content": p.text})
    return NoteOutput(id=answer.made("note"), text=p.text)


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
    return (await context.session.client.get(f"{_CASE}/{id}", query)).one("case", id)


async def case(context: Context, p: Case) -> CaseOutput:
    """GET /case/{id}."""
    return _case_told(await _case(context, await _case_id(context, p.case, p.mail), p.attributes))


async def find_cases(context: Context, p: FindCases) -> CasesOutput:
    """GET /case?…"""
    named = {"customer": p.customer, "email": p.email, "phone": p.phone, "$pagenum": p.page, "$pagesize": p.size}
    query = {n: str(v) for n, v in named.items() if v is not None} | {f"custom.{n}": v for n, v in p.custom.items()}
    return _found(await context.session.client.get(_CASE, query))


async def lookup_cases(context: Context, p: LookupCases) -> CasesOutput:
    """POST /ws/v20/interaction/case/lookup."""
    named = {"email": p.email, "department": p.department}
    tree = {name: value for name, value in named.items() if value is not None}
    return _found(await context.session.client.post(f"{_CASE}/lookup", "case", tree, version="v20"))


def _found(answer: Answer) -> CasesOutput:
    found = [_case_told(c) for c in answer.listed("case")]
    count = text(answer.tree, "paginationInfo", "count")
    return CasesOutput(total=int(count) if count.isdigit() else len(found), cases=found)


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
        "owner": {"id": await context.session.user_id(context.user(p.owner))} if p.owner is not None else None,
        "relatedCases": {"case": [{"id": str(case)} for case in p.related]} if p.related else None,
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


async def change_case_customer(context: Context, p: ChangeCaseCustomer) -> CaseOutput:
    """PUT /case/{id}/changecustomer."""
    id = await _case_id(context, p.case, p.mail)
    customer = str(p.customer) if p.customer is not None else await customer_id(context, p.email or "")
    await context.session.client.put(f"{_CASE}/{id}/changecustomer", "case", {"customer": {"id": customer}})
    return _case_told(await _case(context, id))


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, refusals=_REFUSED, **more)


STEPS: tuple[StepType, ...] = (
    _own(
        "note",
        "Add a note",
        "Adds a note to a mail, or to a case.",
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
        "lookup_cases",
        "Look cases up",
        "Finds cases by a customer's address, by department, or both; the newer way, at which nothing found is an empty list.",
        "- egain.lookup_cases: {email: joe@example.com}",
        parameters=LookupCases,
        output=CasesOutput,
        short="email",
        safe=True,
        run=lookup_cases,
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
        "change_case_customer",
        "Change the case's customer",
        "Hands a case with all its mails to another customer, named by id or address.",
        "- egain.change_case_customer: {email: joe@example.com}",
        parameters=ChangeCaseCustomer,
        output=CaseOutput,
        run=change_case_customer,
    ),
)
