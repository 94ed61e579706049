"""
Sloppy JSON made strict: single quotes and bare words, which some servers take and a working public client sends.
"""

from __future__ import annotations

import json
import re

__all__ = ["straightened"]

_TOKEN = re.compile(r"""\s+|[{}\[\]:,]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s{}\[\]:,"']+""", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = frozenset({"true", "false", "null"})


def straightened(body: bytes) -> bytes:
    """The same document in strict JSON; what is neither is left for the strict reader to refuse."""
    text = body.decode("utf-8", "replace")
    return "".join(_strict(token) for token in _TOKEN.findall(text)).encode()


def _strict(token: str) -> str:
    if token.startswith("'"):
        return json.dumps(token[1:-1].replace("\\'", "'"))
    if token[:1] in '{}[]:,"' or token.isspace() or token in _WORDS or _NUMBER.fullmatch(token):
        return token
    return json.dumps(token)
