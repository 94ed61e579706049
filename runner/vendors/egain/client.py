"""
The eGain v12 interaction API as calls: sessions, documents in JSON or XML, refusals, places.

Made once a session; the steps call it. Every path is relative to the target's URL, which ends with the context root (``/system``);
``Location`` and ``contentUrl`` come back relative to the host and are resolved against the origin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import quote, urlsplit

from msgspec import Struct

from runner.clock import Clock
from runner.errors import WireError
from runner.transport.base import HttpClient
from runner.transport.exchange import Exchange
from runner.transport.patience import Patience
from runner.vendors.egain.answers import Answer, read
from runner.vendors.egain.multipart import FilePart, build
from runner.vendors.egain.place import Options
from runner.vendors.egain.refusals import refusal
from runner.vendors.egain.representation import JSON, XML, Tree, to_json, to_xml

__all__ = ["EgainClient", "Login"]

_V12 = "v12"
SESSION = "X-egain-session"
CSRF = "X-egain-csrf"
_PAGE = 75

Query = Mapping[str, str]


class Login(Struct, frozen=True):
    """What a session was opened with, to open it once more after it expired."""

    user: str
    password: str


class EgainClient:
    """One session with an eGain server. ``server_date`` is the ``Date`` header that came last: the server's own time."""

    def __init__(
        self,
        http: HttpClient,
        options: Options,
        *,
        clock: Clock,
        learn: Callable[[str, str], None],
        log: Callable[[str], None],
        may_log_in_again: Callable[[], bool],
    ) -> None:
        self.http = http
        self.options = options
        self.session_id = ""
        self.server_date = ""
        self._csrf = ""
        self._learn = learn
        self._may_log_in_again = may_log_in_again
        self._patience = Patience(clock, log)
        self._login: Login | None = None
        self._logging_in = asyncio.Lock()

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def login(self, login: Login, *, force: bool) -> str:
        """
        Open a session and give its id.

        Raises: ``Refused`` – unauthenticated (wrong user or password), forbidden (five sessions are open, or the user is disabled).
        """
        root, tree = "login", {"userName": login.user, "password": login.password}
        query = {"forceLogin": "yes"} if force else {}
        exchange = await self._exchange("POST", f"/ws/{_V12}/authentication/user/login", query, *self._body(root, tree), session="")
        self._check(exchange)
        session_id = exchange.header(SESSION)
        if not session_id:
            raise WireError(f"eGain let {login.user} in but gave no {SESSION} header", code="E711")
        self._learn("egain session", session_id)
        if self.options.session_as == "cookie":
            self._csrf = self._given_csrf(exchange)
        self.session_id = session_id
        self._login = login
        return session_id

    def _given_csrf(self, exchange: Exchange) -> str:
        csrf = exchange.header(CSRF)
        if not csrf or SESSION not in self.http.cookies():
            raise WireError(f"eGain gave no cookie {SESSION} with {CSRF}; `session_as: cookie` needs both", code="E711")
        self._learn("egain csrf", csrf)
        return csrf

    async def logout(self) -> None:
        """End the session at the server; afterwards there is none, whatever the server said."""
        path = f"/ws/{_V12}/authentication/user/logout"
        try:
            exchange = await self._kept(lambda: self._exchange("DELETE", path, {}, "", None, session=self.session_id))
        finally:
            self.session_id, self._login = "", None
        self._check(exchange)
        read(exchange)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def get(self, path: str, query: Query | None = None) -> Answer:
        """Read; an empty answer (204) is an empty document."""
        return await self.call("GET", path, query)

    async def put(self, path: str, root: str, tree: Tree, query: Query | None = None, *, version: str = _V12) -> Answer:
        """Change or act; *root* is the document's name in XML."""
        return await self.call("PUT", path, query, *self._body(root, tree), version=version)

    async def post(self, path: str, root: str, tree: Tree, query: Query | None = None, *, version: str = _V12) -> Answer:
        """Create, or ask with a document."""
        return await self.call("POST", path, query, *self._body(root, tree), version=version)

    async def post_activity(
        self, path: str, tree: Tree, *, format: str, files: Iterable[FilePart] = (), query: Query | None = None
    ) -> Answer:
        """
        Create an activity in a format of its own: ``json``, ``xml``, or ``multipart`` with *files* as its parts.

        Raises: ``AnswerLost`` – the activity may exist, and its mail may have left; the request is not sent again.
        """
        if format == "multipart":
            data_type, data = self._body("activity", tree)
            kind, body = build(data, data_type, files)
        else:
            kind, body = (XML, to_xml("activity", tree)) if format == "xml" else (JSON, to_json(tree))
        return await self.call("POST", path, query, kind, body)

    async def call(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        kind: str = "",
        body: bytes | None = None,
        *,
        version: str = _V12,
        accept: str = "",
    ) -> Answer:
        """
        One call with the session; *path* is below the API's *version*, which newer operations have of their own.

        Raises: ``Refused`` – any status from 400 on; ``WireError`` – a redirect, or an answer that is none of eGain's.
        """
        url = f"/ws/{version}{path}"
        exchange = await self._kept(lambda: self._exchange(method, url, query or {}, kind, body, session=self.session_id, accept=accept))
        self._check(exchange)
        return read(exchange)

    async def fetch(self, place: str) -> Exchange:
        """
        The bytes behind a ``contentUrl``, which may be fetched once.

        Raises: ``WireError`` – it points to another host, where the session must not go.
        """
        url = self.resolve(place)
        exchange = await self._kept(lambda: self._exchange("GET", url, {}, "", None, session=self.session_id, accept="*/*"))
        self._check(exchange)
        return exchange

    def resolve(self, place: str) -> str:
        """A host-relative *place* as a URL of this server's origin."""
        home = urlsplit(self.http.base_url)
        wanted = urlsplit(place)
        if wanted.netloc and (wanted.scheme, wanted.netloc) != (home.scheme, home.netloc):
            raise WireError(f"eGain points to another host, {wanted.netloc}; nothing was sent there", code="E712")
        path = wanted.path if wanted.path.startswith("/") else f"/{wanted.path}"
        return f"{home.scheme}://{home.netloc}{path}" + (f"?{wanted.query}" if wanted.query else "")

    async def users(self, department: str) -> list[Tree]:
        """Every user of a department, page by page."""
        found: list[Tree] = []
        page = 1
        while True:
            answer = await self.get("/administration/user", {"department": department, "$pagesize": str(_PAGE), "$pagenum": str(page)})
            users = answer.listed("user")
            found += users
            if len(users) < _PAGE or users[0] in found[: -len(users)]:  # the last page, or a server that knows one alone
                return found
            page += 1

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _body(self, root: str, tree: Tree) -> tuple[str, bytes]:
        if self.options.format == "xml":
            return XML, to_xml(root, tree)
        return JSON, to_json(tree)

    async def _exchange(
        self, method: str, path: str, query: Query, kind: str, body: bytes | None, *, session: str, accept: str = ""
    ) -> Exchange:
        headers = {"Accept": accept or (XML if self.options.format == "xml" else JSON)}
        if session:
            headers |= {CSRF: self._csrf} if self.options.session_as == "cookie" else {SESSION: session}
        if kind:
            headers["Content-Type"] = kind
        if self.options.language:
            headers["Accept-Language"] = self.options.language
        url = path + _written(query)
        exchange = await self.http.request(method, url, headers=headers, body=body)
        if exchange.http == 429:
            exchange = await self._patience.again(exchange, lambda: self.http.request(method, url, headers=headers, body=body))
        self.server_date = exchange.header("Date", self.server_date)
        return exchange

    async def _kept(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        """What *send* brings; once more when the session it went with had expired and there is a new one."""
        used = self.session_id
        exchange = await send()
        return await send() if exchange.http == 401 and await self._logged_in_again(used) else exchange

    async def _logged_in_again(self, expired: str) -> bool:
        """Whether there is a new session in place of the *expired* one. A 401 says that nothing was done, so repeating is safe."""
        async with self._logging_in:
            if self._login is None:
                return False
            if self.session_id == expired:
                if not self.options.login_again or not self._may_log_in_again():
                    return False
                await self.login(self._login, force=True)
            return True

    @staticmethod
    def _check(exchange: Exchange) -> None:
        if exchange.http >= 400:
            raise refusal(exchange)
        if exchange.http >= 300:
            where = urlsplit(exchange.header("Location")).netloc or "another place"
            raise WireError(f"redirected to {where}; not followed, because the session would go there", code="E713")


def _written(query: Query) -> str:
    """A query string; ``$``, brackets and commas stay as they are, as in every published example."""
    pairs = "&".join(f"{quote(k, safe='$.')}={quote(v, safe='[],:.@{}')}" for k, v in query.items())
    return f"?{pairs}" if pairs else ""
