"""
The dialect of the supplied page: ``/me/interactions``, ``email_object``, ``{"status": "ok"}``.
"""

from __future__ import annotations

from typing import Any

from runner.vendors.gws.simulator.addresses import in_text
from runner.vendors.gws.simulator.dialect import Happening, Outgoing, document_told
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import CAPABILITIES, Interaction
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["InteractionsDialect"]

_NAMES = (
    "Accept",
    "Reject",
    "Reply",
    "ReplyAll",
    "Cancel",
    "Send",
    "Transfer",
    "Complete",
    "PlaceInQueue",
    "PlaceInWorkbin",
    "UpdateProperties",
    "LinkAttachment",
)
# 8.5.0 alone knew these (page "Interactions On E-mail Channel", 8.5.0).
_ALIASES = {"CancelReply": "Cancel", "StopProcessing": "Complete", "Forward": "Forward"}


class InteractionsDialect:
    """D1."""

    collection = "interactions"
    topic = "/v2/me/interactions"
    queue_field = "queueName"

    def __init__(self, settings: GwsSettings) -> None:
        self._settings = settings
        self.operations = {name: name for name in _NAMES} | (_ALIASES if settings.aliases else {})

    def ok(self, reference: int, extra: dict[str, object]) -> dict[str, object]:
        """``status: ok``, and what the operation adds."""
        return {"status": "ok", **extra}

    def told(self, interaction: Interaction, state: str) -> dict[str, Any]:
        """The payload of a notification, as ``GET /me/interactions?fields=*`` repeats it."""
        told: dict[str, Any] = {
            "messageTypeName": "InteractionStateMessage",
            "id": interaction.id,
            "channel": "email",
            "email_object": _short(interaction, state) if state in {"Invited", "Revoked"} else _full(interaction),
            "interactionType": interaction.type,
            "interactionSubType": interaction.subtype,
        }
        if interaction.parent:
            told["parentInteractionId"] = interaction.parent
        told["receivedAt"] = interaction.received.strftime("%Y-%m-%dT%H:%M:%SZ")
        if interaction.user_data:
            told["userData"] = dict(interaction.user_data)
        if interaction.queue:
            told["currentQueue"] = interaction.queue
        if state not in {"Invited", "Revoked"}:
            told["attachments"] = document_told(interaction, "/api/v2/me/interactions")
        return told | {"state": self._state(interaction, state), "capabilities": list(CAPABILITIES.get(state, ()))}

    def message(self, interaction: Interaction, happening: Happening) -> dict[str, Any]:
        """The seed's flat form, or nested as in the 8.5.1 samples; an error leaves the state as it is."""
        told = self.told(interaction, happening.state)
        if happening.kind == "error":
            kept = ("messageTypeName", "id", "channel", "state", "capabilities")
            told = {k: told[k] for k in kept} | {"errorDescription": happening.error}
        if not self._settings.nested:
            return told
        return {"messageTypeName": told.pop("messageTypeName"), "interaction": told}

    def sending(self, fields: dict[str, object]) -> Outgoing:
        """``email_object`` with ``toAddress``, ``subject``, ``text``, ``fromAddress``; ``ccAddress`` and ``bccAddress`` are optional."""
        email = _object(required(fields, "email_object"), "email_object")
        for name in ("toAddress", "subject", "text", "fromAddress"):
            required(email, name)
        return self._outgoing(email, {})

    def changing(self, fields: dict[str, object]) -> Outgoing:
        """``userData`` and/or a partial ``email_object``."""
        data = _object(fields.get("userData", {}), "userData")
        email = _object(fields.get("email_object", {}), "email_object")
        if not data and not email:
            required(fields, "userData")
        return self._outgoing(email, data)

    def _outgoing(self, email: dict[str, object], data: dict[str, object]) -> Outgoing:
        return Outgoing(
            sender=", ".join(in_text(email["fromAddress"], "fromAddress")) if email.get("fromAddress") is not None else None,
            to=_addresses(email, "toAddress"),
            cc=_addresses(email, "ccAddress"),
            bcc=_addresses(email, "bccAddress"),
            subject=text_of(email, "subject") if "subject" in email else None,
            text=text_of(email, "text") if "text" in email else None,
            html=text_of(email, "structuredText") if "structuredText" in email else None,
            user_data=data,
        )

    def _state(self, interaction: Interaction, state: str) -> str:
        names = {
            "Processing": self._settings.accepted_state,
            "Draft": interaction.draft_state,
            "Sent": self._settings.sent_state,
            "Canceled": self._settings.canceled_state,
        }
        return names.get(state, state)


def _short(interaction: Interaction, state: str) -> dict[str, object]:
    """The ``email_object`` of an invitation, with lower-case names; a revocation has the subject only."""
    told: dict[str, object] = {"subject": interaction.subject}
    return told | {"interactionId": interaction.id} if state == "Invited" else told


def _full(interaction: Interaction) -> dict[str, object]:
    """The eight names of the page, in its order."""
    return {
        "ToAddress": ", ".join(interaction.to),
        "FromAddress": interaction.sender,
        "CCAddresses": ", ".join(interaction.cc),
        "Subject": interaction.subject,
        "Text": interaction.text,
        "StructuredText": interaction.html,
        "MimeType": "text/plain",
        "StructuredTextMimeType": "text/html",
    }


def _addresses(email: dict[str, object], name: str) -> list[str] | None:
    return in_text(email[name], name) if email.get(name) is not None else None


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal(INVALID, f"Parameter is not valid: {name} must be an object")
    return value
