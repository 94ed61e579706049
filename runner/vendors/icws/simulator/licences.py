"""
``/icws/{session}/licenses``: acquire, replace, give back (icws.md §2.3), and be told of it, as the vendor's own library asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, reply
from runner.vendors.icws.simulator.sessions import Session

__all__ = ["ROUTES"]

_AVAILABLE, _UNKNOWN = 2, 9


async def _acquire(call: Call) -> web.StreamResponse:
    return _taken(call, call.body().texts("licenseList"), call.session.licences)


async def _replace(call: Call) -> web.StreamResponse:
    return _taken(call, call.body().texts("licenseList"), set())


def _taken(call: Call, wanted: list[str], kept: set[str]) -> web.StreamResponse:
    known = {name.lower(): name for name in call.office.settings.licences}
    _hold(call.session, kept | {known[name.lower()] for name in wanted if name.lower() in known})
    return reply({"licenseOperationResultList": [_result(name, name.lower() in known) for name in wanted]})


def _result(name: str, known: bool) -> dict[str, object]:
    return {
        "licenseName": name,
        "isAvailable": known,
        "licenseStatus": _AVAILABLE if known else _UNKNOWN,
        "errorDetails": "" if known else f"The license '{name}' is unknown.",
    }


async def _release(call: Call) -> web.StreamResponse:
    _hold(call.session, set())
    return empty(204)


# ── being told ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _watch(call: Call) -> web.StreamResponse:
    call.session.watched_licences = tuple(call.body().texts("licenseList"))
    _tell(call.session, call.session.watched_licences, delta=False)
    return empty()


async def _unwatch(call: Call) -> web.StreamResponse:
    call.session.watched_licences = ()
    return empty(204)


def _hold(session: Session, licences: set[str]) -> None:
    """From now on the session has these; it is told what is new of those that it watches."""
    changed = {name.lower() for name in session.licences ^ licences}
    session.licences = licences
    news = [name for name in session.watched_licences if name.lower() in changed]
    if news:
        _tell(session, news, delta=True)


def _tell(session: Session, names: Iterable[str], *, delta: bool) -> None:
    held = {name.lower() for name in session.licences}
    told = [{"name": name, "isAssigned": name.lower() in held} for name in names]
    session.messages.put({"__type": "urn:inin.com:licenses:licenseMessage", "isDelta": delta, "licenseAssignedStatusList": told})


_LICENCES = "/{session}/licenses"
_SUBSCRIPTION = "/{session}/messaging/subscriptions/licenses"
_FEATURE = ("licenses", 1)

ROUTES = (
    Route("POST", _LICENCES, _acquire, _FEATURE),
    Route("PUT", _LICENCES, _replace, _FEATURE),
    Route("DELETE", _LICENCES, _release, _FEATURE),
    Route("PUT", _SUBSCRIPTION, _watch, _FEATURE),
    Route("DELETE", _SUBSCRIPTION, _unwatch, _FEATURE),
)
