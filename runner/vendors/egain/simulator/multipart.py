"""
A multipart/form-data body, taken apart: names, file names, media types and bytes as they were sent.

Our own, because eGain's rules are about what a form library hides: ``fileName`` in any case, parts that are inline, parts without a name.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

from msgspec import Struct
from msgspec.structs import replace

from runner.vendors.egain.representation import JSON, XML
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["Form", "Part", "read_form"]

_PARAMETER = re.compile(r';\s*([\w*!#$%&\'+.^`|~-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]*))')


class Part(Struct, frozen=True):
    """One part: what its headers say, and its bytes."""

    name: str
    file_name: str
    type: str
    inline: bool
    content: bytes
    content_id: str = ""


class Form(Struct, frozen=True):
    """The activity in ``data``, its format, and the attachments."""

    data: bytes
    data_type: str
    files: tuple[Part, ...]


def read_form(content_type: str, body: bytes, settings: EgainSettings) -> Form:
    """
    Take the form apart.

    Raises: ``WsError`` 400 – no boundary, ill-formed, ``data`` or ``data-type`` missing or twice, a type that is neither XML nor JSON, an
    attachment without file name.
    """
    boundary = {name.lower(): value for name, value in _parameters(content_type)}.get("boundary", "")
    if not boundary:
        raise WsError(400, "264", "the multipart body has no boundary")
    parts = [_part(raw, settings) for raw in _split(body, boundary.encode())]
    fields = {name: [p for p in parts if p.name == name] for name in ("data", "data-type")}
    for name, found in fields.items():
        if len(found) != 1:
            raise invalid(name, f"the form needs exactly one part {name!r}; it has {len(found)}")
    data_type = fields["data-type"][0].content.decode("utf-8", "replace").strip().lower()
    if data_type not in {JSON, XML}:
        raise invalid("data-type", f"{data_type!r} is neither {JSON} nor {XML}")
    return Form(fields["data"][0].content, data_type, tuple(_file(p, settings.part_content) for p in parts if p.name not in fields))


def _file(part: Part, holds: str) -> Part:
    if not part.file_name:
        raise invalid(part.name or "attachment", "the part of an attachment needs a fileName in its Content-Disposition")
    if holds == "bytes":
        return part
    try:
        return replace(part, content=base64.b64decode(b"".join(part.content.split()), validate=True))
    except ValueError:
        raise invalid(part.name or "attachment", f"the content of {part.file_name!r} is not base64") from None


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The raw parts between the boundaries."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise WsError(400, "264", "the multipart body is cut short or has another boundary than announced")
    return [piece.lstrip(b" \t").removeprefix(b"\r\n") for piece in pieces[1:-1]]


def _part(raw: bytes, settings: EgainSettings) -> Part:
    head, blank, content = raw.partition(b"\r\n\r\n")
    if raw.startswith(b"\r\n"):
        head, blank, content = b"", b"\r\n", raw[2:]
    if not blank:
        raise WsError(400, "264", "a part of the multipart body has no blank line after its headers")
    headers = dict(_headers(head))
    disposition = headers.get("content-disposition", "")
    told = {name.lower(): value for name, value in _parameters(disposition) if _is_known(name, settings)}
    kind = disposition.partition(";")[0].strip().lower()
    return Part(
        name=told.get("name", ""),
        file_name=_extended(told.get("filename*", "")) or told.get("filename", ""),
        type=headers.get("content-type", settings.default_part_type),
        inline=kind == "inline" or "content-id" in headers,
        content=content,
        content_id=headers.get("content-id", "").strip("<> "),
    )


def _is_known(parameter: str, settings: EgainSettings) -> bool:
    """Whether the server heeds a parameter of Content-Disposition that is spelled so."""
    return settings.file_name_spelled == "any_case" or parameter == "fileName" or not parameter.lower().startswith("filename")


def _extended(value: str) -> str:
    """``UTF-8''a%20name`` as form libraries write names beyond ASCII (RFC 5987); "" when it is none."""
    charset, _, rest = value.partition("'")
    try:
        return unquote_to_bytes(rest.partition("'")[2]).decode(charset) if rest else ""
    except (LookupError, ValueError):
        return ""


def _headers(head: bytes) -> list[tuple[str, str]]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return [(name.strip().lower(), value.strip()) for name, colon, value in pairs if colon]


def _parameters(header: str) -> list[tuple[str, str]]:
    """The parameters of a header value, quotes taken off."""
    found = []
    for match in _PARAMETER.finditer(header):
        name, quoted, bare = match.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
        found.append((name, value))
    return found
