"""
``/icws/connection`` and ``/icws/{session}/connection``: login, versions, features, station, logout (icws.md §2).
"""

from __future__ import annotations

from aiohttp import web

from runner.simulation.world import Person
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import IcwsError, bad_request, empty, invalid, missing, not_accepting, reply
from runner.vendors.icws.simulator.interactions import compact
from runner.vendors.icws.simulator.sessions import Session, Station

__all__ = ["ROUTES", "session_ended"]

_URN = "urn:inin.com:connection:"
_PASSWORD, _TOKEN, _SINGLE_SIGN_ON = (_URN + f"{kind}ConnectionRequestSettings" for kind in ("icAuth", "authToken", "singleSignOnToken"))
_STATIONS = {
    _URN + "workstationSettings": "workstation",
    _URN + "remoteWorkstationSettings": "remote_workstation",
    _URN + "remoteNumberSettings": "remote_number",
    _URN + "stationlessSettings": "stationless",
}
_VERSION = {
    "majorVersion": "19",
    "minorVersion": "3",
    "su": "0",
    "build": "42",
    "productId": "CIC",
    "codebaseId": "main",
    "productReleaseDisplayString": "2019 R3",
}


def _refused() -> IcwsError:
    return IcwsError(
        400,
        "The authentication process failed.",
        error_id="error.request.connection.authenticationFailure",
        errorCode=-2147221503,
    )


async def _connect(call: Call) -> web.StreamResponse:
    office = call.office
    if not office.accepting:
        raise not_accepting(office.alternates)
    language = call.request.headers.get("Accept-Language", "").split(",")[0].strip().lower()
    if not language and office.settings.accept_language_required:
        raise bad_request("The Accept-Language header is required.", "error.request.invalidHeader")
    body = call.body()
    person, application = _who(call, body), body.text("applicationName")
    if ("marketPlaceApplicationLicenseName" in body) != ("marketPlaceApplicationCode" in body):
        raise missing("marketPlaceApplicationCode" if "marketPlaceApplicationLicenseName" in body else "marketPlaceApplicationLicenseName")
    if office.settings.one_session_per_user:
        for other in office.sessions.of(person.user.lower()):
            office.log_off(other, "You logged in elsewhere.", reconnect=False)
    session = office.sessions.start(person, application, language or "en-us")
    return reply(_connected(call, session), http=201, headers=_login_headers(call, session))


def _who(call: Call, body: Body) -> Person:
    kind = body.kind(_PASSWORD, _TOKEN, _SINGLE_SIGN_ON)
    if kind == _PASSWORD:
        found = call.office.world.person(body.text("userID"), body.text("password"))
    elif kind == _TOKEN:
        found = _by_token(call, body)
    else:
        # a single-sign-on token is the user's name behind "sso:"; no identity provider is simulated
        found = call.office.world.people.get(body.text("singleSignOnToken").removeprefix("sso:").lower())
    if found is None:
        raise _refused()
    return found


def _by_token(call: Call, body: Body) -> Person | None:
    seed, token, source = body.guid("authTokenSeed"), body.text("authToken"), body.text("authTokenSourceSession")
    sessions = call.office.sessions
    session, known_seed, until = sessions.unique_tokens.pop(token, (None, "", 0.0))
    if session is None or known_seed != seed or session.id != source or call.office.world.clock.monotonic() > until:
        return None
    if body.truth("disconnectSourceSession", default=False):
        call.office.end_session(session)
    return session.person


def _login_headers(call: Call, session: Session) -> dict[str, str]:
    secure = "Secure; " if call.request.secure else ""
    cookie = f"icws_{session.id}={session.cookie}|languageId={session.language}; Path=/icws/{session.id}; {secure}HttpOnly"
    return {
        "ININ-ICWS-Session-ID": session.id,
        "ININ-ICWS-CSRF-Token": session.token,
        "Location": f"/icws/{session.id}/connection",
        "Set-Cookie": cookie,
    }


def _connected(call: Call, session: Session) -> dict[str, object]:
    office = call.office
    asked = {word.strip() for word in call.request.query.get("include", "").split(",")}
    more: dict[str, object] = {
        "version": _VERSION,
        "features": _features(call),
        "server-time": {"serverUtcTime": compact(office.world.clock.now())},
        "default-workstation": None,
        "effective-station": None,
        "purecloud-integration": {"isEnabled": False},
    }
    names = {
        "server-time": "serverTimeInfo",
        "default-workstation": "defaultWorkstationId",
        "effective-station": "effectiveStation",
        "purecloud-integration": "purecloudIntegration",
    }
    return {
        "csrfToken": session.token,
        "sessionId": session.id,
        "alternateHostList": list(office.alternates),
        "userID": session.person.user,
        "userDisplayName": session.person.name,
        "icServer": office.settings.server_name,
        "daysUntilPasswordExpiration": 90,
        **{names.get(word, word): value for word, value in more.items() if word in asked},
    }


def _features(call: Call) -> list[dict[str, object]]:
    return [{"featureId": name, "version": version} for name, version in call.office.settings.features.items()]


async def _all_features(call: Call) -> web.StreamResponse:
    return reply({"featureInfoList": _features(call)})


async def _feature(call: Call) -> web.StreamResponse:
    wanted = call.parameters["feature"].lower()
    for name, version in call.office.settings.features.items():
        if name.lower() == wanted:
            return reply({"featureId": name, "version": version})
    raise bad_request(f"The feature '{call.parameters['feature']}' is unknown.")


async def _version(_call: Call) -> web.StreamResponse:
    return reply(_VERSION)


