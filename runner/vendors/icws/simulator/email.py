"""
``/icws/{session}/interactions/{interaction}/email``: save, send, attachments, and resolve-address (icws.md §4.4; given pages
"email/send" and "email/attachments/response-management/insert").
"""

from __future__ import annotations

from aiohttp import BodyPartReader, MultipartReader, web

from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.content import MESSAGE, URN, read_content, told_content
from runner.vendors.icws.simulator.errors import IcwsError, bad_request, empty, forbidden, invalid, missing, not_found, reply
from runner.vendors.icws.simulator.headers import attachment_header
from runner.vendors.icws.simulator.interactions import Interaction, StoredFile
from runner.vendors.icws.simulator.messaging import email_only
from runner.vendors.icws.simulator.office import Upload

__all__ = ["ROUTES"]


def _editable(call: Call, found: Interaction | None, operation: str) -> Interaction:
    """The draft; raises 404, or 400 when it is no e-mail or its state does not allow *operation*."""
    interaction = email_only(call.known(found))
    if not call.office.desk.allows(interaction, operation):
        raise bad_request(f"The interaction's state ({interaction.state}) does not allow this operation.", "error.request.invalidState")
    return interaction


async def _send(call: Call) -> web.StreamResponse:
    interaction = _editable(call, call.interaction(), "send")
    content = interaction.content
    if call.office.settings.sender_required and not content.sender.address:
        raise missing("sender")
    if call.office.settings.recipients_required and not any(a.address for a in (*content.to, *content.cc, *content.bcc)):
        raise missing("toRecipients")
    call.office.world.deliver(content.mail(interaction.id))
    call.office.desk.sent(interaction)
    return empty()


async def _save(call: Call) -> web.StreamResponse:
    found, body = call.interaction(), call.body()
    given = body.inner("emailContent")
    strict = call.office.settings.one_body_of_a_type
    read_content(given, "emailContent", strict=strict)
    interaction = _editable(call, found, "save")
    read_content(given, "emailContent", interaction.content, strict=strict)
    interaction.edited = True
    call.office.hub.changed(interaction, contents=True)
    return call.done("save")


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _upload(call: Call) -> web.StreamResponse:
    found, body = call.interaction(), call.body()
    name, inline = body.text("uploadFileName", filled=True), body.truth("isInlineAttachment")
    interaction = _editable(call, found, "attach")
    office, session = call.office, call.session
    content_id = office.content_id() if inline else ""
    upload = Upload(session, session.request_id(), interaction.id, name, content_id)
    token = office.world.guid()
    office.uploads[token] = upload
    return reply(
        {
            "__type": URN + "emailUploadFileAttachmentResponse",
            "requestId": upload.request_id,
            "interactionId": interaction.id,
            "fileName": name,
            "contentId": content_id,
            "uploadUri": call.uri(f"/icws/{f'{session.id}/upload' if office.settings.upload_below_session else 'uploads'}/{token}"),
        },
        http=202,
    )


async def _transfer_bytes(call: Call) -> web.StreamResponse:
    upload = call.office.uploads.get(call.parameters["token"])
    if upload is None or (call.found is not None and upload.session is not call.found) or not upload.session.open:
        raise not_found("The upload does not exist, or was used.")
    content, media_type = await _bytes(call)
    del call.office.uploads[call.parameters["token"]]
    interaction, why = call.office.desk.find(upload.interaction), _unfit(call, upload, content)
    if call.office.settings.upload_tells_first == "status":
        _told_upload(upload, why)
    if interaction is not None and not why:
        interaction.content.files.append(call.office.keep(interaction.id, upload.name, content, media_type, upload.content_id))
        call.office.hub.changed(interaction, contents=True)
    if call.office.settings.upload_tells_first == "contents":
        _told_upload(upload, why)
    return call.done("upload")


def _unfit(call: Call, upload: Upload, content: bytes) -> str:
    """Why the file cannot be attached; "" when it can."""
    interaction, largest = call.office.desk.find(upload.interaction), call.office.settings.largest_upload
    if interaction is None or not call.office.desk.allows(interaction, "attach"):
        return "The interaction cannot be edited any more."
    return f"The file is larger than {largest} bytes." if 0 < largest < len(content) else ""


def _told_upload(upload: Upload, why: str) -> None:
    upload.session.messages.put(
        {
            "__type": URN + "emailUploadFileStatusMessage",
            "isDelta": False,
            "requestId": upload.request_id,
            "error": {"errorId": "error.request.invalidState", "message": why} if why else None,
            "interactionId": upload.interaction,
            "fileName": upload.name,
            "uploadSuccess": not why,
        }
    )


async def _bytes(call: Call) -> tuple[bytes, str]:
    """The bytes of a PUT, or of the first part of a multipart POST, with their media type."""
    kind = call.request.content_type
    if kind != "multipart/form-data":
        return call.raw, kind
    # the body was read already, so it is taken apart from memory
    reader = MultipartReader(call.request.headers, _Memory(call.raw))  # type: ignore[arg-type]  # a stream of bytes that are here
    part = await reader.next()
    if not isinstance(part, BodyPartReader):
        raise invalid("file", "the multipart body has no part.")
    return bytes(await part.read()), part.headers.get("Content-Type", "application/octet-stream")


