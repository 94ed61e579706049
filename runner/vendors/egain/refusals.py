"""
What an eGain server's "no" means: its two error shapes, and its statuses as the neutral reasons.

Source: eGain v12 pages, "schema-kb-WSError"; the older ``Error`` shape of login and logout.
"""

from __future__ import annotations

from runner.errors import Refused
from runner.transport.exchange import Exchange
from runner.vendors.egain.representation import BadDocument, Tree, from_json, from_xml

__all__ = ["reason_for", "refusal"]

_REASONS = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "invalid",
    406: "not_acceptable",
    408: "unavailable",
    409: "conflict",
    410: "gone",
    413: "too_large",
    429: "unavailable",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}
_EXCERPT = 200


def reason_for(http: int) -> str:
    """The neutral reason for a status: its own, else ``invalid`` below 500 and ``server_error`` from there on."""
    return _REASONS.get(http, "invalid" if http < 500 else "server_error")


def refusal(exchange: Exchange) -> Refused:
    """The refusal that *exchange* tells, whichever of the two shapes and formats it comes in, or none of them."""
    code, text = _told(exchange)
    return Refused(reason_for(exchange.http), http=exchange.http, vendor_code=code, text=text)


def _told(exchange: Exchange) -> tuple[str, str]:
    """The vendor's code and words; an answer that is no error document gives its media type and beginning."""
    if not exchange.body:
        return "", ""
    try:
        tree = _tree(exchange)
    except BadDocument:
        kind = exchange.header("Content-Type").partition(";")[0] or "an unknown type"
        return "", f"the answer is {kind}, not an eGain error: {' '.join(exchange.text.split())[:_EXCERPT]}"
    message = tree.get("developerMessage") or tree.get("message") or tree.get("userMessage") or ""
    return str(tree.get("code", "")), f"{message}{_details(tree)}"


def _tree(exchange: Exchange) -> Tree:
    if exchange.body.lstrip()[:1] != b"<":
        return from_json(exchange.body)
    root, tree = from_xml(exchange.body)
    if root.lower() != "error":
        raise BadDocument(f"<{root}> is no error")
    return tree


def _details(tree: Tree) -> str:
    details = tree.get("details")
    if not isinstance(details, list):
        return ""
    pairs = [f"{d.get('key')}: {d.get('value')}" for d in details if isinstance(d, dict)]
    return f" [{'; '.join(pairs)}]" if pairs else ""
