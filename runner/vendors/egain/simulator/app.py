"""
The eGain simulator: requests in, operations asked, answers out in the format and language that was wanted.

The order of the checks is the server's: path and verb, session, language, media types, query, body, and then the operation's own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import format_datetime
from urllib.parse import unquote

from aiohttp import web

from runner.simulation.server import Simulator
from runner.simulation.world import Mail, World
from runner.vendors.egain.representation import JSON, XML, BadDocument, Tree, from_json, from_xml, to_json, to_xml
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.errors import WsError
from runner.vendors.egain.simulator.lenient import straightened
from runner.vendors.egain.simulator.multipart import Part, read_form
from runner.vendors.egain.simulator.negotiation import MULTIPART, answer_format, body_format, language_for
from runner.vendors.egain.simulator.operations import Operation, find
from runner.vendors.egain.simulator.organisation import Organisation
from runner.vendors.egain.simulator.people import SESSION
from runner.vendors.egain.simulator.phrases import phrase
from runner.vendors.egain.simulator.query import checked
from runner.vendors.egain.simulator.sessions import LiveSession, Sessions
from runner.vendors.egain.simulator.settings import EgainSettings
from runner.vendors.egain.simulator.views import activity_told

__all__ = ["EgainSimulator"]

_NUMBERS = {500: "100", 503: "100", 429: "001", 401: "101"}


class EgainSimulator(Simulator):
    """A pretend eGain server."""

    vendor = "egain"

    def __init__(self, world: World, settings: EgainSettings | None = None) -> None:
        super().__init__(world)
        self.settings: EgainSettings = settings or EgainSettings()
        self.base_path = f"/{self.settings.context_root}"
        self.desk = self._fresh()

    def _fresh(self) -> Desk:
        organisation = Organisation(self.world, self.settings)
        return Desk(self.world, self.settings, organisation, Sessions(self.world, self.settings))

    # ── what every simulator does ────────────────────────────────────────────────────────────────────────────────────────────────

    def routes(self, app: web.Application) -> None:
        """Everything below the context root; which path does what is a table of its own."""
        app.router.add_route("*", self.base_path + r"{path:(?:/[\s\S]*)?}", self._handle)
        app.on_shutdown.append(self._close)

    async def _close(self, _: web.Application) -> None:
        await self.desk.close()

    async def receive(self, mail: Mail) -> str:
        """A customer's mail becomes an inbound activity in its alias' queue."""
        return str(self.desk.arrive(mail).id)

    def expire_sessions(self) -> int:
        """End every session."""
        return self.desk.sessions.end_all()

    def reset(self) -> bool:
        """Forget everything but people and settings."""
        self.world.outbox.clear()
        self.desk = self._fresh()
        return True

    def described(self) -> Mapping[str, object]:
        """What there is, for the control API; departments and queues too, which no v12 path tells."""
        desk = self.desk
        departments = [
            {"name": d.name, "aliases": [a.address for a in d.aliases], "queues": {q.name: q.id for q in d.queues if q.active}}
            for d in self.settings.departments
        ]
        return {
            "sessions": desk.sessions.told(),
            "departments": departments,
            "activities": [activity_told(desk, a) for a in desk.activities.values()],
            "cases": [{"id": c.id, "status": c.status, "customer": c.customer} for c in desk.cases.values()],
            "customers": [{"id": c.id, "name": c.name(), "addresses": [p.value for p in c.points()]} for c in desk.customers.values()],
        }

    def defaults(self) -> dict[str, object]:
        """Department, sender, queue, and the ids of the queues."""
        home = next(d for d in self.settings.departments if d.name == self.settings.home_department)
        active = [q for q in home.queues if q.active]
        given: dict[str, object] = {"department": home.name, "queues": {q.name: q.id for d in self.settings.departments for q in d.queues}}
        given |= {"from": next(a.address for a in home.aliases if a.active)} if home.aliases else {}
        return given | ({"queue": active[0].name} if active else {})

    def fault_body(self, status: int) -> tuple[bytes, str]:
        """The WSError of a fault, as JSON."""
        error = WsError(status, _NUMBERS.get(status, "100"), phrase("en", status))
        return to_json(error.tree(language="en", user_message=False)), JSON

    # ── a request ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _handle(self, request: web.Request) -> web.Response:
        wanted = answer_format(request.headers.get("Accept", ""))
        operation: Operation | None = None
        session: LiveSession | None = None
        try:
            operation, ids = find(request.method, _path(request))
            session = self._session(operation, request)
            call = await self._call(operation, ids, session, request, wanted)
            answer = operation.run(self.desk, call)
        except WsError as error:
            return self._refused(error, operation, session, request, wanted or XML)
        return self._answered(answer, session, wanted or XML)

    def _session(self, operation: Operation, request: web.Request) -> LiveSession | None:
        return self.desk.sessions.find(request.headers.get(SESSION, "")) if operation.session else None

    async def _call(
        self, operation: Operation, ids: dict[str, str], session: LiveSession | None, request: web.Request, wanted: str | None
    ) -> Call:
        settings = self.settings
        language_for(request.headers.get("Accept-Language", ""), settings.languages, settings.default_language)
        kind = body_format(request.headers.get("Content-Type", ""), multipart=operation.multipart) if operation.body else ""
        if wanted is None and not operation.plain:
            raise WsError(406, "101", f"Accept must allow {JSON} or {XML}")
        query = checked(request.query.items(), operation.query)
        if not operation.body:
            return Call(ids, query, live=session)
        body = await request.read()
        root, tree, form = self._document(kind, request.headers.get("Content-Type", ""), body)
        return Call(ids, query, tree, root, form, session)

    def _document(self, kind: str, content_type: str, body: bytes) -> tuple[str, Tree, tuple[Part, ...] | None]:
        """The body's XML root ("" for JSON), its tree, and the attachments of a form."""
        if not body.strip():
            raise WsError(400, "264", "the request body is mandatory")
        if kind == MULTIPART:
            form = read_form(content_type, body)
            root, tree, _ = self._document(form.data_type, "", form.data)
            return root, tree, form.files
        try:
            if kind == XML:
                root, tree = from_xml(body)
                return root, tree, None
            return "", from_json(straightened(body) if self.settings.lenient_json else body), None
        except BadDocument as exc:
            raise WsError(400, "264", f"the request body cannot be read: {exc}") from exc

    # ── an answer ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _answered(self, answer: Answer, session: LiveSession | None, kind: str) -> web.Response:
        headers = self._headers(session) | {"Content-Type": answer.type or kind} | answer.headers
        if answer.raw is not None:
            return web.Response(status=answer.http, body=answer.raw, headers=headers)
        return web.Response(status=answer.http, body=_written(kind, answer.root, answer.tree), headers=headers)

    def _refused(
        self, error: WsError, operation: Operation | None, session: LiveSession | None, request: web.Request, kind: str
    ) -> web.Response:
        headers = self._headers(session if error.http != 401 else None) | {"Content-Type": kind} | error.headers
        if operation is not None and operation.legacy:
            body = _written(kind, "Error", {"message": error.message})
        else:
            wants_message = request.headers.get("X-egain-error-message", "").lower() == "yes"
            body = _written(kind, "error", error.tree(language=self._language(request), user_message=wants_message))
        return web.Response(status=error.http, body=body, headers=headers)

    def _language(self, request: web.Request) -> str:
        try:
            return language_for(request.headers.get("Accept-Language", ""), self.settings.languages, self.settings.default_language)
        except WsError:
            return self.settings.default_language

    def _headers(self, session: LiveSession | None) -> dict[str, str]:
        """The server's time, which clients compare with dates in documents, and the session's id."""
        date = {"Date": format_datetime(self.desk.now(), usegmt=True)}
        return date | {SESSION: session.id} if session is not None else date


def _path(request: web.Request) -> str:
    """The path below the context root, decoded."""
    return unquote(request.match_info["path"])


def _written(kind: str, root: str, tree: Tree | None) -> bytes:
    if tree is None:
        return b""
    return to_json(tree) if kind == JSON else to_xml(root, tree)
