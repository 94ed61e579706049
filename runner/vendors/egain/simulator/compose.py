"""
The rules of compose-and-send: what a request must look like before a mail leaves, and what is made of it.

Nothing is changed until every rule has been kept; a failed call may use up a number and leaves nothing else.
Source: "CreateEmailComposeSendActivityPage".
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import datetime

from runner.simulation.world import Attachment
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.call import Call
from runner.vendors.egain.simulator.customers import NewCustomer, read_customer
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import COMPOSE, at, check_address, conform, custom_values, date_at, whole_number
from runner.vendors.egain.simulator.errors import WsError, forbidden, invalid
from runner.vendors.egain.simulator.macros import Macros
from runner.vendors.egain.simulator.multipart import Part
from runner.vendors.egain.simulator.organisation import CREATE, EDIT_BCC, MAILPLUS, User
from runner.vendors.egain.simulator.records import Activity, Case, Customer
from runner.vendors.egain.simulator.settings import Department, Queue

__all__ = ["Composed", "attachments_of", "commit", "contents_of", "expand", "read_compose"]

_LONGEST_SUBJECT = 245
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class Composed:
    """A request that keeps the rules. ``owner`` is the customer who has the ``to`` address, or who is to be made for it."""

    department: Department
    to: str
    cc: list[str]
    bcc: list[str]
    from_: str
    subject: str
    contents: dict[str, str]
    files: list[Attachment]
    owner: tuple[Customer, int] | NewCustomer
    case: Case | None
    queue: Queue | None
    priority: int | None
    due_date: datetime | None
    custom: dict[str, list[str]]
    secure: bool


def read_compose(desk: Desk, call: Call) -> Composed:
    """
    The request, with every rule kept but those about macros and sizes, which come with :func:`expand`.

    Raises: ``WsError`` – 403 for a right that is missing, 400 for everything else.
    """
    user = call.user
    user.need(MAILPLUS)
    user.need(CREATE)
    tree = conform(_single(call), COMPOSE)
    _check_type(tree)
    addresses = at(tree, "payload", "email", "emailAddresses") or {}
    to = _one_to(addresses.get("to", []))
    cc, bcc = (_copies(name, addresses.get(name, [])) for name in ("cc", "bcc"))
    subject = _subject(tree)
    contents = contents_of(tree)
    files = attachments_of(tree, call.form)
    if not (subject or contents or files):
        raise invalid("subject", "a mail needs at least one of subject, attachments and content")
    priority, due_date = _priority(tree), _due_date(desk, tree)
    custom = custom_values(tree.get("customAttributes"), desk.settings.custom_attributes)
    department = desk.organisation.department_of(user, _department_name(tree))
    if bcc:
        user.need(EDIT_BCC)
    from_, secure = _sender(desk, department, addresses.get("from", "").strip())
    return Composed(
        department=department,
        to=to,
        cc=cc,
        bcc=bcc,
        from_=from_,
        subject=subject,
        contents=contents,
        files=_unblocked(desk, files),
        owner=_owner(desk, department, to, tree.get("customer")),
        case=case_of(desk, tree),
        queue=queue_of(user, department, tree),
        priority=priority,
        due_date=due_date,
        custom=custom,
        secure=secure,
    )


# ── the parts of it ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _single(call: Call) -> Tree:
    """The one activity of the body."""
    if call.root not in {"", "activity"} or isinstance(call.tree.get("activity"), list):
        raise invalid(call.root or "activity", "the body must be one activity; only one can be created at a time")
    return call.tree


def _check_type(tree: Tree) -> None:
    for path, wanted in ((("type", "value"), "email"), (("type", "subtype", "value"), "compose")):
        found = at(tree, *path) or ""
        if found != wanted:
            raise invalid(".".join(path), f"must be {wanted!r}, not {found!r}", number="196")


def _department_name(tree: Tree) -> str:
    name: str = at(tree, "department", "name") or ""
    if not name:
        raise invalid("department.name", "is required")
    return name


def _one_to(to: list[str]) -> str:
    element = "payload.email.emailAddresses.to"
    if len(to) != 1:
        raise invalid(element, f"must be a single e-mail address, not {len(to)}")
    check_address(element, to[0])
    return to[0]


def _copies(name: str, given: list[str]) -> list[str]:
    element = f"payload.email.emailAddresses.{name}"
    for address in given:
        check_address(element, address)
    if len(",".join(given)) > _LONGEST_TEXT:
        raise invalid(element, f"longer than {_LONGEST_TEXT} characters")
    return given


def _subject(tree: Tree) -> str:
    subject: str = tree.get("subject", "")
    if len(subject) > _LONGEST_SUBJECT:
        raise invalid("subject", f"longer than {_LONGEST_SUBJECT} characters")
    return subject


def contents_of(tree: Tree) -> dict[str, str]:
    """
    The contents by type; those that are empty do not count.

    Raises: ``WsError`` 400 – another type than text and html, or one of them twice.
    """
    found: dict[str, str] = {}
    for content in at(tree, "payload", "email", "contents", "content") or []:
        kind = content.get("type", "")
        if kind not in {"text", "html"}:
            raise invalid("payload.email.contents.content.type", f"must be text or html, not {kind!r}", number="196")
        if kind in found:
            raise invalid("payload.email.contents.content", f"two contents of type {kind}")
        found[kind] = content.get("value", "")
    return {kind: value for kind, value in found.items() if value}


def attachments_of(tree: Tree, form: tuple[Part, ...] | None) -> list[Attachment]:
    """
    The attachments of an XML or JSON body, or of a multipart one.

    Raises: ``WsError`` 400 – the element inside a multipart body, a part missing or too long, content that is not base64.
    """
    if form is None:
        return [_attachment(given) for given in at(tree, "attachments", "attachment") or []]
    if "attachments" in tree:
        raise invalid("attachments", "not allowed in a multipart body; send each attachment as a part of its own")
    for part in form:
        _check_lengths(part.file_name, part.type)
    return [Attachment(part.file_name, part.content, part.type) for part in form]


def _attachment(given: Tree) -> Attachment:
    for name in ("contentType", "content", "fileName"):
        if not given.get(name):
            raise invalid(f"attachments.attachment.{name}", "is required")
    _check_lengths(given["fileName"], given["contentType"])
    try:
        content = base64.b64decode("".join(given["content"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("attachments.attachment.content", f"the content of {given['fileName']!r} is not base64") from None
    return Attachment(given["fileName"], content, given["contentType"])


def _check_lengths(file_name: str, content_type: str) -> None:
    for name, value in (("fileName", file_name), ("contentType", content_type)):
        if len(value) > _LONGEST_TEXT:
            raise invalid(f"attachments.attachment.{name}", f"longer than {_LONGEST_TEXT} characters")


def _unblocked(desk: Desk, files: list[Attachment]) -> list[Attachment]:
    for file in files:
        if desk.is_blocked(file.name):
            raise invalid("attachments.attachment.fileName", f"the file type of {file.name!r} is blocked")
    return files


def _priority(tree: Tree) -> int | None:
    return whole_number("priority", tree["priority"], 1, 7) if "priority" in tree else None


def _due_date(desk: Desk, tree: Tree) -> datetime | None:
    return date_at("dueDate", tree["dueDate"], after=desk.now()) if "dueDate" in tree else None


def _sender(desk: Desk, department: Department, given: str) -> tuple[str, bool]:
    """The address the mail leaves from, and whether it is a secure mail."""
    element = "payload.email.emailAddresses.from"
    if not given:
        if not department.secure_messaging:
            raise invalid(element, f"is required: secure messaging is not enabled in department {department.name!r}")
        return "", True
    check_address(element, given)
    found = desk.organisation.alias(given)
    if found is None or not found[1].active or found[0].name != department.name:
        raise invalid(element, f"{given} is not an active alias of department {department.name!r}")
    return found[1].address, department.secure_messaging and department.only_secure


def _owner(desk: Desk, department: Department, to: str, given: Tree | None) -> tuple[Customer, int] | NewCustomer:
    if given is not None and "department" in given:
        raise invalid("customer.department.name", "not allowed here; the customer's department follows from the activity's")
    known = desk.customer_with(to, department.name)
    if known is not None:
        return known[0], known[1].id
    if not given:
        raise invalid("customer", f"no customer has the address {to}; the details of a new customer are required")
    return read_customer(desk, given, department=desk.home_of_customers(department.name))


def case_of(desk: Desk, tree: Tree) -> Case | None:
    """
    The case that is named.

    Raises: ``WsError`` 400 – there is no such case.
    """
    if "case" not in tree:
        return None
    given = at(tree, "case", "id") or ""
    case = desk.cases.get(int(given)) if given.isascii() and given.isdigit() and len(given) < 15 else None
    if case is None:
        raise invalid("case.id", f"case {given!r} does not exist")
    return case


def queue_of(user: User, department: Department, tree: Tree) -> Queue | None:
    """
    The queue that is named.

    Raises: ``WsError`` 400 – not an active queue of the department, or queues may not be named in it; 403 – no pull permission on it.
    """
    if "queue" not in tree:
        return None
    name: str = at(tree, "queue", "name") or ""
    if not department.queue_for_outbound:
        raise invalid("queue.name", f"department {department.name!r} does not allow outbound activities to be associated with a queue")
    queue = next((q for q in department.queues if q.name == name), None)
    if queue is None or not queue.active:
        raise invalid("queue.name", f"{name!r} is not an active queue of department {department.name!r}")
    if not user.may_pull(name):
        raise forbidden(f"User {user.name} may not pull from queue {name!r}.", action="Pull activities")
    return queue


# ── macros, sizes, and what is made of it ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Numbers:
    activity: int
    case: int


def expand(desk: Desk, user: User, composed: Composed) -> tuple[Composed, _Numbers]:
    """
    The mail with its macros replaced, and the numbers it will have, which macros may name.

    Raises: ``WsError`` – 400 a name or an expansion, 403 a right, 400 a size.
    """
    macros = Macros(desk.settings.macros, user)
    texts = {"subject": composed.subject} | {f"payload.email.contents.{kind}": text for kind, text in composed.contents.items()}
    for element, text in texts.items():
        macros.check(element, text)
    numbers = _Numbers(desk.numbers.next("activity"), composed.case.id if composed.case else desk.numbers.next("case"))
    values = _values(user, composed, numbers)
    expanded = replace(
        composed,
        subject=macros.expanded("subject", composed.subject, values),
        contents={
            kind: macros.expanded(f"payload.email.contents.{kind}", text, values, html=kind == "html")
            for kind, text in composed.contents.items()
        },
    )
    return expanded, numbers


def _values(user: User, composed: Composed, numbers: _Numbers) -> dict[str, str]:
    owner = composed.owner
    return {
        "activity_id": str(numbers.activity),
        "case_id": str(numbers.case),
        "external_case_id": f"CASE-{numbers.case}",
        "customer_name": owner.name() if isinstance(owner, NewCustomer) else owner[0].name(),
        "user_name": f"{user.first_name} {user.last_name}".strip(),
        "department_name": composed.department.name,
    }


def check_sizes(desk: Desk, composed: Composed) -> None:
    """
    Raises: ``WsError`` 400 – a content is larger than the KB setting, or the whole mail than the MB setting; measured on decoded bytes.
    """
    settings = desk.settings
    sizes = {kind: len(text.encode("utf-8", "surrogatepass")) for kind, text in composed.contents.items()}
    for kind, size in sizes.items():
        if size > settings.max_body_kb * 1024:
            raise WsError(400, "152", f"the {kind} content is larger than {settings.max_body_kb} KB", details=(("size", str(size)),))
    whole = sum(sizes.values()) + sum(len(f.content) for f in composed.files) + len(composed.subject.encode("utf-8", "surrogatepass"))
    if whole > settings.max_email_mb * 1024 * 1024:
        raise WsError(400, "152", f"the mail is larger than {settings.max_email_mb} MB", details=(("size", str(whole)),))


def commit(desk: Desk, user: User, composed: Composed, *, number: int, case: int) -> Activity:
    """Make the activity, with its customer and case if they are new."""
    customer, point = _made(desk, composed)
    if composed.case is None:
        desk.add_case(composed.department.name, customer.id, id=case, subject=composed.subject)
    now = desk.now()
    activity = Activity(
        id=number,
        department=composed.department.name,
        mode="outbound",
        subtype="compose",
        case=case,
        customer=customer.id,
        point=point,
        created=now,
        last_modified=now,
        status="assigned",
        substatus="in_progress",
        subject=composed.subject,
        from_=composed.from_,
        to=[composed.to],
        cc=composed.cc,
        bcc=composed.bcc,
        contents=composed.contents,
        assigned=user.id,
        queue=composed.queue.id if composed.queue else None,
        modified_by=user.id,
        worked_by=user.id,
        priority=composed.priority,
        due_date=composed.due_date,
        custom=composed.custom,
        files=desk.stored(composed.files),
        secure=composed.secure,
    )
    desk.activities[activity.id] = activity
    desk.reopen_case(case)
    return activity


def _made(desk: Desk, composed: Composed) -> tuple[Customer, int]:
    if not isinstance(composed.owner, NewCustomer):
        return composed.owner
    customer = composed.owner.make(desk)
    return customer, desk.add_point(customer, "email", composed.to).id
