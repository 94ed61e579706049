"""
Attachments: uploaded as multipart in the part named ``attachment``, given back byte for byte, removed (page "Attachments API").
"""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from runner.simulation.world import Attachment
from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.errors import INVALID, MISSING, OUT_OF_RANGE, UNKNOWN, Refusal, json_answer
from runner.vendors.gws.simulator.interactions import Document, Interaction, need

__all__ = ["add", "fetch", "remove"]

_PART = "attachment"


async def add(desk: Desk, agent: Agent, id: str, request: web.Request) -> web.Response:
    """
    POST: a new document of a draft.

    Raises: ``Refusal`` – 415 not multipart, 1 no such part or no file name, 6 unknown interaction, 2 not a draft, 413 too large.
    """
    if request.content_type != "multipart/form-data":
        await request.read()
        raise Refusal(INVALID, "Content type is not supported: send multipart/form-data", http=desk.settings.not_multipart_status)
    interaction = desk.interactions.held_by(agent.person.user, id)
    need(interaction, "Attach", desk.settings.operations_in)
    attachment = await _read(request, desk.settings.attachment_limit)
    desk.ready_for(agent)
    document = desk.attach(interaction, attachment)
    desk.reference += 1
    if desk.settings.attachment_events:
        desk.tell(interaction, "attached")
    return json_answer({"statusCode": 0, "documentId": document.id})


def fetch(desk: Desk, agent: Agent, id: str, document_id: str) -> web.Response:
    """
    GET: the bytes with their media type.

    Raises: ``Refusal`` – 6, or 2 for a received mail where that is not allowed.
    """
    interaction = desk.interactions.held_by(agent.person.user, id)
    attachment = _find(interaction, document_id).attachment
    if interaction.inbound and not desk.settings.inbound_attachments:
        raise Refusal(INVALID, "Attachments of a received e-mail cannot be read", cause="wrong_state")
    if not desk.settings.attachment_name:
        return web.Response(body=attachment.content, headers={"Content-Type": attachment.type})
    plain = attachment.name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name, safe='')}"
    return web.Response(body=attachment.content, headers={"Content-Type": attachment.type, "Content-Disposition": disposition})


def remove(desk: Desk, agent: Agent, id: str, document_id: str) -> web.Response:
    """
    DELETE: the document is gone.

    Raises: ``Refusal`` – 6, or 2 when the interaction is not a draft.
    """
    interaction = desk.interactions.held_by(agent.person.user, id)
    document = _find(interaction, document_id)
    need(interaction, "Attach", desk.settings.operations_in)
    desk.ready_for(agent)
    del interaction.documents[document.id]
    desk.reference += 1
    if desk.settings.attachment_events:
        desk.tell(interaction, "detached")
    return json_answer({"statusCode": 0})


def _find(interaction: Interaction, document_id: str) -> Document:
    document = interaction.documents.get(document_id)
    if document is None:
        raise Refusal(UNKNOWN, f"Attachment is not found: {document_id}")
    return document


async def _read(request: web.Request, limit: int) -> Attachment:
    """The part named ``attachment``; what stands beside it is passed over."""
    found: Attachment | None = None
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == _PART and found is None:
                found = await _attachment(part, limit)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as exc:  # what aiohttp's reader raises for parts that are none
        raise Refusal(INVALID, "Request body is not valid multipart") from exc
    if found is None:
        raise Refusal(MISSING, f"Required parameter is missing: {_PART}")
    return found


async def _attachment(part: BodyPartReader, limit: int) -> Attachment:
    if not part.filename:
        raise Refusal(MISSING, f"Required parameter is missing: the file name of {_PART}")
    chunks: list[bytes] = []
    size = 0
    while chunk := await part.read_chunk(65536):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise Refusal(OUT_OF_RANGE, f"Attachment is larger than {limit} bytes", http=413, cause="too_large")
    kind = part.headers.get("Content-Type", "application/octet-stream")
    return Attachment(_printable(part.filename), part.decode(b"".join(chunks)), _printable(kind))


def _printable(text: str) -> str:
    """What a header can carry back: an encoded name may have line breaks in it."""
    return "".join(c if c.isprintable() else " " for c in text)
