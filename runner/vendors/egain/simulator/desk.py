"""
The state behind the operations: every activity, case and customer, the numbers they get, and the dispatcher that lets mail leave.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime

from msgspec import Struct, field

from runner.simulation.world import Attachment, Mail, World
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.company import Department
from runner.vendors.egain.simulator.organisation import Organisation, User
from runner.vendors.egain.simulator.records import Activity, Case, ContactPerson, ContactPoint, Customer, StoredFile, touch
from runner.vendors.egain.simulator.sessions import Sessions
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["Desk", "Numbers"]

_SECURE_NOTICE = "You have a new secure message. Log in to the message center to read it."


class Numbers(Struct):
    """The next number of each kind of thing; numbers are never given twice."""

    activity: int = 2801
    case: int = 1301
    customer: int = 1041
    person: int = 1201
    point: int = 1091
    file: int = 311
    note: int = 51

    def next(self, kind: str) -> int:
        """Take one."""
        number: int = getattr(self, kind)
        setattr(self, kind, number + 1)
        return number


class Desk(Struct):
    """Everything the simulator knows."""

    world: World
    settings: EgainSettings
    organisation: Organisation
    sessions: Sessions
    numbers: Numbers = field(default_factory=Numbers)
    activities: dict[int, Activity] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    one_shots: dict[str, Attachment] = field(default_factory=dict)
    # address in lower case → who owns it, in the order in which they got it
    owners: dict[str, list[tuple[Customer, ContactPoint]]] = field(default_factory=dict)
    _working: set[asyncio.Task[None]] = field(default_factory=set)

    def now(self) -> datetime:
        """The moment, to the millisecond that eGain writes."""
        at = self.world.clock.now()
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    # ── customers and cases ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def customer_with(self, address: str, department: str) -> tuple[Customer, ContactPoint] | None:
        """Who owns an address: in the department when customers are departmentalised, else in the whole application."""
        apart = self.settings.customer_departmentalization
        owners = self.owners.get(address.lower(), ())
        return next(((c, point) for c, point in owners if not apart or c.department == department), None)

    def add_customer(self, *, department: str | None, kind: str, person: Tree, fields: Tree, custom: dict[str, list[str]]) -> Customer:
        """A new customer with one contact person and no contact points yet."""
        customer = Customer(
            id=self.numbers.next("customer"),
            department=department,
            kind=kind,
            persons=[ContactPerson(self.numbers.next("person"), person)],
            fields=fields,
            custom=custom,
            last_modified=self.now(),
        )
        self.customers[customer.id] = customer
        return customer

    def add_point(self, customer: Customer, kind: str, value: str, priority: str = "") -> ContactPoint:
        """A new contact point of the customer's first person; the one that is there when the value is known already."""
        known = next((p for p in customer.points() if p.kind == kind and p.value.lower() == value.lower()), None)
        if known is not None:
            return known
        point = ContactPoint(self.numbers.next("point"), kind, value, priority)
        customer.persons[0].points.append(point)
        if kind == "email":
            self.owners.setdefault(value.lower(), []).append((customer, point))
        return point

    def home_of_customers(self, department: str) -> str | None:
        """The department of a customer who is made for an activity of *department*; None: shared by all."""
        return department if self.settings.customer_departmentalization else None

    def add_case(self, department: str, customer: int, *, id: int | None = None, subject: str = "") -> Case:
        """A new case; its number may have been taken before."""
        case = Case(id=id or self.numbers.next("case"), department=department, customer=customer, last_modified=self.now(), subject=subject)
        self.cases[case.id] = case
        return case

    def of_case(self, case: int) -> list[Activity]:
        """The activities of a case."""
        return [a for a in self.activities.values() if a.case == case]

    def replies_to(self, activity: Activity) -> list[Activity]:
        """What agents wrote, or write, as replies to it."""
        return [a for a in self.activities.values() if a.answers == activity.id]

    def reopen_case(self, id: int) -> None:
        """Something in the case is open, so it is."""
        case = self.cases[id]
        if case.status != "open":
            case.status = "open"
            touch(case, self.now())

    def settle_case(self, id: int) -> Case:
        """Close the case when nothing in it is open any more, open it when something is."""
        case = self.cases[id]
        wanted = "open" if any(a.open for a in self.of_case(id)) else "closed"
        if case.status != wanted:
            case.status = wanted
            touch(case, self.now())
        return case

    def stored(self, files: list[Attachment]) -> list[StoredFile]:
        """Attachments with their numbers."""
        return [StoredFile(self.numbers.next("file"), file, blocked=self.is_blocked(file.name)) for file in files]

    def is_blocked(self, name: str) -> bool:
        """Whether the file type is on the administrator's list."""
        return name.rpartition(".")[2].lower() in self.settings.blocked_extensions and "." in name

    def changed(self, activity: Activity, user: User | None) -> None:
        """The activity is another one than before, by *user*."""
        touch(activity, self.now())
        if user is not None:
            activity.modified_by = activity.worked_by = user.id

    # ── mail coming in ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def arrive(self, mail: Mail) -> Activity:
        """A customer's mail becomes an inbound activity in the queue of the alias it was sent to, in a case of its own."""
        recipients = mail.to or [self.settings.departments[0].aliases[0].address]
        found = next((f for f in map(self.organisation.alias, recipients) if f is not None), None)
        department, queue = (found[0], found[1].queue) if found else (self.settings.departments[0], "")
        receiver = found[1].address if found else recipients[0]
        owner = self.customer_with(mail.sender, department.name)
        if owner is None:
            customer = self.add_customer(
                department=self.home_of_customers(department.name),
                kind="individual",
                person={"firstName": mail.sender.partition("@")[0] or mail.sender},
                fields={},
                custom={},
            )
            owner = customer, self.add_point(customer, "email", mail.sender)
        case = self.add_case(department.name, owner[0].id, subject=mail.subject)
        now = self.now()
        activity = Activity(
            id=self.numbers.next("activity"),
            department=department.name,
            mode="inbound",
            subtype="general",
            case=case.id,
            customer=owner[0].id,
            point=owner[1].id,
            created=now,
            last_modified=now,
            status="ready_for_inbound_workflow",
            substatus="",
            subject=mail.subject,
            from_=mail.sender,
            receiver=receiver,
            to=recipients,
            cc=mail.cc,
            contents={kind: text for kind, text in (("text", mail.text), ("html", mail.html)) if text},
            sent=mail.at or now,
            queue=_queue_id(department, queue),
            files=self.stored(mail.attachments),
        )
        self.activities[activity.id] = activity
        if self.settings.inbound_seconds:
            self._begin(self._route_later(activity))
        else:
            self._route(activity)
        return activity

    def _route(self, activity: Activity) -> None:
        activity.status, activity.substatus = "awaiting_assignment", self.settings.fresh_substatus

    async def _route_later(self, activity: Activity) -> None:
        await self._in_workflow(activity, self.settings.inbound_seconds)
        self._route(activity)
        touch(activity, self.now())

    async def _in_workflow(self, activity: Activity, seconds: float) -> None:
        """Half of the time before a workflow, half of it inside."""
        await self.world.clock.sleep(seconds / 2)
        activity.status = "in_workflow"
        touch(activity, self.now())
        await self.world.clock.sleep(seconds / 2)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    # ── mail going out ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def dispatch(self, activity: Activity) -> None:
        """Hand the mail to the dispatcher, which lets it leave at once or after the time that is set."""
        if not self.settings.dispatch_seconds:
            self._leave(activity)
            return
        activity.status, activity.substatus = "ready_for_outbound_workflow", ""
        self._begin(self._leave_later(activity))

    async def _leave_later(self, activity: Activity) -> None:
        await self._in_workflow(activity, self.settings.dispatch_seconds)
        self._leave(activity)
        touch(activity, self.now())

    def stop(self) -> list[asyncio.Task[None]]:
        """Let nothing go on that waits in a workflow; gives what is ending."""
        for task in self._working:
            task.cancel()
        return list(self._working)

    def _leave(self, activity: Activity) -> None:
        activity.sent = self.now()
        if self.settings.after_send == "complete":
            activity.status, activity.substatus = "completed", "done"
            self.settle_case(activity.case)
        else:
            activity.status, activity.substatus = "assigned", "in_progress"
        mail = self._mail(activity)
        self.world.deliver(mail)
        self._bounce(activity, mail)

    def _bounce(self, activity: Activity, mail: Mail) -> None:
        """What comes back when an address takes no mail: another mail, from the mail server, which is all that eGain hears of it."""
        dead = [a for a in (*mail.to, *mail.cc, *mail.bcc) if a.rpartition("@")[2].lower() in self.settings.bounce_domains]
        if not dead or self.settings.bounces == "none":
            return
        notice = Mail(
            sender=f"mailer-daemon@{mail.sender.rpartition('@')[2]}",
            to=[mail.sender],
            subject=f"Undeliverable: {mail.subject}",
            text="Your message could not be delivered to " + ", ".join(dead),
        )
        bounced = self.arrive(notice)
        if self.settings.bounces == "same_case":
            made, bounced.case = bounced.case, activity.case
            del self.cases[made]
            self.reopen_case(activity.case)

    def _mail(self, activity: Activity) -> Mail:
        mail = Mail(
            sender=activity.from_,
            to=list(activity.to),
            cc=list(activity.cc),
            bcc=list(activity.bcc),
            reply_to=activity.from_,
            subject=activity.subject,
            text=activity.contents.get("text", ""),
            html=activity.contents.get("html", ""),
            attachments=[stored.file for stored in activity.files],
            id=str(activity.id),
            at=activity.sent,
        )
        if activity.secure:
            # What is secret stays in the message center; the customer is told that there is something.
            mail.sender = mail.reply_to = self.organisation.department(activity.department).secure_center
            mail.text, mail.html, mail.attachments = _SECURE_NOTICE, "", []
        return mail


def _queue_id(department: Department, name: str) -> int | None:
    """The queue of that name, else the department's first active one."""
    active = [q for q in department.queues if q.active]
    return next((q.id for q in active if q.name == name), active[0].id if active else None)
