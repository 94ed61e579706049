"""
Does a vendor still answer as its API is written down? Asked by the engine about every exchange of a vendor's session, and about
every message that the vendor pushed, however it came (polled, streamed).

What differs is a :class:`Finding`. It is no verdict: a scenario passes or fails by what the tester asked for, and a new field in an answer
is no fault. But somebody should hear of it before the night in which it matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from runner.environment.model import Target
from runner.errors import BrokenPlugin
from runner.plugins.contract import Vendor
from runner.transport.exchange import Exchange

if TYPE_CHECKING:  # the documents are read when the first answer has come, and a run without answers does not pay for that
    from runner.plugins.openapi import Answer, ApiDocument

__all__ = ["KINDS", "Finding", "Watch"]

Kind = Literal[
    "undocumented operation",
    "undocumented status",
    "undocumented media type",
    "undocumented message",
    "missing field",
    "unknown field",
    "wrong type",
]
KINDS: tuple[Kind, ...] = (
    "undocumented operation",
    "undocumented status",
    "undocumented media type",
    "undocumented message",
    "missing field",
    "unknown field",
    "wrong type",
)
# A vendor whose API has become another one differs everywhere; more than so many findings tell nothing new.
_MOST = 200
# Of a message's kind, in characters.
_MOST_IN_A_NAME = 80
# The status of the answer that brought a message.
_PUSHED = 200
# What comparing raises when the document is none.
_UNUSABLE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
# What something between the vendor and us may answer with, while the vendor is away.
_GATEWAY = frozenset({502, 503, 504})


class Finding(Struct, frozen=True):
    """
    One difference. ``operation`` is as the document names it, ``POST /me/interactions/{id}``, or ``message`` and the kind of a message that
    was pushed; ``place`` is where in the body, ``$.interaction.attachments[].size``, or "". ``expected`` and ``got`` are types and names,
    never values.
    """

    vendor: str
    kind: str
    operation: str
    http: int
    place: str = ""
    expected: str = ""
    got: str = ""


class Watch:
    """Compares the exchanges of one run. Each finding is told once in a run, whoever meets it."""

    def __init__(self) -> None:
        self._documents: dict[str, ApiDocument | None] = {}
        self._told: dict[str, set[Finding]] = {}

    def look(self, vendor: Vendor, target: Target, exchange: Exchange) -> Sequence[Finding]:
        """
        What is new in *exchange*; mostly nothing.

        Raises: ``BrokenPlugin`` – the vendor's document cannot be used; once, from then on nothing is compared.
        """
        if not exchange.http or exchange.error:
            return ()
        document = self._document(vendor)
        if document is None or _is_foreign(target, exchange):
            return ()
        try:
            found = compare(document, vendor.name, target.url, exchange)
        except _UNUSABLE as exc:
            raise self._broken(vendor, exc) from exc
        return self._new(vendor.name, found) if found else ()

    def hear(self, vendor: Vendor, message: object) -> Sequence[Finding]:
        """
        What is new in a *message* that was pushed; mostly nothing, and nothing where the contract does not describe messages.

        Raises: as :meth:`look`.
        """
        document = self._document(vendor)
        if document is None or not document.tells_of_messages:
            return ()
        try:
            found = list(compare_message(document, vendor.name, message))
        except _UNUSABLE as exc:
            raise self._broken(vendor, exc) from exc
        return self._new(vendor.name, found) if found else ()

    def _document(self, vendor: Vendor) -> ApiDocument | None:
        if not vendor.contract:
            return None
        try:
            return self._documents[vendor.name]
        except KeyError:
            return self._load(vendor)

    def _broken(self, vendor: Vendor, exc: Exception) -> BrokenPlugin:
        """A document that cannot be compared with is the plugin's fault; from then on nothing is compared."""
        self._documents[vendor.name] = None
        message = f"an answer cannot be compared with {vendor.contract}: {type(exc).__name__}: {exc}"
        return BrokenPlugin(message, plugin=vendor.name, code="E603")

    def _load(self, vendor: Vendor) -> ApiDocument | None:
        from runner.plugins.openapi import load_document

        self._documents[vendor.name] = None
        document = self._documents[vendor.name] = load_document(vendor)
        return document

    def _new(self, vendor: str, found: Sequence[Finding]) -> list[Finding]:
        told = self._told.setdefault(vendor, set())
        new = [finding for finding in dict.fromkeys(found) if finding not in told][: _MOST - len(told)]
        told.update(new)
        return new


