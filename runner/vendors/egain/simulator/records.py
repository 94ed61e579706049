"""
What the simulator keeps: activities, cases, customers, with their ids, dates and notes. No rules here; they stand with the operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, field

from runner.simulation.world import Attachment
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.errors import WsError, absent

__all__ = ["Activity", "Case", "ContactPerson", "ContactPoint", "Customer", "Note", "StoredFile", "one_of", "touch", "with_ids", "written"]


def written(at: datetime) -> str:
    """A moment as eGain writes it: UTC with milliseconds."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


class Note(Struct):
    """A note at an activity or a case."""

    id: int
    content: str
    author: int
    created: datetime


class StoredFile(Struct):
    """An attachment at an activity."""

    id: int
    file: Attachment
    blocked: bool = False


class ContactPoint(Struct):
    """An address of a contact person; ``kind`` is email or phone."""

    id: int
    kind: str
    value: str
    priority: str = ""


class ContactPerson(Struct):
    """A person of a customer, with names as given and contact points."""

    id: int
    fields: Tree
    points: list[ContactPoint] = field(default_factory=list)


class Customer(Struct):
    """A customer; ``department`` is None when all departments share it, ``fields`` are level, role, pin … as given."""

    id: int
    department: str | None
    kind: str
    persons: list[ContactPerson]
    fields: Tree
    custom: dict[str, list[str]]
    last_modified: datetime

    def points(self) -> list[ContactPoint]:
        """Every contact point of every person."""
        return [point for person in self.persons for point in person.points]

    def name(self) -> str:
        """The first person's name."""
        given = self.persons[0].fields if self.persons else {}
        return " ".join(str(given[k]) for k in ("firstName", "middleName", "lastName") if given.get(k))


class Case(Struct):
    """A case; ``status`` is open or closed."""

    id: int
    department: str
    customer: int
    last_modified: datetime
    status: str = "open"
    severity: str = ""
    subject: str = ""
    description: str = ""
    solution: str = ""
    due_date: datetime | None = None
    owner: int | None = None
    related: list[int] = field(default_factory=list)
    custom: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


class Activity(Struct):
    """
    An e-mail activity, or a tracked call.

    ``mode`` is inbound or outbound, ``subtype`` general, compose, or reply for an agent's reply; ``answers`` is the mail that one answers.
    ``contents`` maps text and html to what they hold. ``sent`` is the e-mail's own date: when the customer wrote it, or when it left.
    ``assigned`` and ``locked_by`` are users' ids, ``queue`` is a queue's. ``category``, ``resolution``, ``supervised`` and ``locked_by``
    are what people set in the console. ``kind`` is email or call_track; ``called`` is whom a call was with.
    """

    id: int
    department: str
    mode: str
    subtype: str
    case: int
    customer: int
    point: int
    created: datetime
    last_modified: datetime
    status: str
    substatus: str
    subject: str = ""
    from_: str = ""
    receiver: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    sent: datetime | None = None
    assigned: int | None = None
    queue: int | None = None
    modified_by: int | None = None
    worked_by: int | None = None
    priority: int | None = None
    due_date: datetime | None = None
    language: str = ""
    custom: dict[str, list[str]] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    secure: bool = False
    pinned: bool = False
    kind: str = "email"
    called: str = ""
    answers: int | None = None
    category: str = ""
    resolution: str = ""
    supervised: bool = False
    locked_by: int | None = None

    @property
    def is_draft_reply(self) -> bool:
        """Whether an agent writes it as a reply, and has not sent it yet."""
        return self.answers is not None and self.sent is None

    @property
    def contact(self) -> str:
        """The customer's address or number as it was then, whoever the customer is now."""
        if self.kind != "email":
            return self.called
        return self.from_ if self.mode == "inbound" else next(iter(self.to), "")

    @property
    def open(self) -> bool:
        """Whether it is not completed."""
        return self.status != "completed"


def touch(record: Activity | Case | Customer, now: datetime) -> None:
    """Give the record a newer date of change than it had, also when the clock stands still."""
    record.last_modified = max(now, record.last_modified + timedelta(milliseconds=1))


def with_ids(records: dict[int, Any], kind: str, ids: Iterable[str]) -> list[Any]:
    """
    The records of ids as they come in a path, at most 75.

    Raises: ``WsError`` 400-108 – not a number, 400-102 – too many; 404-100 – unknown ones, listed.
    """
    asked = list(ids)
    if len(asked) > 75:
        raise WsError(400, "102", "at most 75 ids in one request")
    malformed = [i for i in asked if not (i.isascii() and i.isdigit() and len(i) < 15)]
    if malformed:
        raise WsError(400, "108", f"malformed id: {', '.join(malformed)}", details=tuple(("id", i) for i in malformed))
    missing = [i for i in asked if int(i) not in records]
    if missing:
        raise absent(kind, missing)
    return [records[int(i)] for i in dict.fromkeys(asked)]


def one_of(records: dict[int, Any], kind: str, id: str) -> Any:
    """The record of one id; errors as in :func:`with_ids`."""
    return with_ids(records, kind, [id])[0]
