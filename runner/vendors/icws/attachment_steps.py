"""
Attachments: from a file (two steps: announce, transfer), from the library, off again, and back as bytes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from runner.errors import Refused, StepTimedOut
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import (
    ATTACH,
    DETACH,
    DOWNLOAD,
    Attach,
    AttachmentOutput,
    Detach,
    Download,
    FileOutput,
    Nothing,
)
from runner.transport.exchange import Exchange
from runner.vendors.icws.answers import answered
from runner.vendors.icws.client import decoded
from runner.vendors.icws.inbox import Message
from runner.vendors.icws.mail import attachment_named, attachments
from runner.vendors.icws.refusals import pushed_refusal
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS", "insert"]

Context = StepContext[IcwsSession]

_FILE = 2
# how long a completion message is waited for before the contents are asked for instead
_PATIENCE = 3.0


async def attach(context: Context, parameters: Attach) -> dict[str, Any]:
    """From a file, or from the library."""
    p, mail = parameters, context.mail(parameters.mail)
    if p.library is not None:
        return await insert(context, mail, p.library, inline=p.inline)
    return await _upload(context, mail, p)


async def _upload(context: Context, mail: str, p: Attach) -> dict[str, Any]:
    session, file = context.session, context.file(str(p.file))
    name = p.rename or file.name
    await session.contents(mail, context.timeout)
    known = {a.get("downloadUri") for a in attachments(session.known(mail).contents)}
    announced = await _transferred(
        session, mail, {"uploadFileName": name, "isInlineAttachment": p.inline}, file.content, p.type or file.type
    )
    told = decoded(announced)
    await _uploaded(context, str(told.get("requestId", "")), name)

    def there(contents: dict[str, Any]) -> bool:
        return any(a.get("name") == name and a.get("downloadUri") not in known for a in attachments(contents))

    contents = await session.contents(mail, context.timeout, there)
    context.work_on(mail)
    found = attachment_named(contents, name) or {}
    output = AttachmentOutput(
        name=name,
        id=str(found.get("downloadUri", "")),
        size=len(file.content),
        type=p.type or file.type,
        sha256=file.sha256,
        inline=p.inline,
        content_id=str(told.get("contentId") or ""),
    )
    return answered(output, announced)


async def _transferred(session: IcwsSession, mail: str, announcement: dict[str, object], content: bytes, kind: str) -> Exchange:
    """Announce a file and transfer its bytes; gives the answer to the announcement, which is made anew when its session expires."""
    while True:
        announced = await session.client.call("POST", f"interactions/{segment(mail)}/email/attachments/file/upload", announcement)
        used = session.client.connection
        try:
            await session.client.transfer("PUT", str(decoded(announced).get("uploadUri", "")), content, kind)
        except Refused as exc:
            if exc.reason != "not_found" or session.client.connection is used:
                raise
        else:
            return announced


async def _uploaded(context: Context, request_id: str, name: str) -> None:
    """The server says how the transfer went; silence is settled by the contents."""
    message = await context.session.completion(request_id, min(_PATIENCE, context.timeout), f"the upload of {name}")
    if message is None or message.get("uploadSuccess", True):
        return
    raise pushed_refusal(message.get("error") or {"message": f"the upload of {name} failed"})


async def insert(context: Context, mail: str, wanted: str, *, inline: bool) -> dict[str, Any]:
    """A file of a response-management library, by its name or by its id."""
    session = context.session
    id, name = (wanted, "") if _is_guid(wanted) else await _item(context, wanted)
    answer = await session.client.call(
        "POST",
        f"interactions/{segment(mail)}/email/attachments/response-management/insert",
        {"id": id, "isInlineAttachment": inline},
    )
    content_id = str(decoded(answer).get("contentId") or "")
    context.work_on(mail)
    found = await _inserted(context, mail, content_id, name)
    output = AttachmentOutput(
        name=str(found.get("name", name or wanted)), id=str(found.get("downloadUri", "")), inline=inline, content_id=content_id
    )
    return answered(output, answer)


async def _inserted(context: Context, mail: str, content_id: str, value: str) -> dict[str, Any]:
    """The attachment as the next contents tell it: the newest with its Content-ID and the item's file name."""

    def fits(attachment: dict[str, Any]) -> bool:
        return str(attachment.get("contentId") or "") == content_id and value in {"", attachment.get("name")}

    contents = await context.session.contents(mail, context.timeout, lambda c: any(fits(a) for a in attachments(c)))
    return next(a for a in reversed(attachments(contents)) if fits(a))


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


