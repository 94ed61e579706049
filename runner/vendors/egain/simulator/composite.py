"""
Several requests in one: each is carried out in its turn in the caller's session, whatever became of those before.

Source: a public client's code, which sends JSON and reads JSON; how a batch looks in XML is not known, so there is none.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from runner.vendors.egain.representation import JSON, BadDocument, Tree, from_json
from runner.vendors.egain.simulator.call import Answer, Call, Incoming
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import TEXT, conform
from runner.vendors.egain.simulator.errors import WsError, invalid

__all__ = ["composite"]

_HANDED_ON = ("X-egain-session", "Accept-Language", "X-egain-error-message")


def composite(desk: Desk, call: Call) -> Answer:
    """POST /composite: 201 whatever its requests meet; each result has the status of its own."""
    if call.root:
        raise WsError(desk.settings.other_content_type, "100", f"a batch must be {JSON}")
    items = conform(call.tree, {"request": [{"method": TEXT, "url": TEXT, "requestBodyText": TEXT}]}).get("request", [])
    if not items:
        raise invalid("request", "at least one request is required")
    incoming = [_incoming(desk, call, item) for item in items]
    return Answer(201, "compositeResult", {"resultObject": [_result(call, one) for one in incoming]}, type=JSON)


def _incoming(desk: Desk, call: Call, item: Tree) -> Incoming:
    assert call.incoming is not None  # noqa: S101 - the gate gives it
    url = urlsplit(item.get("url", ""))
    root = f"/{desk.settings.context_root}/"
    if not (url.scheme and url.netloc and url.path.startswith(root)):
        raise invalid("request.url", f"must be absolute and below {root}")
    if url.path.endswith("/composite"):
        raise invalid("request.url", "a batch cannot hold a batch")
    given = call.incoming.headers
    headers = {name: given[name] for name in _HANDED_ON if name in given} | {"Accept": JSON, "Content-Type": JSON}
    query = parse_qsl(url.query, keep_blank_values=True)
    return Incoming(item.get("method", ""), unquote(url.path[len(root) - 1 :]), query, headers, item.get("requestBodyText", "").encode())


def _result(call: Call, incoming: Incoming) -> Tree:
    assert call.again is not None  # noqa: S101 - the gate gives it
    outgoing = call.again(incoming)
    told: Tree = {"httpStatus": outgoing.http}
    if outgoing.body:
        try:
            told["any"] = from_json(outgoing.body)
        except BadDocument:
            told["any"] = outgoing.body.decode("utf-8", "replace")
    return told
