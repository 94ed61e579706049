"""
The later dialect: ``/me/emails``, ``email``, ``{"statusCode": 0}``, ``EmailStateChangeMessage`` (pages of 8.5.2 and 8.6).
"""

from __future__ import annotations

from typing import Any

from runner.vendors.gws.simulator.addresses import in_list
from runner.vendors.gws.simulator.dialect import Happening, Outgoing, document_told, is_terse
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import Interaction
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["EmailsDialect"]

_DATA = ("AddComment", "AttachUserData", "UpdateUserData", "DeleteUserData", "SetDisposition", "SetInFocus")
_CAPABILITIES = {
    "Invited": ["Accept", "Reject"],
    "Processing": ["Reply", "ReplyAll", "Transfer", *_DATA, "Complete"],
    "Draft": ["Cancel", "Send", *_DATA, "Transfer"],
}
_OPERATIONS = {
    "Accept": "Accept",
    "Reject": "Reject",
    "Reply": "Reply",
    "ReplyAll": "ReplyAll",
    "Cancel": "Cancel",
    "Send": "Send",
    "Save": "Save",
    "Transfer": "Transfer",
    "Complete": "Complete",
    "AddAttachment": "LinkAttachment",
    **{name: name for name in _DATA},
}
_NOTIFICATIONS = {
    "state": "StatusChange",
    "properties": "PropertiesUpdated",
    "saved": "EmailSaved",
    "attached": "AttachmentAdded",
    "detached": "AttachmentRemoved",
    "error": "Error",
}


class EmailsDialect:
    """D2."""

    collection = "emails"
    topic = "/v2/me/emails"
    queue_field = "queueUri"
    operations = _OPERATIONS

    def __init__(self, settings: GwsSettings) -> None:
        self._settings = settings

    def capabilities(self, state: str) -> list[str]:
        """The lists of the later pages."""
        return list(self._settings.sent_capabilities) if state == "Sent" else list(_CAPABILITIES.get(state, ()))

    def ok(self, reference: int, extra: dict[str, object]) -> dict[str, object]:
        """``statusCode`` 0 and the reference that the notification repeats."""
        return {"statusCode": 0, "referenceId": reference, **extra}

    def told(self, interaction: Interaction, state: str) -> dict[str, Any]:
        """The e-mail resource."""
        body = interaction.html or interaction.text
        told: dict[str, Any] = {
            "id": interaction.id,
            "state": self._state(state),
            "uri": f"/api/v2/emails/{interaction.id}",
            "contactId": str(interaction.user_data.get("ContactId", "")),
            "from": interaction.sender,
            "to": interaction.to,
            "cc": interaction.cc,
            "bcc": interaction.bcc,
            "subject": interaction.subject,
            "body": body,
            "bodyAsPlainText": interaction.text,
            "mime": "text/html" if interaction.html else "text/plain",
            "attachments": document_told(interaction, "/api/v2/emails"),
            "capabilities": self.capabilities(state),
            "userData": dict(interaction.user_data),
            "emailType": interaction.subtype,
            "receivedDate": interaction.received.strftime("%Y-%m-%d %H:%M:%S.000+0000"),
            "assignedTo": interaction.owner,
        }
        optional = {"parentId": interaction.parent, "comment": interaction.comment}
        return told | {name: value for name, value in optional.items() if value}

    def message(self, interaction: Interaction, happening: Happening) -> dict[str, Any]:
        """``notificationType`` says what happened."""
        told: dict[str, Any] = {"messageType": "EmailStateChangeMessage", "notificationType": _NOTIFICATIONS[happening.kind]}
        if happening.reference:
            told["referenceId"] = happening.reference
        if happening.error:
            told[self._settings.emails_error_field] = happening.error
        email = self.told(interaction, happening.state)
        if is_terse(happening, self._settings):
            email = {name: email[name] for name in ("id", "state", "uri", "capabilities")}
        return told | {"email": email}

    def sending(self, fields: dict[str, object]) -> Outgoing:
        """``email`` with ``to[]`` and ``from``; the rest is optional."""
        email = _email(fields, needed=True)
        for name in ("to", "from"):
            required(email, name)
        return _outgoing(email)

    def changing(self, fields: dict[str, object]) -> Outgoing:
        """``email``, any part of it."""
        return _outgoing(_email(fields, needed=True))

    def _state(self, state: str) -> str:
        names = {"Draft": "Composing", "Sent": self._settings.sent_state, "Canceled": self._settings.canceled_state}
        return names.get(state, state)


def _email(fields: dict[str, object], *, needed: bool) -> dict[str, object]:
    value = required(fields, "email") if needed else fields.get("email", {})
    if not isinstance(value, dict):
        raise Refusal(INVALID, "Parameter is not valid: email must be an object")
    return value


def _outgoing(email: dict[str, object]) -> Outgoing:
    html = email.get("mime") == "text/html" and "body" in email
    plain = "bodyAsPlainText" if "bodyAsPlainText" in email else "body"
    return Outgoing(
        sender=", ".join(in_list(email["from"], "from")) if email.get("from") is not None else None,
        to=_addresses(email, "to"),
        cc=_addresses(email, "cc"),
        bcc=_addresses(email, "bcc"),
        subject=text_of(email, "subject") if "subject" in email else None,
        text=text_of(email, plain) if plain in email and not (html and plain == "body") else None,
        html=text_of(email, "body") if html else None,
    )


def _addresses(email: dict[str, object], name: str) -> list[str] | None:
    return in_list(email[name], name) if email.get(name) is not None else None
