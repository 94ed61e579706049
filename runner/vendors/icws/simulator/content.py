"""
E-mail content between its representation and the simulator's record: read from create and save, told in ``emailContentsMessage``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from runner.simulation.world import Attachment
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.errors import invalid
from runner.vendors.icws.simulator.interactions import Address, Content, Interaction, StoredFile, compact

__all__ = ["attached_mail", "contents_message", "parsed_address", "read_content", "told_content"]

URN = "urn:inin.com:interactions.email:"
MESSAGE = "emailMessageContentsResponse"
REPLY, REPLY_ALL, FORWARD = 0, 1, 2
_LISTS = (("to", "toRecipients"), ("cc", "ccRecipients"), ("bcc", "bccRecipients"), ("reply_to", "replyToRecipients"))


def read_content(body: Body, family: str, into: Content | None = None, *, strict: bool = True) -> Content:
    """
    An ``emailContent`` of *family*; what it does not name keeps what *into* has.

    Raises: 400 – ``__type``, ``sender`` or an address is missing or wrong, two bodies of one kind.
    """
    body.kind(URN + family)
    sender = _address(body.inner("sender"), "sender")
    content = into or Content(sender)
    content.sender = sender
    if "subject" in body:
        content.subject = body.text("subject")
    for name, member in _LISTS:
        if member in body:
            setattr(content, name, [_address(one, member) for one in body.objects(member)])
    if "bodies" in body:
        _read_bodies(body, content, strict=strict)
    return content


def _address(body: Body, member: str) -> Address:
    address = body.optional_text("address")
    if address and ("@" not in address or any(c in address for c in "\r\n<>")):
        raise invalid(member, f"'{address}' is not an e-mail address.")
    return Address(body.text("displayName"), address)


def _read_bodies(body: Body, content: Content, *, strict: bool) -> None:
    found: dict[int, str] = {}
    for one in body.objects("bodies"):
        kind = one.number("bodyType", (0, 1))
        if kind in found and strict:
            raise invalid("bodies", "there is more than one body of the same type.")
        found[kind] = one.text("body")
    content.text, content.html = found.get(0), found.get(1)


def told_content(content: Content, base: str, family: str = "emailContentsResponse") -> dict[str, object]:
    """The representation; the files' ``downloadUri`` stand below *base*, a session's address."""
    return {
        "__type": URN + family,
        "sender": content.sender.told(),
        "subject": content.subject,
        **{member: [a.told() for a in getattr(content, name)] for name, member in _LISTS},
        "bodies": [{"body": text, "bodyType": kind} for kind, text in ((0, content.text), (1, content.html)) if text is not None],
        "receivedTimestamp": content.at,
        "fileAttachments": [
            {
                "__type": URN + "emailFileAttachment",
                "name": file.name,
                "contentId": file.content_id,
                "downloadUri": f"{base}/files/{file.id}",
            }
            for file in content.files
        ],
        "messageAttachments": _told_mails(content, base, family),
    }


def _told_mails(content: Content, base: str, family: str) -> list[dict[str, object]]:
    """An interaction's attached mails by their ids; those of a downloaded mail with all that they hold."""
    if family == MESSAGE:
        return [told_content(mail, base, family) for mail in content.mails.values()]
    return [{"__type": URN + "emailMessageAttachment", "subject": mail.subject, "messageId": id} for id, mail in content.mails.items()]


def contents_message(interaction: Interaction, base: str, *, mailbox: str, delta: bool) -> dict[str, object]:
    """The message that e-mail subscribers get; always the whole content."""
    ended = interaction.ended or interaction.connected or interaction.began
    if not interaction.content.at:
        interaction.content.at = compact(ended)
    message: dict[str, object] = {
        "__type": URN + "emailContentsMessage",
        "isDelta": delta,
        "interactionId": interaction.id,
        "isEditable": interaction.machine_state == "D",
        "emailType": interaction.email_type,
        "supportedResponseTypes": [] if interaction.draft else [REPLY, REPLY_ALL, FORWARD],
        "emailContent": told_content(interaction.content, base),
        "hasResponse": bool(interaction.children),
        "edited": interaction.edited,
        "mailbox": mailbox,
        "mailboxDisplayName": mailbox,
        "hasLoadedExternalContent": False,
        "unusedEmailAttachments": [],
    }
    if interaction.parent:
        message["parentInteractionId"] = interaction.parent
    return message


# ── mail as customers write it ───────────────────────────────────────────────────────────────────────────────────────────────────


def parsed_address(text: str) -> Address:
    """``Joe <joe@example.com>`` or a bare address; without a name the address stands for it."""
    name, address = parseaddr(text)
    return Address(name or address, address or text)


def attached_mail(raw: bytes, keep: Callable[[Attachment], StoredFile], guid: Callable[[], str]) -> Content:
    """A mail that is attached to another one, with its files (each handed to *keep*) and the mails in it (each under a new *guid*)."""
    told = message_from_bytes(raw, policy=policy.default)
    text, html = told.get_body(("plain",)), told.get_body(("html",))
    people = {name: [Address(n or a, a) for n, a in getaddresses(told.get_all(name, []))] for name in ("to", "cc", "reply-to")}
    content = Content(
        parsed_address(str(told.get("from", ""))),
        subject=str(told.get("subject", "")),
        to=people["to"],
        cc=people["cc"],
        reply_to=people["reply-to"],
        text=str(text.get_content()) if text is not None else None,
        html=str(html.get_content()) if html is not None else None,
        at=_moment(told),
        raw=raw,
    )
    for part in told.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            content.mails[guid()] = attached_mail(part.get_content().as_bytes(), keep, guid)
        else:
            content.files.append(keep(_attachment(part)))
    return content


def _attachment(part: EmailMessage) -> Attachment:
    """A file of a mail; its name is decoded, however it is written there (RFC 2231, RFC 2047)."""
    payload = part.get_payload(decode=True)
    content_id = str(part.get("Content-ID", "")).strip("<> ")
    content = payload if isinstance(payload, bytes) else b""
    return Attachment(part.get_filename() or "attachment", content, part.get_content_type(), content_id)


def _moment(told: EmailMessage) -> str:
    """When the mail was written; "" when it does not say."""
    date = getattr(told["date"], "datetime", None)
    return compact(date.astimezone(UTC)) if isinstance(date, datetime) else ""
