"""
The multipart form of compose-and-send: ``data-type``, ``data``, and one part for each attachment.

Source: "CreateEmailComposeSendActivityPage", section "Request Body".
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct

from runner.errors import Refused

__all__ = ["FilePart", "build"]


class FilePart(Struct, frozen=True):
    """An attachment on its way out: its file ``name``, media ``type`` and bytes; with a ``content_id`` it is inline."""

    name: str
    type: str
    content: bytes
    content_id: str = ""


def build(data: bytes, data_type: str, files: Iterable[FilePart]) -> tuple[str, bytes]:
    """
    The ``Content-Type`` and the body of the form; the boundary comes out of the contents, so that a run can be repeated exactly.

    Raises: ``Refused`` – invalid: a file name with a line break, which no form can hold; nothing was sent.
    """
    parts = [_field("data-type", data_type.encode()), _field("data", data)]
    parts += [_file(number, file) for number, file in enumerate(files, 1)]
    boundary = "part-" + sha256(b"\0".join(parts)).hexdigest()[:32]
    line = f"--{boundary}\r\n".encode()
    body = b"".join(line + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _field(name: str, content: bytes) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content


def _file(number: int, file: FilePart) -> bytes:
    disposition = f'Content-Disposition: form-data; name="file{number}"; fileName="{_quoted(file.name)}"'
    inline = f"\r\nContent-ID: <{_one_line(file.content_id)}>" if file.content_id else ""
    return f"{disposition}\r\nContent-Type: {_one_line(file.type)}{inline}\r\n\r\n".encode() + file.content


def _quoted(name: str) -> str:
    """A name that cannot end its quotes; one that would end its line cannot be sent as it is, and is not sent as another."""
    if "\r" in name or "\n" in name:
        raise Refused("invalid", http=0, text=f"the file name {name!r} has a line break, which a form cannot hold; JSON and XML can")
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
