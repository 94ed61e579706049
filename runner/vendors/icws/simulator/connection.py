"""
``/icws/connection`` and ``/icws/{session}/connection``: login, versions, features, logout (icws.md §2).
"""

from __future__ import annotations

from aiohttp import web

from runner.simulation.world import Person
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import IcwsError, bad_request, empty, missing, not_accepting, reply
from runner.vendors.icws.simulator.interactions import compact
from runner.vendors.icws.simulator.sessions import Session

__all__ = ["ROUTES", "session_ended", "state"]

_URN = "urn:inin.com:connection:"
_PASSWORD, _TOKEN, _SINGLE_SIGN_ON = (_URN + f"{kind}ConnectionRequestSettings" for kind in ("icAuth", "authToken", "singleSignOnToken"))
_VERSION = {
    "majorVersion": "19",
    "minorVersion": "3",
    "su": "0",
    "build": "42",
    "productId": "CIC",
    "codebaseId": "main",
    "productReleaseDisplayString": "2019 R3",
    "productPatchDisplayString": "2019 R3",
}
_LANGUAGES = {"en-us": "English (United States)", "de": "Deutsch"}
# what ``include`` may ask for → the member that brings it, and the version of the connection feature from which it is known
_INCLUDED = {
    "version": ("version", 1),
    "features": ("features", 3),
    "server-time": ("serverTimeInfo", 4),
    "default-workstation": ("defaultWorkstationId", 5),
    "purecloud-integration": ("purecloudIntegration", 8),
    "effective-station": ("effectiveStation", 10),
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
    kind, application, asked = body.kind(_PASSWORD, _TOKEN, _SINGLE_SIGN_ON), body.text("applicationName"), _asked(call)
    if ("marketPlaceApplicationLicenseName" in body) != ("marketPlaceApplicationCode" in body):
        raise missing("marketPlaceApplicationCode" if "marketPlaceApplicationLicenseName" in body else "marketPlaceApplicationLicenseName")
    person = _who(call, kind, body)
    if office.settings.one_session_per_user:
        for other in office.sessions.of(person.user.lower()):
            office.log_off(other, "You logged in elsewhere.", reconnect=False)
    session = office.sessions.start(person, application, language or "en-us")
    session.origin = f"{call.request.scheme}://{call.request.host}"
    session.effective_station = "effective-station" in asked
    return reply(_connected(call, session), http=201, headers=_login_headers(call, session))


def _who(call: Call, kind: str, body: Body) -> Person:
    if kind == _PASSWORD:
        found = call.office.world.person(body.text("userID"), body.text("password"))
    elif kind == _TOKEN:
        found = _by_token(call, body)
    else:
        found = _by_single_sign_on(call, body.text("singleSignOnToken"))
    if found is None:
        raise _refused()
    return found


def _by_single_sign_on(call: Call, token: str) -> Person | None:
    """No identity provider is simulated: the token is the user's name behind a prefix."""
    prefix = call.office.settings.single_sign_on_prefix
    return call.office.world.people.get(token.removeprefix(prefix).lower()) if token.startswith(prefix) else None


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
    known: dict[str, object] = {
        "version": _VERSION,
        "features": _features(call),
        "server-time": {"serverUtcTime": compact(office.world.clock.now())},
        "default-workstation": None,
        "effective-station": None,
        "purecloud-integration": {"integrationEnabled": False},
    }
    return {
        "csrfToken": session.token,
        "sessionId": session.id,
        "alternateHostList": list(office.alternates),
        "userID": session.person.user,
        "userDisplayName": session.person.name,
        "icServer": office.settings.server_name,
        "daysUntilPasswordExpiration": 90,
        **{_INCLUDED[word][0]: known[word] for word in _asked(call) if word in _INCLUDED},
    }


def _asked(call: Call) -> list[str]:
    """The words of ``include`` that this server's version knows."""
    version = call.office.settings.features.get("connection", 0)
    words = [word.strip() for word in call.request.query.get("include", "").split(",") if word.strip()]
    unknown = [word for word in words if word not in _INCLUDED]
    if unknown and not call.office.settings.ignore_unknown_include:
        raise bad_request(f"The query parameter 'include' has an unknown value: {unknown[0]}.")
    return [word for word in words if word in _INCLUDED and version >= _INCLUDED[word][1]]


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


async def _server_info(call: Call) -> web.StreamResponse:
    shown = call.request.query.get("displayLanguage", "").lower()
    return reply(
        {
            "languages": [{"languageID": id, "languageDisplayName": name} for id, name in _LANGUAGES.items()],
            "acceptLanguage": shown if shown in _LANGUAGES else "en-us",
            "authentication": {"allowIcAuth": True, "identityProviders": []},
        }
    )


async def _server_time(call: Call) -> web.StreamResponse:
    return reply({"serverUtcTime": compact(call.office.world.clock.now())})


async def state(_call: Call) -> web.StreamResponse:
    """The settings of an open connection."""
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


ROUTES = (
    Route("POST", "/connection", _connect),
    *(
        Route("GET", f"{prefix}/connection/{name}", handler)
        for prefix in ("", "/{session}")
        for name, handler in (("version", _version), ("features", _all_features), ("features/{feature}", _feature))
    ),
    Route("GET", "/connection/server-info", _server_info),
    Route("GET", "/connection/server-time", _server_time, ("connection", 4)),
    Route("GET", "/{session}/connection", state),
    Route("DELETE", "/{session}/connection", _logout),
    Route("GET", "/{session}/connection/switchover-status", _switchover, ("connection", 11)),
    Route("POST", "/{session}/connection/unique-auth-token", _unique_token),
)
