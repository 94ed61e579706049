"""
The dialect of the supplied page: ``/me/interactions``, ``email_object``, ``{"status": "ok"}``.
"""

from __future__ import annotations

from typing import Any

from runner.vendors.gws.simulator.addresses import in_list, in_text
from runner.vendors.gws.simulator.dialect import Happening, Outgoing, document_told, is_terse
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import Interaction
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
        self._capabilities = {
            "Invited": ["Accept", "Reject"],
            "Processing": list(settings.accepted_capabilities),
            "Draft": ["Cancel", "Send", "PlaceInWorkbin", "UpdateProperties", "LinkAttachment"],
            "Sent": list(settings.sent_capabilities),
        }
        self.operations = {name: name for name in _NAMES} | (_ALIASES if settings.aliases else {})

    def capabilities(self, state: str) -> list[str]:
        """The five of a draft are the page's, in its order."""
        return list(self._capabilities.get(state, ()))

    def ok(self, reference: int, extra: dict[str, object]) -> dict[str, object]:
        """``status: ok``, and what the operation adds."""
        return {"status": "ok", **extra}

    def told(self, interaction: Interaction, state: str) -> dict[str, Any]:
        """The payload of a notification, as ``GET /me/interactions?fields=*`` repeats it."""
        told: dict[str, Any] = {
            "messageTypeName": "InteractionStateMessage",
            "id": interaction.id,
            "channel": "email",
            "email_object": _short(interaction, state) if state in {"Invited", "Revoked"} else self._full(interaction),
            "interactionType": interaction.type,
            "interactionSubType": interaction.subtype,
        }
        if interaction.parent:
            told[self._settings.parent_field] = interaction.parent
        told["receivedAt"] = interaction.received.strftime("%Y-%m-%dT%H:%M:%SZ")
        if interaction.user_data:
            told["userData"] = dict(interaction.user_data)
        if interaction.queue and (state != "Completed" or self._settings.queue_of_completed):
            told["currentQueue"] = interaction.queue
        if state not in {"Invited", "Revoked"}:
            told["attachments"] = document_told(interaction, "/api/v2/me/interactions")
        return told | {"state": self._state(interaction, state), "capabilities": self.capabilities(state)}

    def message(self, interaction: Interaction, happening: Happening) -> dict[str, Any]:
        """The seed's flat form, or nested as in the 8.5.1 samples; an error leaves the state as it is."""
        told = self.told(interaction, happening.state)
        if happening.kind == "error":
            kept = ("messageTypeName", "id", "channel", "state", "capabilities")
            told = {k: told[k] for k in kept} | {self._settings.late_error_field: happening.error}
        elif is_terse(happening, self._settings):
            told = {name: value for name, value in told.items() if name not in {"email_object", "userData", "attachments"}}
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
            to=self._read(email, "toAddress"),
            cc=self._read(email, "ccAddress"),
            bcc=self._read(email, "bccAddress"),
            subject=text_of(email, "subject") if "subject" in email else None,
            text=text_of(email, "text") if "text" in email else None,
            html=text_of(email, "structuredText") if "structuredText" in email else None,
            user_data=data,
        )

    def _full(self, interaction: Interaction) -> dict[str, object]:
        """The eight names of the page, in its order."""
        return {
            "ToAddress": self._written(interaction.to),
            "FromAddress": interaction.sender,
            "CCAddresses": self._written(interaction.cc),
            "Subject": interaction.subject,
            "Text": interaction.text,
            "StructuredText": interaction.html,
            "MimeType": "text/plain",
            "StructuredTextMimeType": "text/html",
        }

    def _written(self, addresses: list[str]) -> object:
        return addresses if self._settings.address_lists else ", ".join(addresses)

    def _read(self, email: dict[str, object], name: str) -> list[str] | None:
        if email.get(name) is None:
            return None
        return (in_list if self._settings.address_lists else in_text)(email[name], name)

    def _state(self, interaction: Interaction, state: str) -> str:
        names = {
            "Processing": self._settings.accepted_state,
            "Draft": interaction.draft_state,
            "Sent": self._settings.sent_state,
            "Canceled": self._settings.canceled_state,
            "Completed": self._settings.completed_state,
        }
        return names.get(state, state)


def _short(interaction: Interaction, state: str) -> dict[str, object]:
    """The ``email_object`` of an invitation, with lower-case names; a revocation has the subject only."""
    told: dict[str, object] = {"subject": interaction.subject}
    return told | {"interactionId": interaction.id} if state == "Invited" else told


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal(INVALID, f"Parameter is not valid: {name} must be an object")
    return value
