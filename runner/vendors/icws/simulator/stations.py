"""
``/icws/{session}/connection/station``: where somebody sits, which media come there, and who is told of it (icws.md §2.1, §2.3).
"""

from __future__ import annotations

from aiohttp import web

from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import IcwsError, empty, invalid, reply
from runner.vendors.icws.simulator.sessions import Session, Station

__all__ = ["ROUTES"]

_URN = "urn:inin.com:connection:"
_KINDS = {
    _URN + "workstationSettings": "workstation",
    _URN + "remoteWorkstationSettings": "remote_workstation",
    _URN + "remoteNumberSettings": "remote_number",
    _URN + "stationlessSettings": "stationless",
}
_SETTINGS = {"stationless": 0, "workstation": 1, "remote_workstation": 2, "remote_number": 3}
_NOT_FOUND = "-2147221496"


def _absent(why: str) -> IcwsError:
    """The server's own 400 for a station that is not there; its number stands where other errors have a name."""
    return IcwsError(400, why, error_id=_NOT_FOUND)


async def _sit(call: Call) -> web.StreamResponse:
    _change(call, _station(call, call.body()))
    return empty(headers={"Location": f"/icws/{call.session.id}/connection/station"})


async def _leave(call: Call) -> web.StreamResponse:
    _change(call, None)
    return call.done("station-leave")


async def _sits(call: Call) -> web.StreamResponse:
    if call.session.station is None:
        raise _absent("The session is not connected to a station.")
    return reply(_told(call.session.station))


def _change(call: Call, station: Station | None) -> None:
    session = call.session
    before, session.station = session.station, station
    call.office.desk.availability_changed(session.user)
    if session.watches_station:
        _tell(session, before)
    if session.effective_station:
        named = station.name or station.remote_number if station is not None else ""
        effective = {"stationId": {"id": named, "displayName": named}} if named else None
        session.messages.put({"__type": _URN + "effectiveStationChangeMessage", "isDelta": False, "effectiveStation": effective})


def _tell(session: Session, before: Station | None = None) -> None:
    told: dict[str, object] = {"__type": _URN + "stationConnectionStateChangeMessage", "isDelta": False}
    if before is not None:
        told["previousStationInfo"] = _told(before)
    session.messages.put(told | {"newStationInfo": _told(session.station)})


def _told(station: Station | None) -> dict[str, object]:
    """A ``stationInformation``; sitting nowhere is one without a name."""
    if station is None:
        return {"id": "", "extension": "", "stationSetting": 0}
    told: dict[str, object] = {
        "id": station.name or station.remote_number,
        "extension": "",
        "stationSetting": _SETTINGS[station.kind],
        "allowedMediaTypes": list(station.media),
        "canBeDialed": station.kind != "stationless",
    }
    if station.remote_number:
        told["remoteNumber"] = station.remote_number
    return told


def _station(call: Call, body: Body) -> Station:
    kind = _KINDS[body.kind(*_KINDS)]
    name, number = "", ""
    if kind.endswith("workstation"):
        name = _workstation(call, body.text("workstation"))
    if kind.startswith("remote"):
        number = body.text("remoteNumber") if kind == "remote_number" else body.optional_text("remoteNumber")
    if kind == "remote_number":
        body.truth("persistentConnection", default=False)
    media = body.values("supportedMediaTypes") if "supportedMediaTypes" in body else []
    if not all(isinstance(m, int) and not isinstance(m, bool) and 1 <= m <= 9 for m in media):
        raise invalid("supportedMediaTypes", "numbers from 1 to 9 are expected.")
    mode = body.number("stationConnectionMode", (0, 1, 2)) if "stationConnectionMode" in body else 0
    ready = body.truth("readyForInteractions", default=False)
    return Station(kind, name, tuple(int(str(m)) for m in media), ready, mode, number)


def _workstation(call: Call, wanted: str) -> str:
    for name in call.office.settings.stations:
        if name.lower() == wanted.lower():
            return name
    raise _absent(f"The station '{wanted}' was not found.")


async def _watch(call: Call) -> web.StreamResponse:
    call.session.watches_station = True
    _tell(call.session)
    return call.done("station-subscription")


async def _unwatch(call: Call) -> web.StreamResponse:
    call.session.watches_station = False
    return empty(204)


_STATION = "/{session}/connection/station"
_SUBSCRIPTION = "/{session}/messaging/subscriptions/connection/station"

ROUTES = (
    Route("PUT", _STATION, _sit),
    Route("GET", _STATION, _sits),
    Route("DELETE", _STATION, _leave),
    Route("PUT", _SUBSCRIPTION, _watch, ("messaging", 1)),
    Route("DELETE", _SUBSCRIPTION, _unwatch, ("messaging", 1)),
)
