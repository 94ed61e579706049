"""
The two dialects of the e-mail channel: what the answers, the resources and the notifications look like on the wire.

``interactions`` is the supplied page (8.5.0, 8.5.1), ``emails`` the later pages (8.5.2, 8.6). State and rules are the same for both.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from msgspec import Struct, field

from runner.vendors.gws.simulator.interactions import Interaction
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Dialect", "Happening", "Outgoing", "document_told", "is_terse"]

Kind = Literal["state", "properties", "saved", "attached", "detached", "error"]


class Happening(Struct, frozen=True):
    """Something to tell an interaction's owner. ``state`` is the state to show (``Revoked`` is one that no interaction keeps)."""

    kind: Kind
    state: str
    reference: int = 0
    error: str = ""


class Outgoing(Struct, frozen=True):
    """The contents that Send, Save or UpdateProperties bring; None is what they leave as it is."""

    sender: str | None = None
    to: list[str] | None = None
    cc: list[str] | None = None
    bcc: list[str] | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    user_data: dict[str, object] = field(default_factory=dict)


class Dialect(Protocol):
    """What differs."""

    collection: str
    topic: str
    # the dialect's operation name → the rule's name
    operations: dict[str, str]
    # the field that names the queue of Create, Reply and ReplyAll
    queue_field: str

    def capabilities(self, state: str) -> list[str]:
        """What a notification says that an agent can do in a state, in the pages' own order."""
        ...

    def ok(self, reference: int, extra: dict[str, object]) -> dict[str, object]:
        """A successful operation's answer."""
        ...

    def told(self, interaction: Interaction, state: str) -> dict[str, Any]:
        """An interaction as a resource."""
        ...

    def message(self, interaction: Interaction, happening: Happening) -> dict[str, Any]:
        """The ``data`` of a notification."""
        ...

    def sending(self, fields: dict[str, object]) -> Outgoing:
        """What Send brings; raises ``Refusal`` 1, 2 or 10."""
        ...

    def changing(self, fields: dict[str, object]) -> Outgoing:
        """What UpdateProperties or Save brings; raises as :meth:`sending`."""
        ...


def is_terse(happening: Happening, settings: GwsSettings) -> bool:
    """Whether this installation tells the state alone."""
    match happening.kind:
        case "error":
            return False
        case "state":
            return happening.state == "Processing" and "accepted" in settings.without_contents
        case _:
            return "changed" in settings.without_contents


def document_told(interaction: Interaction, base: str) -> list[dict[str, object]]:
    """The attachments of an interaction: ``id, name, size, mime, uri`` each."""
    return [
        {
            "id": d.id,
            "name": d.attachment.name,
            "size": len(d.attachment.content),
            "mime": d.attachment.type,
            "uri": f"{base}/{interaction.id}/attachments/{d.id}",
        }
        for d in interaction.documents.values()
    ]