def compare(document: ApiDocument, vendor: str, base_url: str, exchange: Exchange) -> Sequence[Finding]:
    """Everything in which the answer of *exchange* is not as *document* says; the same finding may come several times."""
    path = _path(exchange.url, base_url, document.base)
    operation = document.operation(exchange.method, path)
    http = exchange.http
    if operation is None:
        name = f"{exchange.method} {document.nearest_path(path)}"
        return [Finding(vendor, "undocumented operation", name, http, expected="an operation of the contract", got="another one")]
    media = exchange.header("Content-Type").partition(";")[0].strip().lower()
    answer = document.answer(operation, http)
    if answer is None:
        if http in _GATEWAY or (http >= 500 and media == "text/html"):
            return ()
        known = ", ".join(sorted(str(status) for status in operation.told))
        return [Finding(vendor, "undocumented status", operation.name, http, expected=known, got=str(http))]
    if http >= 500 and media == "text/html" and "text/html" not in answer.contents:
        return ()
    return [
        Finding(vendor, kind, operation.name, http, place, expected, got)
        for kind, place, expected, got in _in_body(answer, media, exchange)
    ]


def compare_message(document: ApiDocument, vendor: str, message: object) -> Iterator[Finding]:
    """Everything in which a pushed *message* is not as *document* says."""
    kind, shape = document.message(message)
    operation = f"message {kind[:_MOST_IN_A_NAME]}".rstrip()
    if shape is None:
        yield Finding(vendor, "undocumented message", operation, _PUSHED, expected="a message of the contract", got="another one")
    elif not shape.fits(message):
        for difference in shape.differences(message):
            yield Finding(vendor, difference.kind, operation, _PUSHED, difference.place, difference.expected, difference.got)


def _in_body(answer: Answer, media: str, exchange: Exchange) -> Iterator[tuple[str, str, str, str]]:
    body = exchange.body
    if not body:
        yield from _instead_of_body(answer, exchange)
        return
    documented, content = answer.content(media)
    if not documented:
        yield "undocumented media type", "", " or ".join(sorted(answer.contents)) or "no body", media or "no media type"
    elif content is not None:
        for difference in content.differences(body):
            yield difference.kind, difference.place, difference.expected, difference.got


def _instead_of_body(answer: Answer, exchange: Exchange) -> Iterator[tuple[str, str, str, str]]:
    """Nothing came: a difference where a document is promised, unless the body was not read (a stream) or cannot be (HEAD)."""
    shapes = [content.shape for content in answer.contents.values() if content is not None]
    unread = exchange.method == "HEAD" or exchange.header("Content-Length", "0") != "0" or exchange.header("Transfer-Encoding")
    if len(shapes) == len(answer.contents) and shapes and not unread:
        yield "wrong type", "$", shapes[0].told, "no body"


def _is_foreign(target: Target, exchange: Exchange) -> bool:
    """Whether it was the simulator's control API that was asked, and not the vendor."""
    return target.control is not None and exchange.url.startswith(target.control)


def _path(url: str, base_url: str, documented: str) -> str:
    """
    The path below the vendor's base URL. Other hosts of the vendor (an alternate one) have the same base path; an environment may give the
    URL with the base path that is *documented*, or leave that to the client.
    """
    url = url.partition("?")[0]
    base_url = base_url.rstrip("/")
    if url.startswith(base_url):
        path = url[len(base_url) :]
    else:
        path, base = urlsplit(url).path, urlsplit(base_url).path
        path = path[len(base) :] if base and path.startswith(base + "/") else path
    return path[len(documented) :] if documented and path.startswith(documented + "/") else path
