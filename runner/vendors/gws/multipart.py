"""
One file as ``multipart/form-data``, byte for byte.
"""

from __future__ import annotations

from hashlib import sha256

__all__ = ["encode_file"]


def encode_file(part: str, name: str, content: bytes, kind: str) -> tuple[bytes, str]:
    """
    The body with one file in the part *part*, and its ``Content-Type``.

    Names go out in UTF-8 as browsers send them; a quote is escaped, and a line break can end no header.
    """
    boundary = f"runner-{sha256(name.encode() + content).hexdigest()[:40]}"
    told = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{told}"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
