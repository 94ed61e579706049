"""
What a session knows of its mails: fed by notifications, by looking, and by what the server said yes to.

The last known state stays when an interaction leaves the agent's list. Notifications may come late, twice or out of order: one that
cannot follow what is known changes nothing, and asks for a look; what was looked at always counts. That a mail is gone says nothing of
why: see :meth:`Ledger.gone`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runner.plugins.vocabulary import AttachmentOutput, can_follow
from runner.vendors.gws.notifications import News

__all__ = ["ENDS", "HELD", "Known", "Ledger"]

How = Literal["", "notified", "looked", "answered", "missed"]

# What an agent has in hand or is offered, as far as the agent's own operations go.
HELD = frozenset({"invited", "accepted", "draft"})
# What stands in the agent's list; a mail of another status does not.
_LISTED = HELD | {"sending"}
# What ends a mail for the agent, whatever was thought of it before.
ENDS = frozenset({"sent", "completed", "cancelled", "failed"})


class Known(msgspec.Struct):
    """
    One mail. ``how`` says where its ``status`` is known from ("missed": it was not in the agent's list any more, and nobody said why).

    ``leads_to`` is the status that an operation which the server accepted leads to, ``handed_on`` says that somebody else has the mail
    then; ``error`` is what the server said when such an operation failed afterwards. ``in_doubt``: a Send went out, and nobody knows yet
    whether the server took it. ``files_told``: the server has told all ``files``, and they are not only what was uploaded.
    ``sent_told``: it has told the contents of the mail that left.
    """

    id: str
    status: str = ""
    how: How = ""
    leads_to: str = ""
    handed_on: bool = False
    in_doubt: bool = False
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
    files_told: bool = False
    sent_told: bool = False
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
            self._becomes(known, news.status, "looked")
        if news.attachments is not None:
            # what was taken off and still stands there was not taken off
            known.removed -= {each.id for each in news.attachments}
        self._contents(known, news)
        if news.attachments is not None:
            told = {each.id for each in news.attachments}
            known.files = {id: file for id, file in known.files.items() if id in told}

    def missing(self, present: set[str], before: dict[str, str]) -> list[Known]:
        """
        The agent's list was looked at and holds *present*: what was held *before* (id → status), is still so, and is missing there.
        """
        return [k for k in self.mails.values() if k.status in _LISTED and before.get(k.id) == k.status and k.id not in present]

    def gone(self, known: Known, *, active: bool) -> bool:
        """
        A mail is missing from the agent's list; *active*: the contact centre still works on it. Gives whether that says anything.

        Its end is known when the server said yes to an operation that leads there, and nobody works on it any more or somebody else has to.
        While a Send is in doubt nothing is known: somebody may have taken the draft away. A mail that no operation ends was taken away, as
        the vendor's own client counts it; what is told of it afterwards still counts.
        """
        if known.in_doubt:
            self._becomes(known, "", "missed")
        elif not known.leads_to:
            self._becomes(known, "revoked", "missed")
        elif known.handed_on or not active:
            self._becomes(known, known.leads_to, "looked")
        else:
            return False
        return True

    def answered(self, id: str, *, status: str = "", leads_to: str = "", handed_on: bool = False) -> None:
        """The server said yes to an operation: the mail may have a *status* by that already, or an end that it *leads to*."""
        known = self.known(id)
        if leads_to:
            known.leads_to, known.handed_on, known.in_doubt = leads_to, handed_on, False
        if leads_to and known.error:  # told before the answer came
            known.leads_to, status = "", "failed" if status == "sending" else ""
        if status and known.status != leads_to and (not known.status or can_follow(known.status, status)):
            self._becomes(known, status, "answered")

    def _failed(self, known: Known, news: News) -> None:
        known.error = news.error
        if known.status == "sending":
            known.status, known.how = "failed", "notified"
        known.leads_to = ""

    def _status(self, known: Known, status: str) -> None:
        if not status or status == known.status:
            return
        if known.status and not _fits(known.status, status) and not (known.how == "missed" and status in ENDS):
            self.doubt = True
            return
        self._becomes(known, status, "notified")
        known.error = ""

    def _becomes(self, known: Known, status: str, how: How) -> None:
        """An end settles a doubt; a mail that is offered again is a new one: what was done to it before leads nowhere any more."""
        if status in ENDS:
            known.in_doubt = False
        if status == "invited" and known.status and known.status not in _LISTED:
            known.leads_to, known.handed_on = "", False
        known.status, known.how = status, how
        self.version += 1

    def _contents(self, known: Known, news: News) -> None:
        known.native = news.resource if known.native is None or news.status == known.status else known.native
        known.parent = news.parent or known.parent
        known.queue = news.queue or known.queue
        for name in ("subject", "sender", "to", "cc", "bcc", "text", "html"):
            value = getattr(news, name)
            if value is not None:
                setattr(known, name, value)
        for file in news.attachments or ():
            if file.id not in known.removed:
                known.files[file.id] = _merged(known.files.get(file.id), file)
        known.sent_told |= news.status == "sent" and news.text is not None
        if news.attachments is not None:
            # an old notification that comes late takes nothing back; that of the mail that left does
            has_all = {file.id for file in news.attachments} >= known.files.keys()
            known.files_told = has_all or (known.files_told and news.status != "sent")


def _fits(now: str, told: str) -> bool:
    """
    Whether a notification can be news. An offer of what is in hand is an old one: before a new one the mail would have had to leave.
    """
    return can_follow(now, told) and not (told == "invited" and now in _LISTED)


def _merged(had: AttachmentOutput | None, told: AttachmentOutput) -> AttachmentOutput:
    """What the server tells, with the hash that we know already."""
    return told if had is None else msgspec.structs.replace(told, sha256=had.sha256, name=told.name or had.name, type=told.type or had.type)
