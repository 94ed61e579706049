"""
From a request that keeps the rules to an activity: macros put in, sizes checked, and customer, case and activity made.

Nothing is changed before the last step; a call that fails in between may use up a number and leaves nothing else.
"""

from __future__ import annotations

from msgspec.structs import replace

from runner.vendors.egain.simulator.compose import Composed, check_subject
from runner.vendors.egain.simulator.contents import check_sizes
from runner.vendors.egain.simulator.customers import NewCustomer
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.errors import WsError
from runner.vendors.egain.simulator.macros import Macros
from runner.vendors.egain.simulator.organisation import User
from runner.vendors.egain.simulator.records import Activity, Customer

__all__ = ["made_of"]


def made_of(desk: Desk, user: User, composed: Composed, *, expand: bool) -> Activity:
    """
    The activity of a request that keeps the rules; *expand* puts the values of macros in.

    Raises: ``WsError`` – 400 a macro's name or expansion, 403 a right to one, 400 a size; nothing was made then.
    """
    before = replace(desk.numbers)
    number = desk.numbers.next("activity")
    case = composed.case.id if composed.case else desk.numbers.next("case")
    try:
        if expand:
            composed = _expanded(desk, user, composed, _values(user, composed, number, case))
        check_sizes(desk.settings, composed.subject, composed.contents, composed.files)
    except WsError:
        if not desk.settings.failed_calls_take_numbers:
            desk.numbers = before
        raise
    return _commit(desk, user, composed, number=number, case=case)


def _expanded(desk: Desk, user: User, composed: Composed, values: dict[str, str]) -> Composed:
    macros = Macros(desk.settings, user)
    texts = {"subject": composed.subject} | {f"payload.email.contents.{kind}": text for kind, text in composed.contents.items()}
    for element, text in texts.items():
        macros.check(element, text)
    contents = {
        kind: macros.expanded(f"payload.email.contents.{kind}", text, values, html=kind == "html")
        for kind, text in composed.contents.items()
    }
    subject = macros.expanded("subject", composed.subject, values)
    if desk.settings.subject_limit == "after":
        check_subject(subject)
    return replace(composed, subject=subject, contents=contents)


def _values(user: User, composed: Composed, number: int, case: int) -> dict[str, str]:
    """What the business macros stand for."""
    owner = composed.owner
    return {
        "activity_id": str(number),
        "case_id": str(case),
        "external_case_id": f"CASE-{case}",
        "customer_name": owner.name() if isinstance(owner, NewCustomer) else owner[0].name(),
        "user_name": f"{user.first_name} {user.last_name}".strip(),
        "department_name": composed.department.name,
    }


def _commit(desk: Desk, user: User, composed: Composed, *, number: int, case: int) -> Activity:
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
