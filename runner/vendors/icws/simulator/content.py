"""
E-mail content between its representation and the simulator's record: read from create and save, told in ``emailContentsMessage``.
"""

from __future__ import annotations

from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.errors import invalid
from runner.vendors.icws.simulator.interactions import Address, Content, Interaction, compact

__all__ = ["contents_message", "read_content", "told_content"]

URN = "urn:inin.com:interactions.email:"
REPLY, REPLY_ALL, FORWARD = 0, 1, 2
_LISTS = (("to", "toRecipients"), ("cc", "ccRecipients"), ("bcc", "bccRecipients"), ("reply_to", "replyToRecipients"))


def read_content(body: Body, family: str, into: Content | None = None) -> Content:
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
        _read_bodies(body, content)
    return content


def _address(body: Body, member: str) -> Address:
    address = body.optional_text("address")
    if address and ("@" not in address or any(c in address for c in "\r\n<>")):
        raise invalid(member, f"'{address}' is not an e-mail address.")
    return Address(body.text("displayName"), address)


def _read_bodies(body: Body, content: Content) -> None:
    found: dict[int, str] = {}
    for one in body.objects("bodies"):
        kind = one.number("bodyType", (0, 1))
        if kind in found:
            raise invalid("bodies", "there is more than one body of the same type.")
        found[kind] = one.text("body")
    content.text, content.html = found.get(0), found.get(1)


def told_content(content: Content, session: str, family: str = "emailContentsResponse") -> dict[str, object]:
    """The representation; the files' ``downloadUri`` are good for *session*."""
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
                "downloadUri": f"/icws/{session}/files/{file.id}",
            }
            for file in content.files
        ],
        "messageAttachments": [
            {"__type": URN + "emailMessageAttachment", "subject": mail.subject, "messageId": id} for id, mail in content.mails.items()
        ],
    }


def contents_message(interaction: Interaction, session: str, *, mailbox: str, delta: bool) -> dict[str, object]:
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
        "emailContent": told_content(interaction.content, session),
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