async def _server_info(_call: Call) -> web.StreamResponse:
    languages = [{"languageId": "en-us", "displayName": "English (United States)"}, {"languageId": "de", "displayName": "Deutsch"}]
    return reply({"languages": languages, "acceptLanguage": "en-us", "authentication": {"allowIcAuth": True, "identityProviders": []}})


async def _server_time(call: Call) -> web.StreamResponse:
    return reply({"serverUtcTime": compact(call.office.world.clock.now())})


async def _state(_call: Call) -> web.StreamResponse:
    return reply({"connectionState": 1, "reason": "", "shouldReconnect": True})


def session_ended() -> web.Response:
    """What ``GET connection`` says of a session that was logged out a moment ago."""
    return reply({"connectionState": 2, "reason": "The session was logged out.", "shouldReconnect": False})


async def _logout(call: Call) -> web.StreamResponse:
    call.office.end_session(call.session)
    return empty()


async def _switchover(call: Call) -> web.StreamResponse:
    return reply(
        {
            "isSwitchoverActive": False,
            "primaryHost": call.office.settings.server_name,
            "backupHost": next(iter(call.office.alternates), ""),
            "isBackupICStopping": False,
            "isBackupICStarting": False,
            "isManualSwitchOnly": False,
            "backupState": 0,
            "backupVersion": "",
            "subsystemsDown": [],
        }
    )


async def _unique_token(call: Call) -> web.StreamResponse:
    seed, world = call.body().guid("authTokenSeed"), call.office.world
    token = world.guid()
    until = world.clock.monotonic() + call.office.settings.unique_token_seconds
    call.office.sessions.unique_tokens[token] = (call.session, seed, until)
    return reply({"authToken": token})


# ── station ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _sit(call: Call) -> web.StreamResponse:
    session, office = call.session, call.office
    session.station = _station(call, call.body())
    office.desk.availability_changed(session.user)
    if session.watches_station:
        session.messages.put(_station_message(session))
    return empty(headers={"Location": f"/icws/{session.id}/connection/station"})


def _station(call: Call, body: Body) -> Station:
    kind = _STATIONS[body.kind(*_STATIONS)]
    name, number = "", ""
    if kind.endswith("workstation"):
        name = _workstation(call, body.text("workstation"))
    if kind.startswith("remote"):
        number = body.text("remoteNumber") if kind == "remote_number" else body.optional_text("remoteNumber")
    media = body.values("supportedMediaTypes") if "supportedMediaTypes" in body else []
    if not all(isinstance(m, int) and 1 <= m <= 9 for m in media):
        raise invalid("supportedMediaTypes", "numbers from 1 to 9 are expected.")
    mode = body.number("stationConnectionMode", (0, 1, 2)) if "stationConnectionMode" in body else 0
    ready = body.truth("readyForInteractions", default=False)
    return Station(kind, name, tuple(int(str(m)) for m in media), ready, mode, number)


def _workstation(call: Call, wanted: str) -> str:
    for name in call.office.settings.stations:
        if name.lower() == wanted.lower():
            return name
    raise IcwsError(400, f"The station '{wanted}' was not found.", error_id="-2147221496", errorCode=-2147221496)


async def _sits(call: Call) -> web.StreamResponse:
    return reply(_told_station(call.session))


def _told_station(session: Session) -> dict[str, object]:
    station = session.station
    if station is None:
        return {"connectionState": 0}
    return {
        "connectionState": 1,
        "stationSetting": {"workstation": 1, "remote_workstation": 2, "remote_number": 3, "stationless": 4}[station.kind],
        "id": station.name,
        "remoteNumber": station.remote_number,
        "supportedMediaTypes": list(station.media),
        "readyForInteractions": station.ready,
    }


async def _leave(call: Call) -> web.StreamResponse:
    call.session.station = None
    call.office.desk.availability_changed(call.session.user)
    if call.session.watches_station:
        call.session.messages.put(_station_message(call.session))
    return empty()


def _station_message(session: Session) -> dict[str, object]:
    return {"__type": _URN + "stationConnectionStateChangeMessage", "isDelta": False, **_told_station(session)}


async def _watch_station(call: Call) -> web.StreamResponse:
    call.session.watches_station = True
    call.session.messages.put(_station_message(call.session))
    return empty()


async def _unwatch_station(call: Call) -> web.StreamResponse:
    call.session.watches_station = False
    return empty(204)


ROUTES = (
    Route("POST", "/connection", _connect),
    *(
        Route("GET", f"{prefix}/connection/{name}", handler)
        for prefix in ("", "/{session}")
        for name, handler in (("version", _version), ("features", _all_features), ("features/{feature}", _feature))
    ),
    Route("GET", "/connection/server-info", _server_info),
    Route("GET", "/connection/server-time", _server_time, ("connection", 4)),
    Route("GET", "/{session}/connection", _state),
    Route("DELETE", "/{session}/connection", _logout),
    Route("GET", "/{session}/connection/switchover-status", _switchover, ("connection", 11)),
    Route("PUT", "/{session}/connection/station", _sit),
    Route("GET", "/{session}/connection/station", _sits),
    Route("DELETE", "/{session}/connection/station", _leave),
    Route("POST", "/{session}/connection/unique-auth-token", _unique_token),
    Route("PUT", "/{session}/messaging/subscriptions/connection/station", _watch_station, ("messaging", 1)),
    Route("DELETE", "/{session}/messaging/subscriptions/connection/station", _unwatch_station, ("messaging", 1)),
)
