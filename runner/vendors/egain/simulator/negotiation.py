"""
Which format and language an answer has, and which format a body is in: the request's headers, understood.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.vendors.egain.representation import JSON, XML
from runner.vendors.egain.simulator.errors import WsError

__all__ = ["MULTIPART", "answer_format", "body_format", "language_for"]

MULTIPART = "multipart/form-data"
_MATCHES = {JSON: JSON, XML: XML, "text/xml": XML}
_ANY = frozenset({"*/*", "application/*", "*"})


def answer_format(accept: str, default: str) -> str | None:
    """JSON or XML, whichever is wanted more; *default* when nothing or anything is wanted; None when neither is accepted."""
    if not accept.strip():
        return default
    return next((_MATCHES.get(kind, default) for kind in _preferred(accept) if kind in _MATCHES or kind in _ANY), None)


def body_format(content_type: str, *, multipart: bool, refusal: int) -> str:
    """
    JSON, XML, or multipart where it is allowed.

    Raises: ``WsError`` with the status *refusal*.
    """
    kind = content_type.partition(";")[0].strip().lower()
    allowed = (JSON, XML, MULTIPART) if multipart else (JSON, XML)
    if kind not in allowed:
        raise WsError(refusal, "100", f"Content-Type {kind or 'is missing; it'} must be one of {', '.join(allowed)}")
    return kind


def language_for(accept_language: str, supported: Sequence[str], default: str, *, lists: bool) -> str:
    """
    The supported language that is wanted most, whatever its case; *default* when nothing is said. *lists*: it may name several.

    Raises: ``WsError`` 406.
    """
    if not accept_language.strip():
        return default
    known = {tag.lower(): tag for tag in supported}
    for tag in _preferred(accept_language) if lists else [accept_language.strip().lower()]:
        if tag == "*":
            return default
        if tag in known:
            return known[tag]
    raise WsError(
        406, "100", f"Accept-Language {accept_language!r} names no supported language", details=(("supported", ", ".join(supported)),)
    )


def _preferred(header: str) -> list[str]:
    """The header's entries in lower case, the most wanted first; those with q=0 are left out."""
    weighed: list[tuple[float, str]] = []
    for entry in header.split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        quality = next((p[2:] for p in parameters if p.lower().startswith("q=")), "1")
        weight = float(quality) if quality.replace(".", "", 1).isdigit() else 0.0
        if name and weight > 0:
            weighed.append((weight, name.lower()))
    return [name for _, name in sorted(weighed, key=lambda pair: -pair[0])]
