"""
What a mail holds: its contents, its attachments out of a document or a form, and how large all that may be.

Source: "CreateEmailComposeSendActivityPage", sections "attachments Element" and "Size restrictions".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from runner.simulation.world import Attachment
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import at
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.multipart import Part
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["attachments_of", "check_not_inline", "check_sizes", "check_types", "contents_of"]

_LONGEST_TEXT = 255


def contents_of(tree: Tree, settings: EgainSettings) -> dict[str, str]:
    """
    The contents by type; those that are empty do not count, unless the settings say so.

    Raises: ``WsError`` 400 – another type than text and html, or one of them twice.
    """
    found: dict[str, str] = {}
    for content in at(tree, "payload", "email", "contents", "content") or []:
        kind = content.get("type", "")
        if kind not in {"text", "html"}:
            raise invalid("payload.email.contents.content.type", f"must be text or html, not {kind!r}", number="196")
        if kind in found and settings.same_content_twice == "refuse":
            raise invalid("payload.email.contents.content", f"two contents of type {kind}")
        found[kind] = content.get("value", "")
    return {kind: value for kind, value in found.items() if value or settings.empty_counts}


def check_not_inline(form: tuple[Part, ...] | None) -> None:
    """
    Raises: ``WsError`` 400 – a part of the form is inline.
    """
    for part in form or ():
        if part.inline:
            raise invalid(part.name or "attachment", "inline attachments are not supported")


def attachments_of(tree: Tree, form: tuple[Part, ...] | None) -> list[Attachment]:
    """
    The attachments of an XML or JSON body, or of a multipart one.

    Raises: ``WsError`` 400 – the element inside a multipart body, a part missing or too long, content that is not base64.
    """
    if form is None:
        return [_attachment(given) for given in at(tree, "attachments", "attachment") or []]
    if "attachments" in tree:
        raise invalid("attachments", "not allowed in a multipart body; send each attachment as a part of its own")
    for part in form:
        _check_lengths(part.file_name, part.type)
    return [Attachment(part.file_name, part.content, part.type, part.content_id) for part in form]


def _attachment(given: Tree) -> Attachment:
    for name in ("contentType", "content", "fileName"):
        if not given.get(name):
            raise invalid(f"attachments.attachment.{name}", "is required")
    _check_lengths(given["fileName"], given["contentType"])
    try:
        content = base64.b64decode("".join(given["content"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("attachments.attachment.content", f"the content of {given['fileName']!r} is not base64") from None
    return Attachment(given["fileName"], content, given["contentType"])


def _check_lengths(file_name: str, content_type: str) -> None:
    for name, value in (("fileName", file_name), ("contentType", content_type)):
        if len(value) > _LONGEST_TEXT:
            raise invalid(f"attachments.attachment.{name}", f"longer than {_LONGEST_TEXT} characters")


def check_types(desk: Desk, files: list[Attachment]) -> None:
    """
    Raises: ``WsError`` 400 – a file type is on the administrator's list.
    """
    for file in files:
        if desk.is_blocked(file.name):
            raise invalid("attachments.attachment.fileName", f"the file type of {file.name!r} is blocked")


def check_sizes(settings: EgainSettings, subject: str, contents: Mapping[str, str], files: Iterable[Attachment]) -> None:
    """
    Raises: ``WsError`` 400 – a content is larger than the KB setting, or the whole mail than the MB setting.
    """
    sizes = {kind: _size(text) for kind, text in contents.items()}
    limited = sizes if settings.body_limit == "each" else {"whole": sum(sizes.values())}
    for kind, size in limited.items():
        if size > settings.max_body_kb * 1024:
            raise WsError(400, "152", f"the {kind} content is larger than {settings.max_body_kb} KB", details=(("size", str(size)),))
    whole = sum(sizes.values()) + sum(_weight(file, settings.sizes) for file in files) + _size(subject)
    if whole > settings.max_email_mb * 1024 * 1024:
        raise WsError(400, "152", f"the mail is larger than {settings.max_email_mb} MB", details=(("size", str(whole)),))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _weight(file: Attachment, counted: str) -> int:
    """The bytes of a file, or the characters of their base64."""
    size = len(file.content)
    return size if counted == "decoded" else -(-size // 3) * 4