async def _item(context: Context, wanted: str) -> tuple[str, str]:
    """The id and the file name of a library's file, found by the item's name or the file's."""
    items = [i for library in await context.session.all_libraries(context.timeout) for i in _items(library)]
    files = [i for i in items if i.get("type") == _FILE]
    for item in files:
        if wanted.lower() in {str(item.get("name", "")).lower(), str(item.get("value", "")).lower()}:
            return str(item["id"]), str(item.get("value", ""))
    there = ", ".join(str(i.get("name")) for i in files[:12]) or "none"
    raise Refused("not_found", http=200, text=f"no library has a file named {wanted!r}; files there are: {there}")


def _items(branch: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a library or a category, those of its categories too."""
    return [*(branch.get("items") or []), *(i for category in branch.get("categories") or [] for i in _items(category))]


async def detach(context: Context, parameters: Detach) -> dict[str, Any]:
    """Take the newest attachment of this name off."""
    session, mail = context.session, context.mail(parameters.mail)
    found = _named(await session.contents(mail, context.timeout), parameters.name)
    uri = found["downloadUri"]
    answer = await session.client.call("POST", f"interactions/{segment(mail)}/email/attachments/file/remove", {"fileUri": uri})
    await session.contents(mail, context.timeout, lambda c: all(a.get("downloadUri") != uri for a in attachments(c)))
    return answered(Nothing(), answer)


def _named(contents: dict[str, Any], name: str) -> dict[str, Any]:
    found = attachment_named(contents, name)
    if found is None:
        there = ", ".join(str(a.get("name")) for a in attachments(contents)) or "none"
        raise Refused("not_found", http=200, text=f"the mail has no attachment named {name!r}; it has: {there}")
    return found


async def download(context: Context, parameters: Download) -> dict[str, Any]:
    """The bytes of an attached file; of an attached mail, found by its subject, its text."""
    session, mail, name = context.session, context.mail(parameters.mail), parameters.name
    contents = await session.contents(mail, context.timeout)
    message = _message_named(contents, name) if attachment_named(contents, name) is None else None
    if message is not None:
        return await _download_message(context, mail, message)
    answer = await session.client.transfer("GET", str(_named(contents, name)["downloadUri"]))
    return answered(_file(name, answer.body, answer.header("Content-Type").partition(";")[0].strip()), answer)


def _message_named(contents: dict[str, Any], name: str) -> dict[str, Any] | None:
    told = contents.get("emailContent") or {}
    return next((m for m in told.get("messageAttachments") or [] if m.get("subject") == name), None)


async def _download_message(context: Context, mail: str, message: dict[str, Any]) -> dict[str, Any]:
    session = context.session
    answer: Exchange = await session.client.call(
        "POST", f"interactions/{segment(mail)}/email/attachments/message/download", {"messageId": message["messageId"]}
    )
    told: Message | None = await session.completion(str(decoded(answer).get("requestId", "")), context.timeout, "the attached mail")
    if told is None:
        raise StepTimedOut("the attached mail did not come")
    bodies = (told.get("emailContent") or {}).get("bodies") or []
    text = str(bodies[0].get("body", "")) if bodies else ""
    return answered(_file(str(message.get("subject", "")), text.encode(), "message/rfc822"), answer)


def _file(name: str, content: bytes, media_type: str) -> FileOutput:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return FileOutput(name, len(content), media_type, sha256(content).hexdigest(), text)


STEPS: tuple[StepType, ...] = (ATTACH.step(attach), DETACH.step(detach), DOWNLOAD.step(download))
