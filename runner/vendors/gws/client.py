"""
GWS over HTTP: signing in, the cookie and the CSRF token, and one renewal when the server has forgotten us.

Sources: pages "Cross-Site Request Forgery protection", StartContactCenterSession, "Interactions On E-mail Channel", "Attachments API".
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from runner.clock import Clock
from runner.errors import WireError
from runner.transport.base import HttpClient
from runner.transport.exchange import Exchange
from runner.transport.patience import Patience
from runner.vendors.gws.multipart import encode_file
from runner.vendors.gws.refusals import is_unauthenticated, judge, judge_bytes, said_yes

__all__ = ["GwsClient"]

_encode = msgspec.json.Encoder().encode
_ME = "/me?subresources=*"
_JSON = "application/json; charset=utf-8"
_TOKEN_NAME = "X-CSRF-HEADER"  # noqa: S105 - the name of a header


class GwsClient:
    """
    One HTTP session with GWS.

    ``renewed``, when set, is called after a lost session was opened anew, and puts back what hung on it. Whether a session is opened anew,
    ``may_log_in_again`` says; else the refusal stands.
    """

    def __init__(
        self,
        http: HttpClient,
        collection: str,
        *,
        clock: Clock,
        learn: Callable[[str, str], None],
        log: Callable[[str], None],
        may_log_in_again: Callable[[], bool],
    ) -> None:
        self.http = http
        self.signed_in = False
        self.renewed: Callable[[], Awaitable[None]] | None = None
        self._mine = f"/me/{collection}"
        self._all = f"/{collection}"
        self._learn = learn
        self._may_log_in_again = may_log_in_again
        self._patience = Patience(clock, log)
        self._basic = ""
        self._token: dict[str, str] = {}
        # which session of this actor it is; grows with each login
        self._session = 0
        self._renewing = False
        self._logging_in = asyncio.Lock()

    async def sign_in(self, user: str, password: str) -> dict[str, Any]:
        """
        ``GET /me`` with Basic credentials; gives the user.

        Raises: ``Refused`` – unauthenticated: wrong user or password.
        """
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._learn("password pair", pair)
        self._basic = f"Basic {pair}"
        found = await self._open()
        self._session += 1
        self.signed_in = True
        return _user(found)

    def forget(self) -> None:
        """The session is over, on this side too."""
        self.signed_in = False
        self._token = {}
        self.http.clear_cookies()

    def token(self) -> Mapping[str, str]:
        """The header that writing needs now; empty when the server asks for none."""
        return self._token

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def get(self, path: str, *, renew: bool = True) -> dict[str, Any]:
        """Read a resource; raises ``Refused``. Without *renew* a session that has expired stays so."""
        return judge(await (self._sent if renew else self._once)("GET", path, None, {}))

    async def post(self, path: str, body: dict[str, object], *, partial: bool = False) -> dict[str, Any]:
        """Write to a resource; raises ``Refused``, and ``AnswerLost`` as it is: nothing is ever sent twice."""
        exchange = await self._sent("POST", path, _encode(body), {"Content-Type": _JSON})
        return said_yes(exchange, judge(exchange, partial=partial))

    async def operate(self, id: str, operation: str, **fields: object) -> dict[str, Any]:
        """An operation on one of the agent's interactions; *fields* that are None are left out."""
        given = {name: value for name, value in fields.items() if value is not None}
        return await self.post(f"{self._mine}/{_part(id)}", {"operationName": operation, **given})

    async def create(self, **fields: object) -> dict[str, Any]:
        """``Create``, on the collection, with the slash at its end that the page prints."""
        return await self.post(f"{self._mine}/", {"operationName": "Create", **fields})

    async def me(self, *, renew: bool = True) -> dict[str, Any]:
        """The user with everything that hangs on them; *renew* as in :meth:`get`."""
        return _user(await self.get(_ME, renew=renew))

    async def mine(self, *, renew: bool = True) -> list[dict[str, Any]]:
        """What the agent handles now."""
        return self._listed(await self.get(f"{self._mine}?fields=*", renew=renew))

    async def everybodys(self) -> list[dict[str, Any]]:
        """What the whole contact centre handles now."""
        return self._listed(await self.get(f"{self._all}?fields=*"))

    async def one(self, id: str, *, renew: bool = True) -> dict[str, Any]:
        """
        Any active interaction of the contact centre; *renew* as in :meth:`get`.

        Raises: ``Refused`` – not_found: there is none, or it is finished. ``WireError`` – the answer is about another, or about none.
        """
        found = await self.get(f"{self._all}/{_part(id)}", renew=renew)
        told = found.get(self._all[1:].removesuffix("s"), found)
        if not isinstance(told, dict) or str(told.get("id")) != id:
            raise WireError(f"GET {self._all}/{id}: the answer tells of no such interaction", code="E704")
        return told

    async def upload(self, id: str, name: str, content: bytes, kind: str) -> str:
        """Attach a file; gives its documentId. A part named ``attachment``, as the page asks."""
        body, content_type = encode_file("attachment", name, content, kind)
        exchange = await self._sent("POST", f"{self._mine}/{_part(id)}/attachments", body, {"Content-Type": content_type})
        document = said_yes(exchange, judge(exchange)).get("documentId")
        if not document:
            raise WireError("the answer to an upload names no documentId", code="E704", maybe_sent=True)
        return str(document)

    async def download(self, id: str, document: str) -> tuple[bytes, str]:
        """The bytes of an attachment and their media type."""
        exchange = await self._sent("GET", f"{self._mine}/{_part(id)}/attachments/{_part(document)}", None, {})
        return judge_bytes(exchange), exchange.header("Content-Type")

    async def remove(self, id: str, document: str) -> None:
        """Remove an attachment."""
        exchange = await self._sent("DELETE", f"{self._mine}/{_part(id)}/attachments/{_part(document)}", None, {})
        said_yes(exchange, judge(exchange))

    def _listed(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        """The list; its absence is not an empty one, for whatever is not in a list counts as gone."""
        found = told.get(self._all[1:])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise WireError(f"GET {self._mine}: the answer has no list of {self._all[1:]}", code="E704")
        return found

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _sent(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Exchange:
        """One request; when the server has forgotten the session, which means that it did nothing, once more in a new one."""
        used = self._session
        exchange = await self._once(method, path, body, headers)
        if is_unauthenticated(exchange) and self.signed_in and await self._renewed_after(used):
            return await self._once(method, path, body, headers)
        return exchange

    async def _renewed_after(self, used: int) -> bool:
        """Whether there is a new session in place of the expired one that was *used*."""
        if self._renewing and used == self._session:
            return False  # what is being put back has expired as well
        async with self._logging_in:
            if used != self._session:
                return True
            if not self._may_log_in_again():
                return False
            await self._open()
            self._session += 1
            self._renewing = True
            try:
                if self.renewed is not None:
                    await self.renewed()
            finally:
                self._renewing = False
            return True

    async def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Exchange:
        own = {"Accept": "application/json", **headers} if "/attachments/" not in path else dict(headers)
        given = {**own, **(self._token if method != "GET" else {})}
        exchange = await self.http.request(method, path, headers=given, body=body)
        if exchange.http == 429:
            exchange = await self._patience.again(exchange, lambda: self.http.request(method, path, headers=given, body=body))
        self._note(exchange)
        return exchange

    async def _open(self) -> dict[str, Any]:
        self.http.clear_cookies()
        self._token = {}
        headers = {"Authorization": self._basic, "Accept": "application/json"}
        exchange = await self.http.request("GET", _ME, headers=headers)
        if exchange.http == 429:
            exchange = await self._patience.again(exchange, lambda: self.http.request("GET", _ME, headers=headers))
        found = judge(exchange)
        self._note(exchange)
        for name, value in self.http.cookies().items():
            self._learn(name, value)
        return found

    def _note(self, exchange: Exchange) -> None:
        """The token's header has the name that ``X-CSRF-HEADER`` says, and lives as long as the session."""
        name = exchange.header(_TOKEN_NAME)
        value = exchange.header(name) if name else ""
        if value and self._token.get(name) != value:
            self._learn("CSRF token", value)
            self._token = {name: value}


def _user(told: dict[str, Any]) -> dict[str, Any]:
    user = told.get("user", told)
    return user if isinstance(user, dict) else {}


def _part(text: str) -> str:
    """A piece of a path; an id from a file may hold anything."""
    return quote(text, safe="")
