"""
Unpacking a body (gzip, deflate) without ever holding more than is allowed: a few kilobytes can unpack to gigabytes.
"""

from __future__ import annotations

import zlib

from runner.errors import WireError

__all__ = ["ACCEPTED", "unpack"]

# What we say we understand; a server that packs otherwise was not asked to.
ACCEPTED = "gzip, deflate"
_SUSPICIOUS_SIZE = 1024 * 1024
_MOST_RATIO = 100
_MOST_MEMBERS = 100


def unpack(packed: bytes, encoding: str, *, limit: int) -> bytes:
    """
    The bytes that *packed* stands for; *encoding* is the ``Content-Encoding``.

    Raises: ``WireError`` – not packed so, cut short, or more than *limit* bytes, or more than 100 times its size above 1 MiB.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"} or not packed:
        return packed
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise WireError(f"the answer is packed as {encoding!r}, which was not asked for", code="E704", maybe_sent=True)
    try:
        return _members(packed, encoding, limit)
    except zlib.error as exc:
        raise WireError(f"the answer says it is packed as {encoding}, but it is not", code="E704", maybe_sent=True) from exc


def _members(packed: bytes, encoding: str, limit: int) -> bytes:
    """A gzip body may consist of several members, one after the other."""
    most = min(limit, max(_SUSPICIOUS_SIZE, _MOST_RATIO * len(packed)))
    unpacked = bytearray()
    rest = packed
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_window(encoding, rest))
        unpacked += member.decompress(rest, most + 1 - len(unpacked))
        if len(unpacked) > most:
            told = f"{limit // 1048576} MiB" if most == limit else f"{_MOST_RATIO} times its size"
            raise WireError(f"the answer unpacks to more than {told}", code="E704", maybe_sent=True)
        if not member.eof:
            raise WireError("the packed answer is cut short", code="E702", maybe_sent=True)
        rest = member.unused_data
        if not rest.strip(b"\0"):
            return bytes(unpacked)
    raise WireError(f"the answer is packed in more than {_MOST_MEMBERS} parts", code="E704", maybe_sent=True)


def _window(encoding: str, data: bytes) -> int:
    """The parameter for zlib: gzip has its own header, deflate has zlib's or, with some servers, none."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    has_header = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
