"""
A mail while it is written. eGain has no call that changes or sends a saved draft: compose-and-send takes the whole mail at once.

So a draft lives in the session until it is sent, and everything that was collected leaves in exactly one ``POST /activity/send``.
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256

from msgspec import Struct, field

from runner.plugins.vocabulary import AttachmentOutput, MailOutput, Status
from runner.vendors.egain.multipart import FilePart
from runner.vendors.egain.representation import Tree

__all__ = ["Draft", "alike", "attached", "bare", "compose_tree", "individual", "macro_pattern"]


class Draft(Struct):
    """
    An outgoing mail.

    ``id`` is local (``draft-agent1-1``); ``activity`` is eGain's id once it was sent. ``status`` is draft, sent, cancelled, or sending: the
    request went out and its answer was lost. ``since`` is the server's time (ISO 8601) before it was sent, to look for it from there;
    ``before`` are the ids of the user's activities that stood there already, None when that could not be told; ``settled``: that is how
    it was found.
    """

    id: str
    department: str
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    from_: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    case: str = ""
    parent: str = ""
    files: list[FilePart] = field(default_factory=list)
    activity: str = ""
    status: Status = "draft"
    since: str = ""
    before: frozenset[str] | None = frozenset()
    settled: bool = False

    def told(self) -> MailOutput:
        """The draft as every vendor tells a mail."""
        return MailOutput(
            id=self.id,
            status=self.status,
            subject=self.subject,
            from_=self.from_,
            to=self.to,
            cc=self.cc,
            bcc=self.bcc,
            text=self.text,
            html=self.html,
            parent=self.parent,
            attachments=[attached(f) for f in self.files],
        )

    def tree(self, *, new_customer: bool) -> Tree:
        """The document of compose-and-send."""
        tree = compose_tree(
            department=self.department,
            to=[bare(a) for a in self.to],
            cc=[bare(a) for a in self.cc],
            bcc=[bare(a) for a in self.bcc],
            from_=bare(self.from_),
            subject=self.subject,
            text=self.text,
            html=self.html,
            case=self.case,
            files=self.files,
        )
        if new_customer and self.to:
            tree["customer"] = individual(self.to[0])
        return tree


def bare(recipient: str) -> str:
    """``Joe <joe@example.com>`` → ``joe@example.com``; what has no such form stays as it is, for the server to judge."""
    return recipient.rpartition("<")[2].rstrip("> ") if "<" in recipient else recipient


def individual(recipient: str) -> Tree:
    """The least that eGain wants to know of a new customer; the first name comes out of the address."""
    name = recipient.rpartition("<")[0].strip(' "') or bare(recipient).partition("@")[0]
    return {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": name[:50] or "Customer"}]}}


def attached(file: FilePart) -> AttachmentOutput:
    """An attachment of a draft as every vendor tells it."""
    return AttachmentOutput(name=file.name, size=len(file.content), type=file.type, sha256=sha256(file.content).hexdigest(), inline=False)


def compose_tree(
    *,
    department: str,
    to: list[str],
    cc: list[str],
    bcc: list[str],
    from_: str,
    subject: str,
    text: str,
    html: str,
    case: str = "",
    files: list[FilePart] | None = None,
) -> Tree:
    """The activity document; what is empty is left out, so that the server decides what is missing."""
    addresses: Tree = {"from": from_} if from_ else {}
    addresses |= {name: {"address": given} for name, given in (("to", to), ("cc", cc), ("bcc", bcc)) if given}
    content = [{"type": kind, "value": value} for kind, value in (("text", text), ("html", html)) if value]
    email: Tree = {"contents": {"content": content}} if content else {}
    email["emailAddresses"] = addresses
    tree: Tree = {"department": {"name": department}, "type": {"value": "email", "subtype": {"value": "compose"}}}
    if case:
        tree["case"] = {"id": case}
    if subject:
        tree["subject"] = subject
    tree["payload"] = {"email": email}
    if files:
        tree["attachments"] = {"attachment": [_inside(f) for f in files]}
    return tree


def _inside(file: FilePart) -> Tree:
    return {"fileName": file.name, "contentType": file.type, "content": base64.b64encode(file.content).decode()}


_MACRO = re.compile(r"``(\w+)")


def macro_pattern(text: str) -> re.Pattern[str]:
    """What *text* may have become when its macros were expanded."""
    parts = _MACRO.split(text)[::2]
    return re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)


def alike(one: Draft, other: Draft) -> bool:
    """Whether two mails may look the same at the server: the same recipient, and the same subject or a macro in either."""
    to, other_to = ([bare(a).casefold() for a in draft.to] for draft in (one, other))
    return to == other_to and (one.subject == other.subject or any(_MACRO.search(draft.subject) for draft in (one, other)))
