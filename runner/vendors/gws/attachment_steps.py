"""
Attachments: from a file or from the library, taken off, fetched, compared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from hashlib import sha256

import msgspec

from runner.errors import EnvironmentUnusable, Refused, Unsupported
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import AttachmentOutput
from runner.vendors.gws.ledger import Known
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import until

__all__ = ["attach", "detach", "download", "link", "verify_attachments"]

Context = StepContext[GwsSession]


async def attach(context: Context, parameters: v.Attach) -> AttachmentOutput:
    """A file of the project, or a document of the library."""
    if parameters.inline:
        raise Unsupported("GWS has no inline attachments", hint="leave `inline` out")
    id = context.mail(parameters.mail)
    if parameters.library is not None:
        return await link(context, id, parameters.library)
    if parameters.file is None:
        raise EnvironmentUnusable(
            "`attach` needs a file or a library item", hint="write `attach: {file: PATH}` or `attach: {library: NAME}`"
        )
    file = context.file(parameters.file)
    name, kind = parameters.rename or file.name, parameters.type or file.type
    document = await context.session.client.upload(id, name, file.content, kind)
    attached = AttachmentOutput(name=name, id=document, size=len(file.content), type=kind, sha256=file.sha256)
    known = context.session.ledger.known(id)
    # its hash here is that of what was sent; what the server keeps is only known when it was fetched
    known.files.setdefault(document, msgspec.structs.replace(attached, sha256=""))
    known.files_told = False
    return attached


async def link(context: Context, id: str, document: str) -> AttachmentOutput:
    """Attach a document that exists, by its id or by its name in the environment."""
    session = context.session
    found = session.defaults.documents.get(document, document)
    operation, fields = session.dialect.link(found)
    known = session.ledger.known(id)
    known.error = ""
    await session.client.operate(id, operation, **fields)
    reached = _reached_file(known, found)
    return await until(session, context, reached, waiting_for=f"the notification that {document} was attached")


def _reached_file(known: Known, document: str) -> Callable[[], AttachmentOutput | None]:
    def found() -> AttachmentOutput | None:
        if known.error:
            raise Refused("server_error", http=200, text=known.error)
        return known.files.get(document)

    return found


async def detach(context: Context, parameters: v.Detach) -> v.Nothing:
    """Remove an attachment, found by its name."""
    session = context.session
    id = context.mail(parameters.mail)
    file = await _file(context, id, parameters.name)
    await session.client.remove(id, file.id)
    known = session.ledger.known(id)
    known.removed.add(file.id)
    known.files.pop(file.id, None)
    return v.Nothing()


async def download(context: Context, parameters: v.Download) -> v.FileOutput:
    """Fetch the bytes of an attachment, found by its name."""
    id = context.mail(parameters.mail)
    file = await _file(context, id, parameters.name)
    content, kind = await context.session.client.download(id, file.id)
    return v.FileOutput(name=file.name, size=len(content), type=kind, sha256=sha256(content).hexdigest(), content=_as_text(content))


async def verify_attachments(context: Context, parameters: v.VerifyAttachments) -> AsyncIterator[v.AttachmentsOutput]:
    """The attachments as the server tells them, with the hash of the bytes that it gives back."""
    session = context.session
    id = context.mail(parameters.mail)
    while True:
        try:
            await session.look_at(id)
        except Refused as exc:
            if exc.reason != "not_found" or not session.ledger.known(id).files_told:
                raise
            context.log(f"{id} is finished; its attachments are those that the server told last, without what was not fetched before")
            yield v.AttachmentsOutput(id=id, attachments=list(session.ledger.known(id).files.values()))
            await context.pause()
            continue
        files = session.ledger.known(id).files
        for file in [f for f in files.values() if not f.sha256]:
            content, _ = await session.client.download(id, file.id)
            files[file.id] = msgspec.structs.replace(file, size=len(content), sha256=sha256(content).hexdigest())
        yield v.AttachmentsOutput(id=id, attachments=list(files.values()))
        await context.pause()


async def _file(context: Context, id: str, name: str) -> AttachmentOutput:
    known = context.session.ledger.known(id)
    for looked in (False, True):
        if looked:
            await context.session.look_at(id)
        for file in known.files.values():
            if name in {file.name, file.id}:
                return file
    has = ", ".join(f.name for f in known.files.values()) or "none"
    raise Refused("not_found", http=0, text=f"{id} has no attachment {name!r} (it has {has})")


def _as_text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
