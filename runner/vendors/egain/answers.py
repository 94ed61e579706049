"""
What a call that went well brought, and whether it is what was asked for: a page of a gateway, an error with a good status, a document
without its list and a creation without a place are no answers of eGain's, however good their status.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from runner.errors import WireError
from runner.transport.exchange import Exchange
from runner.vendors.egain.namespaces import REPEATABLE
from runner.vendors.egain.reading import text
from runner.vendors.egain.representation import BadDocument, Tree, from_json, from_xml

__all__ = ["Answer", "read"]


class Answer(Struct, frozen=True):
    """The decoded document (empty for an empty body) with its XML root ("" for JSON), and the exchange itself."""

    tree: Tree
    root: str
    exchange: Exchange

    def listed(self, name: str) -> list[Tree]:
        """
        The members of a collection (``activity``, ``case`` …); none for an empty body, which is how eGain says that there are none. Real
        servers answer a single one as an object here and there, and an empty list in XML is its root alone.

        Raises: ``WireError`` – the document is another one.
        """
        if not self.exchange.body.strip():
            return []
        if self.root == name:
            return [self.tree]
        if name not in self.tree and (self.root, name) not in REPEATABLE:
            raise WireError(f"eGain answered {self.exchange.http} without `{name}`", code="E714")
        found = self.tree.get(name, [])
        items = found if isinstance(found, list) else [found]
        return [item for item in items if isinstance(item, dict)]

    def one(self, name: str, id: str) -> Tree:
        """
        The one member that was asked for.

        Raises: ``WireError`` – there is none.
        """
        found = [item for item in self.listed(name) if text(item, "id") in {"", id}]
        if not found:
            raise WireError(f"eGain answered without {name} {id}", code="E714")
        return found[0]

    def made(self, kind: str) -> str:
        """
        The id of what was created, which ``Location`` ends with: ``/system/ws/v12/interaction/activity/2811`` for an ``activity``.

        Raises: ``WireError`` – there is no such place; it may have been made all the same.
        """
        place, _, id = urlsplit(self.exchange.header("Location")).path.rstrip("/").rpartition("/")
        if not id or not place.endswith(f"/{kind}"):
            raise WireError(f"eGain took the {kind} but did not say where it is", code="E714", maybe_sent=True)
        return id


def read(exchange: Exchange) -> Answer:
    """
    The answer of a call that went well.

    Raises: ``WireError`` – a document that cannot be read, a page for people, or an error.
    """
    try:
        root, tree = _document(exchange)
    except BadDocument as exc:
        if exchange.http == 201 and exchange.header("Location"):
            return Answer({}, "", exchange)  # what was created is told by its place alone
        raise WireError(f"eGain's answer cannot be read: {exc}", code="E714", maybe_sent=exchange.method == "POST") from exc
    if "developerMessage" in tree or root.lower() == "error":
        raise WireError(f"eGain answered {exchange.http} with an error: {tree.get('developerMessage') or tree.get('message')}", code="E714")
    return Answer(tree, root, exchange)


def _document(exchange: Exchange) -> tuple[str, Tree]:
    if not exchange.body.strip():
        return "", {}
    if exchange.header("Content-Type").partition(";")[0].strip().lower() in {"text/html", "application/xhtml+xml"}:
        raise BadDocument("it is a page for people")
    if exchange.body.lstrip()[:1] != b"<":
        return "", from_json(exchange.body)
    root, tree = from_xml(exchange.body)
    if root.lower() == "html":
        raise BadDocument("it is a page for people")
    return root, tree
