"""
The rules of compose-and-send: what a request must look like before a mail leaves. What is made of it stands in
:mod:`runner.vendors.egain.simulator.making`.

Source: "CreateEmailComposeSendActivityPage".
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from runner.simulation.world import Attachment
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.call import Call
from runner.vendors.egain.simulator.company import Department, Queue
from runner.vendors.egain.simulator.contents import attachments_of, check_not_inline, check_types, contents_of
from runner.vendors.egain.simulator.customers import NewCustomer, read_customer
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import COMPOSE, at, check_address, conform, custom_values, date_at, whole_number
from runner.vendors.egain.simulator.errors import forbidden, invalid
from runner.vendors.egain.simulator.organisation import CREATE, EDIT_BCC, User
from runner.vendors.egain.simulator.records import Case, Customer

__all__ = ["Composed", "case_of", "check_subject", "queue_of", "read_compose"]

_LONGEST_SUBJECT = 245
_LONGEST_COPIES = 255
_COPIES = ("cc", "bcc")


class Composed(Struct, frozen=True):
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
    The request, with every rule kept but those about macros and sizes, which come when it is made.

    Raises: ``WsError`` – 403 for a right that is missing, 400 for everything else.
    """
    user, settings = call.user, desk.settings
    if settings.inline_parts == "refuse":
        check_not_inline(call.form)
    if settings.rights_checked == "before_values":
        _check_rights(desk, user)
    if not settings.bare_addresses:
        _check_not_bare(call.tree)
    tree = conform(_single(call), COMPOSE, ordered=bool(call.root) and settings.child_order == "listed")
    _check_type(tree)
    addresses = at(tree, "payload", "email", "emailAddresses") or {}
    to = _one_to(addresses.get("to", []))
    cc, bcc = (_copies(name, addresses.get(name, []), settings.copies_limit) for name in _COPIES)
    subject: str = tree.get("subject", "")
    if settings.subject_limit == "before":
        check_subject(subject)
    contents = contents_of(tree, settings)
    files = attachments_of(tree, call.form)
    if not (subject or contents or files or (settings.empty_counts and "subject" in tree)):
        raise invalid("subject", "a mail needs at least one of subject, attachments and content")
    priority, due_date = _priority(tree), _due_date(desk, tree)
    custom = custom_values(tree.get("customAttributes"), settings.custom_attributes)
    if settings.rights_checked == "after_values":
        _check_rights(desk, user)
    department = desk.organisation.department_of(user, _department_name(tree))
    if bcc:
        user.need(EDIT_BCC)
    from_, secure = _sender(desk, department, addresses.get("from", "").strip())
    check_types(desk, files)
    return Composed(
        department=department,
        to=to,
        cc=cc,
        bcc=bcc,
        from_=from_,
        subject=subject,
        contents=contents,
        files=files,
        owner=_owner(desk, department, to, tree.get("customer")),
        case=case_of(desk, tree),
        queue=queue_of(user, department, tree),
        priority=priority,
        due_date=due_date,
        custom=custom,
        secure=secure,
    )


# ── the parts of it ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_rights(desk: Desk, user: User) -> None:
    user.need_licence(desk.settings.missing_licence_status)
    user.need(CREATE)


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


def _check_not_bare(tree: Tree) -> None:
    given = at(tree, "payload", "email", "emailAddresses") or {}
    for name in ("to", *_COPIES):
        if isinstance(given, dict) and isinstance(given.get(name), str | list):
            raise invalid(f"payload.email.emailAddresses.{name}", "an element address belongs here, not a value")


def _copies(name: str, given: list[str], limit: str) -> list[str]:
    element = f"payload.email.emailAddresses.{name}"
    for address in given:
        check_address(element, address)
    if limit == "list" and len(",".join(given)) > _LONGEST_COPIES:
        raise invalid(element, f"longer than {_LONGEST_COPIES} characters")
    return given


def check_subject(subject: str) -> None:
    """
    Raises: ``WsError`` 400 – too long.
    """
    if len(subject) > _LONGEST_SUBJECT:
        raise invalid("subject", f"longer than {_LONGEST_SUBJECT} characters")


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
    return found[1].address, department.secure_messaging and (department.only_secure or desk.settings.secure_with_sender == "secure")


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
