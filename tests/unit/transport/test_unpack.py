"""Unpacking bodies within bounds."""

from __future__ import annotations

import gzip
import zlib

import pytest

from runner.errors import WireError
from runner.transport.unpack import unpack

MIB = 1024 * 1024


def _packed(data: bytes) -> bytes:
    """By gzip, the same bytes each time: they are the names of the tests, and several processes must agree on those."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (b"hello", ""),
        (b"hello", "identity"),
        (_packed(b"hello"), "GZIP"),
        (_packed(b"hel") + _packed(b"lo"), "x-gzip"),
        (_packed(b"hello") + b"\0\0", "gzip"),
        (zlib.compress(b"hello"), "deflate"),
        (zlib.compress(b"hello")[2:-4], "deflate"),
    ],
)
def test_what_is_understood(packed: bytes, encoding: str) -> None:
    """Gzip in one part or several, and deflate with or without its header, give the bytes back."""
    assert unpack(packed, encoding, limit=MIB) == b"hello"


@pytest.mark.parametrize(
    ("packed", "encoding", "told"),
    [
        (b"x", "br", "packed as 'br', which was not asked for"),
        (b"not gzip", "gzip", "says it is packed as gzip, but it is not"),
        (_packed(b"hello" * 99)[:-12], "gzip", "cut short"),
        (_packed(b"") * 101, "gzip", "more than 100 parts"),
    ],
)
def test_what_is_not(packed: bytes, encoding: str, told: str) -> None:
    """Anything else is an error that says what was wrong."""
    with pytest.raises(WireError, match=told):
        unpack(packed, encoding, limit=MIB)


def test_the_limit_holds() -> None:
    """One byte above the limit is too much, the limit itself is not."""
    assert len(unpack(gzip.compress(b"\0" * MIB), "gzip", limit=MIB)) == MIB
    with pytest.raises(WireError, match="more than 1 MiB"):
        unpack(gzip.compress(b"\0" * (MIB + 1)), "gzip", limit=MIB)


def test_a_ratio_is_suspicious_above_one_mebibyte() -> None:
    """What grows more than a hundredfold is refused once it is large."""
    with pytest.raises(WireError, match="more than 100 times its size"):
        unpack(gzip.compress(b"\0" * 3 * MIB), "gzip", limit=10 * MIB)