class _Memory:
    """A stream over bytes, as aiohttp's multipart reader wants it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    async def read(self, size: int = -1) -> bytes:
        end = len(self._content) if size < 0 else self._at + size
        chunk = self._content[self._at : end]
        self._at += len(chunk)
        return chunk

    async def readline(self, **_limits: int) -> bytes:
        end = self._content.find(b"\n", self._at) + 1 or len(self._content)
        return await self.read(end - self._at)

    def at_eof(self) -> bool:
        return self._at >= len(self._content)

    def unread_data(self, content: bytes) -> None:
        self._at -= len(content)


async def _remove(call: Call) -> web.StreamResponse:
    found, uri = call.interaction(), call.body().text("fileUri")
    interaction = _editable(call, found, "attach")
    by_name, id = call.office.settings.removes_by == "name", uri.rpartition("/")[2]
    left = [f for f in interaction.content.files if (f.name if by_name else f.id) != (uri if by_name else id)]
    if len(left) == len(interaction.content.files):
        why = "The file is not attached to the interaction."
        raise not_found(why) if call.office.settings.unknown_file_status == 404 else bad_request(why)
    interaction.content.files = left
    call.office.hub.changed(interaction, contents=True)
    return call.done("remove")


async def _insert(call: Call) -> web.StreamResponse:
    office, session = call.office, call.session
    found = call.interaction()
    call.needs_in_turn(office.settings.response_management_right, "You do not have rights to response management.")
    body = call.body()
    id, inline = body.guid("id"), body.truth("isInlineAttachment", default=office.settings.inline_by_default)
    interaction = _editable(call, found, "attach")
    item = office.libraries.item(id, session.user)
    if item is None or item.type not in office.settings.insertable_types:
        raise bad_request("The file does not exist, or it is not available to you.")
    content_id = office.content_id() if inline else ""
    file: StoredFile = office.keep(interaction.id, item.value, item.content, item.media_type, content_id)
    interaction.content.files.append(file)
    office.hub.changed(interaction, contents=True)
    return reply({"contentId": content_id})


async def _file(call: Call) -> web.StreamResponse:
    owner, file = call.office.files.get(call.parameters["file"], ("", None))
    interaction = call.office.desk.find(owner)
    if file is None or interaction is None:
        raise not_found("The file does not exist.")
    if not call.office.desk.sees(call.session.person, interaction):
        raise forbidden()
    headers = {"Content-Type": file.type, "Content-Disposition": attachment_header(file.name)}
    return web.Response(body=file.content, headers=headers)


async def _message(call: Call) -> web.StreamResponse:
    found, id = call.interaction(look=True), call.body().text("messageId")
    interaction = email_only(call.known(found))
    mail = interaction.content.mails.get(id)
    if mail is None:
        raise bad_request("The message is not attached to the interaction.")
    session = call.session
    request_id = session.request_id()
    content = told_content(mail, call.office.uri_of(session), MESSAGE)
    call.office.hub.done(session, request_id, URN + "emailMessageAttachmentMessage", interactionId=interaction.id, emailContent=content)
    return reply({"requestId": request_id}, http=202)


async def _resolve(call: Call) -> web.StreamResponse:
    body, office = call.body(), call.office
    wanted = body.text("name").lower()
    most = body.number("maxResults") if "maxResults" in body else len(office.world.people)
    if not office.settings.directory_answers:
        raise IcwsError(504, "The mail directory did not answer in time.", error_id="error.request.timeout")
    found = [p for p in office.world.people.values() if wanted in p.name.lower() or wanted in p.address.lower()]
    return reply({"matchedAddresses": [{"name": p.name, "address": p.address} for p in found[: max(0, most)]]})


_EMAIL = "/{session}/interactions/{interaction}/email"
_FEATURE = ("interactions", 10)

ROUTES = (
    Route("POST", f"{_EMAIL}/send", _send, _FEATURE),
    Route("POST", f"{_EMAIL}/save", _save, _FEATURE),
    Route("POST", f"{_EMAIL}/attachments/file/upload", _upload, _FEATURE),
    Route("POST", f"{_EMAIL}/attachments/file/remove", _remove, _FEATURE),
    Route("POST", f"{_EMAIL}/attachments/message/download", _message, _FEATURE),
    Route("POST", f"{_EMAIL}/attachments/response-management/insert", _insert, _FEATURE),
    Route("POST", "/{session}/interactions/email/resolve-address", _resolve, _FEATURE),
    Route("PUT", "/{session}/upload/{token}", _transfer_bytes, _FEATURE),
    Route("POST", "/{session}/upload/{token}", _transfer_bytes, _FEATURE),
    # without a session's path and cookie, the token is all that is asked for
    Route("PUT", "/uploads/{token}", _transfer_bytes, _FEATURE),
    Route("POST", "/uploads/{token}", _transfer_bytes, _FEATURE),
    Route("GET", "/{session}/files/{file}", _file, _FEATURE),
)
