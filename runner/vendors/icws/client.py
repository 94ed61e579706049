"""
ICWS over HTTP: login with failover, the headers of a session, answers as data, refusals as :class:`~runner.errors.Refused`.

One client for each session; the steps' words are in :mod:`.session` and the modules it uses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

import msgspec

from runner.errors import Refused, WireError
from runner.plugins.contract import SessionContext
from runner.transport.base import HttpClient, ResponseStream
from runner.transport.exchange import Exchange
from runner.transport.patience import Patience
from runner.vendors.icws.records import IcwsOptions
from runner.vendors.icws.refusals import refusal
from runner.vendors.icws.sign_in import SignIn, alternates, with_one_time_token

__all__ = ["Connection", "IcwsClient", "decoded"]

_MEDIA_TYPE = "application/vnd.inin.icws+JSON"
_JSON = {"Accept": _MEDIA_TYPE, "Content-Type": f"{_MEDIA_TYPE};charset=utf-8"}
_encode = msgspec.json.Encoder().encode


class Connection(msgspec.Struct, frozen=True):
    """A session that is open: its ``id`` and CSRF ``token``, who it is, and the server's feature versions."""

    id: str
    token: str
    user: str
    features: Mapping[str, int]
    server: str = ""

    def can(self, feature: str, version: int) -> bool:
        """Whether the server has *feature* in at least *version*."""
        return self.features.get(feature, 0) >= version


