"""
The world behind a simulator: its people, its mail, its ids. One seed decides everything that looks random.
"""

from __future__ import annotations

import base64
import hashlib
import random
import zlib
from datetime import datetime

from msgspec import Struct, field

from runner.clock import Clock, SystemClock

__all__ = ["Attachment", "Mail", "Person", "World", "default_password", "default_people"]

# Mails that an outbox keeps; the oldest are forgotten.
_OUTBOX = 10_000


class Person(Struct, frozen=True):
    """
    Somebody who can log in.

    ``pool`` is the actor's name in scenarios (``agent``, ``supervisor``, ``restricted``); ``rights`` are the vendor's own words for
    what this person may do, and each simulator says which it looks at.
    """

    user: str
    password: str
    name: str
    address: str
    pool: str = "agent"
    rights: frozenset[str] = frozenset()


class Attachment(Struct, frozen=True):
    """A file in a mail."""

    name: str
    content: bytes
    type: str = "application/octet-stream"
    content_id: str = ""

    @property
    def sha256(self) -> str:
        """The hash of the bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    def told(self) -> dict[str, object]:
        """JSON-able, with the bytes in base64."""
        return {
            "name": self.name,
            "type": self.type,
            "size": len(self.content),
            "sha256": self.sha256,
            "content_id": self.content_id,
            "content": base64.b64encode(self.content).decode(),
        }


class Mail(Struct):
    """An e-mail as it travels: into a simulator from a customer, or out of it into the outbox."""

    sender: str
    to: list[str]
    subject: str = ""
    text: str = ""
    html: str = ""
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    reply_to: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    id: str = ""
    at: datetime | None = None

    def told(self) -> dict[str, object]:
        """JSON-able, for the control API."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "cc": self.cc,
            "bcc": self.bcc,
            "reply_to": self.reply_to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "attachments": [a.told() for a in self.attachments],
            "at": self.at.isoformat() if self.at else None,
        }


class World:
    """
    What a simulator knows and what happened in it.

    ``random`` and ``clock`` are the only sources of chance and time, so that one seed replays a run.
    """

    def __init__(self, people: list[Person], *, seed: int = 0, clock: Clock | None = None) -> None:
        self.people = {p.user.lower(): p for p in people}
        self.random = random.Random(seed)
        self.clock: Clock = clock or SystemClock()
        self.outbox: list[Mail] = []

    def person(self, user: str, password: str) -> Person | None:
        """The person with these credentials; user names do not mind their case."""
        found = self.people.get(user.lower())
        return found if found is not None and found.password == password else None

    def deliver(self, mail: Mail) -> Mail:
        """Put *mail* into the outbox: it has left for the customer."""
        mail.at = mail.at or self.clock.now()
        self.outbox.append(mail)
        if len(self.outbox) > _OUTBOX:
            del self.outbox[0]
        return mail

    def guid(self) -> str:
        """A GUID out of the seed."""
        raw = f"{self.random.getrandbits(128):032x}"
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def default_people(agents: int = 200) -> list[Person]:
    """The people every simulator starts with: agents, two supervisors, two people who may log in and nothing else."""
    crowd = [_person("agent", n) for n in range(1, agents + 1)]
    return [*crowd, *(_person("supervisor", n) for n in (1, 2)), *(_person("restricted", n) for n in (1, 2))]


def default_password(user: str) -> str:
    """
    The password of one of the default people: ``agent1-57219045``.

    The digits are there for the redactor: a text with little in it that is rare is slow to look for, and there are hundreds of people.
    """
    return f"{user}-{zlib.crc32(user.encode()) % 10**8:08}"


def _person(pool: str, number: int) -> Person:
    user = f"{pool}{number}"
    rights = {"agent": frozenset({"email"}), "supervisor": frozenset({"email", "supervise"})}.get(pool, frozenset())
    return Person(user, default_password(user), f"{pool.title()} {number}", f"{user}@shop.example", pool, rights)
