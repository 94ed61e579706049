"""
What a session knows of its mails: fed by notifications, by looking, and by what the server said yes to.

The last known state stays when an interaction leaves the agent's list. Notifications may come late, twice or out of order: one that
cannot follow what is known changes nothing, and asks for a look; what was looked at always counts.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runner.plugins.vocabulary import AttachmentOutput, can_follow
from runner.vendors.gws.notifications import News

__all__ = ["Known", "Ledger"]

How = Literal["", "notified", "looked", "answered"]


class Known(msgspec.Struct):
    """
    One mail. ``how`` says where its ``status`` is known from. ``leads_to`` is the status that an operation which the server accepted leads
    to; ``error`` what the server said when such an operation failed afterwards.
    """

    id: str
    status: str = ""
    how: How = ""
    leads_to: str = ""
    error: str = ""
    parent: str = ""
    queue: str = ""
    subject: str = ""
    sender: str = ""
    to: list[str] = msgspec.field(default_factory=list)
    cc: list[str] = msgspec.field(default_factory=list)
    bcc: list[str] = msgspec.field(default_factory=list)
    text: str = ""
    html: str = ""
    files: dict[str, AttachmentOutput] = msgspec.field(default_factory=dict)
    removed: set[str] = msgspec.field(default_factory=set)
    claimed: bool = False
    native: Any = None


class Ledger:
    """
    All mails of one session, and the log of everything that was pushed.

    ``doubt``: something came that did not fit, and only a look can tell. ``version`` grows with each change.
    """

    def __init__(self) -> None:
        self.mails: dict[str, Known] = {}
        self.log: list[News] = []
        self.doubt = False
        self.version = 0

    def known(self, id: str) -> Known:
        """What is known of a mail; a new entry for one never heard of."""
        return self.mails.setdefault(id, Known(id))

    def notified(self, news: News) -> None:
        """Something was pushed."""
        self.log.append(news)
        self.version += 1
        if not news.mail:
            return
        known = self.known(news.mail)
        if news.error:
            self._failed(known, news)
            return
        self._status(known, news.status)
        self._contents(known, news)

    def looked(self, news: News, *, was: str) -> None:
        """
        An interaction was looked at. *was* is the status before the question went out: if another has come since, that one stays.
        """
        known = self.known(news.mail)
        if news.status and known.status == was != news.status and not (was == "sending" and news.status == "draft"):
            known.status, known.how = news.status, "looked"
            self.version += 1
        self._contents(known, news)
        if news.attachments is not None:
            told = {each.id for each in news.attachments}
            known.files = {id: file for id, file in known.files.items() if id in told}

    def gone(self, present: set[str], before: dict[str, str]) -> list[Known]:
        """
        The agent's list was looked at and holds *present*: what was there *before* (id → status) and is not now has ended. Gives those.

        It ended as the operation that the server accepted leads to; without one, it was taken away, as the vendor's own client counts it.
        """
        ended = [
            k
            for k in self.mails.values()
            if k.status in {"invited", "accepted", "draft", "sending"} and before.get(k.id) == k.status and k.id not in present
        ]
        for known in ended:
            known.status, known.how = known.leads_to or "revoked", "looked"
            self.version += 1
        return ended

    def answered(self, id: str, *, status: str = "", leads_to: str = "") -> None:
        """The server said yes to an operation: the mail may have a *status* by that already, or an end that it *leads to*."""
        known = self.known(id)
        if leads_to:
            known.leads_to = leads_to
        if status and can_follow(known.status or status, status) and known.status != leads_to:
            known.status, known.how = status, "answered"
            self.version += 1

    def _failed(self, known: Known, news: News) -> None:
        known.error = news.error
        if known.status == "sending":
            known.status, known.how = "failed", "notified"
        known.leads_to = ""

    def _status(self, known: Known, status: str) -> None:
        if not status or status == known.status:
            return
        if known.status and not _fits(known.status, status):
            self.doubt = True
            return
        known.status, known.how = status, "notified"
        known.error = ""

    def _contents(self, known: Known, news: News) -> None:
        known.native = news.body if known.native is None or news.status == known.status else known.native
        known.parent = news.parent or known.parent
        known.queue = news.queue or known.queue
        for name in ("subject", "sender", "to", "cc", "bcc", "text", "html"):
            value = getattr(news, name)
            if value is not None:
                setattr(known, name, value)
        for file in news.attachments or ():
            if file.id not in known.removed:
                known.files[file.id] = _merged(known.files.get(file.id), file)


def _fits(now: str, told: str) -> bool:
    """
    Whether a notification can be news. An offer of what is in hand is an old one: before a new one the mail would have had to leave.
    """
    return can_follow(now, told) and not (told == "invited" and now in {"accepted", "draft", "sending"})


def _merged(had: AttachmentOutput | None, told: AttachmentOutput) -> AttachmentOutput:
    """What the server tells, with the hash that we know already."""
    return told if had is None else msgspec.structs.replace(told, sha256=had.sha256, name=told.name or had.name, type=told.type or had.type)