class IcwsClient:
    """
    The connection of one actor.

    A request that finds its session expired is answered with 401, which means that nothing was done: the session is opened anew where that
    is allowed, ``renewed`` puts back what hung on it, and the request goes out once more.
    """

    def __init__(self, context: SessionContext, options: IcwsOptions, *, language: str = "en-us") -> None:
        self._context = context
        self._options = options
        self._language = language
        self._root = context.target.url.rstrip("/").removesuffix("/icws")
        self._http: HttpClient = context.client(self._root)
        self._patience = Patience(context.clock, context.log)
        self._connection: Connection | None = None
        self.renewed: Callable[[], Awaitable[None]] | None = None
        self._sign_in: SignIn | None = None
        # the ids of the sessions before this one, which still stand in addresses that the server gave
        self._past: list[str] = []
        # an interaction's id → the one under which it goes on
        self.moved: dict[str, str] = {}
        self._renewing = False
        self._logging_in = asyncio.Lock()

    @property
    def connection(self) -> Connection:
        """
        The open session.

        Raises: ``Refused`` – nobody is logged in.
        """
        if self._connection is None:
            raise Refused("unauthenticated", http=0, text="nobody is logged in to ICWS here; put `login` first")
        return self._connection

    @property
    def http(self) -> HttpClient:
        """The client below, for addresses that are not the server's (a simulator's control API)."""
        return self._http

    @property
    def connected(self) -> bool:
        """Whether somebody is logged in."""
        return self._connection is not None

    # ── login ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def login(self, sign_in: SignIn) -> tuple[Connection, Exchange]:
        """
        Log in; a server that takes nobody now (503) names others, and each is asked once, at once, up to ``hops`` of them.

        Raises: ``Refused`` – unauthenticated (wrong user, password or token), unavailable (no server takes logins), …
        """
        opened = await self._open(sign_in)
        self._sign_in = sign_in
        return opened

    async def login_with_token(self, *, end_first: bool) -> tuple[Connection, Exchange]:
        """
        Ask the open session for a one-time token, and open another session with it in its place; *end_first*: the server ends the first.

        Should the new session expire, it is opened anew as the first one was. Raises: ``Refused`` – as :meth:`login`.
        """
        first = self.connection
        seed = str(uuid5(NAMESPACE_URL, f"icws:{first.id}"))
        token = str(decoded(await self.call("POST", "connection/unique-auth-token", {"authTokenSeed": seed})).get("authToken", ""))
        self._context.learn("one-time token", token)
        opened = await self._open(with_one_time_token(first.user, seed=seed, token=token, session=first.id, end_source=end_first))
        self._past.append(first.id)
        return opened

    async def _open(self, sign_in: SignIn) -> tuple[Connection, Exchange]:
        body = {**sign_in.body, "applicationName": self._options.application}
        tried = [_host(self._root)]
        while True:
            answer = await self._http.request(
                "POST",
                f"{self._root}/icws/connection?include=features,version",
                headers=_JSON | {"Accept-Language": self._language},
                body=_encode(body),
            )
            if answer.http != 503:
                break
            other = next((h for h in map(self._on_our_port, alternates(answer)) if h not in tried), None)
            if other is None or len(tried) >= self._options.hops:
                break
            tried.append(other)
            await self._move_to(other)
        self._connection = self._connected(_good(answer), sign_in.user)
        return self._connection, answer

    def _on_our_port(self, host: str) -> str:
        """A host that the server names, with the port in use unless it names one of its own."""
        port = urlsplit(self._root).port
        return host if ":" in host or port is None else f"{host}:{port}"

    async def _move_to(self, host: str) -> None:
        """The same address on another host: scheme and path stay."""
        self._root = urlunsplit(urlsplit(self._root)._replace(netloc=host))
        self._context.log(f"the server takes no logins; trying {host}")
        await self._http.close()
        self._http = self._context.client(self._root)

    def _connected(self, answer: Exchange, user: str) -> Connection:
        data = decoded(answer)
        id = answer.header("ININ-ICWS-Session-ID") or str(data.get("sessionId", ""))
        token = answer.header("ININ-ICWS-CSRF-Token") or str(data.get("csrfToken", ""))
        if not id or not token:
            raise WireError("the login answer has no session id or no token", code="E722", hint="check that `url` is an ICWS server")
        self._context.learn("session id", id)
        self._context.learn("csrf token", token)
        for name, value in self._http.cookies(f"{self._root}/icws/{id}/connection").items():
            self._context.learn(f"cookie {name}", value)
            self._context.learn(f"cookie {name}", value.partition("|")[0])
        features = {str(f["featureId"]).lower(): int(f["version"]) for f in data.get("features") or []}
        return Connection(id, token, str(data.get("userID") or user), features, str(data.get("icServer") or ""))

    async def logout(self) -> Exchange:
        """End the session on the server."""
        try:
            return await self.call("DELETE", "connection")
        finally:
            self._connection = None

    # ── requests of a session ────────────────────────────────────────────────────────────────────────────────────────────────

    async def call(self, method: str, resource: str, body: object = None, *, observed: bool = True) -> Exchange:
        """
        One request below ``/icws/{session}/``.

        Raises: ``Refused`` – the server said no; ``AnswerLost`` – nobody knows whether it was done.
        """
        content = None if body is None else _encode(body)
        kind = _JSON["Content-Type"]
        return _good(await self._kept(lambda: self._session_request(method, self._url(resource), content, kind, observed=observed)))

    async def transfer(self, method: str, uri: str, content: bytes | None = None, media_type: str = "") -> Exchange:
        """Bytes from or to an address that the server gave: relative to the server, or absolute on the same one."""
        url = uri if "://" in uri else urlunsplit(urlsplit(self._root)._replace(path="", query="")) + uri
        if _origin(url) != _origin(self._root):
            raise WireError(f"the server points to another server, {_host(url)}; the session's cookie does not go there", code="E721")
        return _good(await self._kept(lambda: self._session_request(method, self._now(url), content, media_type)))

    async def open_call(self, resource: str) -> Exchange:
        """A GET below ``/icws/`` that needs no session."""
        return _good(await self._read(f"{self._root}/icws/{resource}"))

    async def messages(self) -> list[dict[str, Any]]:
        """What waits on the message queue; it waits no more."""
        found = _json(_good(await self._kept(lambda: self._read(self._url("messaging/messages"), observed=False))))
        return found if isinstance(found, list) else []

    def message_stream(self) -> AbstractAsyncContextManager[ResponseStream]:
        """The message queue as server-sent events; the vendor's own library sends no CSRF header here."""
        return self._http.stream("GET", self._url("messaging/messages"), headers={"Accept": "text/event-stream"})

    async def renew(self, expired: Connection) -> bool:
        """
        Open a session in place of the *expired* one; gives False when that is not allowed.

        Raises: what the login meets.
        """
        if self._renewing and expired is self._connection:
            return False  # what is being put back has expired as well
        async with self._logging_in:
            if expired is not self._connection:
                return self._connection is not None
            if self._sign_in is None or not self._options.login_again or not self._context.may_log_in_again():
                return False
            self._past.append(expired.id)
            await self.login(self._sign_in)
            self._renewing = True
            try:
                if self.renewed is not None:
                    await self.renewed()
            finally:
                self._renewing = False
            return True

    async def _kept(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        """What *send* brings; once more when its session had expired and there is a new one."""
        used = self.connection
        answer = await send()
        return await send() if answer.http == 401 and await self.renew(used) else answer

    def _now(self, url: str) -> str:
        """An address that the server gave to an earlier session, as one of this session."""
        for past in self._past:
            url = url.replace(f"/icws/{past}/", f"/icws/{self.connection.id}/")
        return url

    async def _read(self, url: str, *, observed: bool = True) -> Exchange:
        """A GET without the session's token, as the vendor's own library sends it; asked again when the server says how long to wait."""

        async def send() -> Exchange:
            return await self._http.request("GET", url, headers={"Accept": _MEDIA_TYPE}, observed=observed)

        answer = await send()
        return answer if answer.http != 429 else await self._patience.again(answer, send)

    def _url(self, resource: str) -> str:
        return f"{self._root}/icws/{self.connection.id}/{self._moved_to(resource)}"

    def _moved_to(self, resource: str) -> str:
        """*resource*, of the interaction that goes on under another id."""
        path, mark, query = resource.partition("?")
        return "/".join(self.latest(part) for part in path.split("/")) + mark + query if self.moved else resource

    def latest(self, id: str) -> str:
        """The id under which an interaction goes on that had *id*."""
        while id in self.moved:
            id = self.moved[id]
        return id

    async def _session_request(self, method: str, url: str, content: bytes | None, media_type: str, *, observed: bool = True) -> Exchange:
        headers = {"Accept": _MEDIA_TYPE, "ININ-ICWS-CSRF-Token": self.connection.token}
        if content is not None:
            headers["Content-Type"] = media_type
        answer = await self._http.request(method, url, headers=headers, body=content, observed=observed)
        if answer.http != 429:
            return answer
        return await self._patience.again(answer, lambda: self._http.request(method, url, headers=headers, body=content, observed=observed))

    async def close(self) -> None:
        """Let go of the connection, without a word to the server."""
        self._connection = None
        await self._http.close()


def _good(answer: Exchange) -> Exchange:
    """The answer, if it says yes."""
    if 300 <= answer.http < 400:
        where = _host(answer.header("Location"))
        raise WireError(
            f"the server redirects to {where or 'another address'}; not followed, the session's token would go there", code="E723"
        )
    if answer.http >= 400:
        raise refusal(answer)
    return answer


def decoded(answer: Exchange) -> dict[str, Any]:
    """
    The object that *answer* holds; an empty body is an empty object.

    Raises: ``WireError`` – it is not JSON, or not an object.
    """
    found = _json(answer)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _unreadable(answer)
    return found


def _json(answer: Exchange) -> Any:
    try:
        return answer.json()
    except ValueError as exc:
        raise _unreadable(answer) from exc


def _unreadable(answer: Exchange) -> WireError:
    shown = " ".join(answer.text[:120].split())
    sent = answer.method != "GET"
    return WireError(f"the answer (HTTP {answer.http}) is not the JSON that was expected: {shown!r}", code="E720", maybe_sent=sent)


def _host(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or ""


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
