"""
``/icws/{session}/licenses``: acquire, replace, give back (icws.md §2.3).
"""

from __future__ import annotations

from aiohttp import web

from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, reply

__all__ = ["ROUTES"]

_AVAILABLE, _UNKNOWN = 2, 9


async def _acquire(call: Call) -> web.StreamResponse:
    return _taken(call, call.body().texts("licenseList"))


async def _replace(call: Call) -> web.StreamResponse:
    wanted = call.body().texts("licenseList")
    call.session.licences.clear()
    return _taken(call, wanted)


def _taken(call: Call, wanted: list[str]) -> web.StreamResponse:
    known = {name.lower(): name for name in call.office.settings.licences}
    call.session.licences |= {known[name.lower()] for name in wanted if name.lower() in known}
    return reply({"licenseOperationResultList": [_result(name, name.lower() in known) for name in wanted]})


def _result(name: str, known: bool) -> dict[str, object]:
    return {
        "licenseName": name,
        "isAvailable": known,
        "licenseStatus": _AVAILABLE if known else _UNKNOWN,
        "errorDetails": "" if known else f"The license '{name}' is unknown.",
    }


async def _release(call: Call) -> web.StreamResponse:
    call.session.licences.clear()
    return empty(204)


_LICENCES = "/{session}/licenses"
_FEATURE = ("licenses", 1)

ROUTES = (
    Route("POST", _LICENCES, _acquire, _FEATURE),
    Route("PUT", _LICENCES, _replace, _FEATURE),
    Route("DELETE", _LICENCES, _release, _FEATURE),
)
