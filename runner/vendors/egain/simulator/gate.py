"""
How a request becomes an answer, in the format and language that was wanted.

Path and verb come first; then session, language, media types and query in the order that is set; then the body, and the operation's own
rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import format_datetime
from http.cookies import CookieError, SimpleCookie

from msgspec import Struct, field

from runner.vendors.egain.representation import JSON, XML, BadDocument, Tree, from_json, from_xml, to_json, to_xml
from runner.vendors.egain.simulator.call import Answer, Call, Incoming, Outgoing
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.errors import WsError
from runner.vendors.egain.simulator.lenient import straightened
from runner.vendors.egain.simulator.multipart import Part, read_form
from runner.vendors.egain.simulator.negotiation import MULTIPART, answer_format, body_format, language_for
from runner.vendors.egain.simulator.operations import Operation, find
from runner.vendors.egain.simulator.people import CSRF, SESSION
from runner.vendors.egain.simulator.phrases import phrase
from runner.vendors.egain.simulator.query import checked
from runner.vendors.egain.simulator.sessions import LiveSession

__all__ = ["Gate"]

# Of a status that a fault asks for: the number behind it, and what is wrong.
_NUMBERS = {429: "001", 401: "101"}
_MESSAGES = {429: "Too many requests.", 503: "The server is not available now."}


class _Entry(Struct):
    """What the checks found out about a request so far: whose it is, the format of its body, its query."""

    session: LiveSession | None = None
    kind: str = ""
    query: dict[str, str] = field(default_factory=dict)


class Gate:
    """The way in and out of a :class:`Desk`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def answer(self, incoming: Incoming) -> Outgoing:
        """Carry a request out, or refuse it."""
        wanted = self._wanted(incoming)
        operation: Operation | None = None
        entry = _Entry()
        try:
            operation, ids = find(incoming.verb, incoming.path)
            for check in self.desk.settings.check_order:
                _CHECKS[check](self, operation, incoming, entry)
            answer = operation.run(self.desk, self._call(operation, ids, entry, incoming))
        except WsError as error:
            return self._refused(error, operation, entry.session, incoming)
        return self._answered(answer, entry.session, wanted or self._default)

    def failed(self, incoming: Incoming, status: int) -> Outgoing:
        """The answer of a server that fails with a status of its own, whatever was asked."""
        error = WsError(status, _NUMBERS.get(status, "100"), _MESSAGES.get(status, phrase("en", status)))
        try:
            operation = find(incoming.verb, incoming.path)[0]
        except WsError:
            operation = None
        return self._refused(error, operation, None, incoming)

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _default(self) -> str:
        return JSON if self.desk.settings.default_format == "json" else XML

    def _wanted(self, incoming: Incoming) -> str | None:
        """The format that the request wants; None when it wants neither and is to be refused for it."""
        wanted = answer_format(incoming.headers.get("Accept", ""), self._default)
        return self._default if wanted is None and self.desk.settings.other_accept == "default" else wanted

    def _language(self, incoming: Incoming) -> str:
        settings = self.desk.settings
        given = incoming.headers.get("Accept-Language", "")
        return language_for(given, settings.languages, settings.default_language, lists=settings.language_lists)

    def _check_session(self, operation: Operation, incoming: Incoming, entry: _Entry) -> None:
        if not operation.session:
            return
        id = incoming.headers.get(SESSION, "")
        by_cookie = not id and self.desk.settings.console_cookie
        entry.session = self.desk.sessions.find(_cookie(incoming) if by_cookie else id)
        if by_cookie:
            self._check_csrf(incoming, entry.session)

    def _check_csrf(self, incoming: Incoming, session: LiveSession) -> None:
        settings = self.desk.settings
        needed = settings.csrf_on == "all" or incoming.verb != "GET"
        if needed and incoming.headers.get(CSRF, "") != session.csrf:
            raise WsError(settings.missing_csrf_status, "105", f"{CSRF} is missing or wrong; a session in a cookie needs it")

    def _check_language(self, operation: Operation, incoming: Incoming, entry: _Entry) -> None:
        self._language(incoming)

    def _check_content_type(self, operation: Operation, incoming: Incoming, entry: _Entry) -> None:
        if not operation.body:
            return
        refusal = self.desk.settings.other_content_type
        entry.kind = body_format(incoming.headers.get("Content-Type", ""), multipart=operation.multipart, refusal=refusal)
        if incoming.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WsError(refusal, "100", "compressed request bodies are not supported")

    def _check_accept(self, operation: Operation, incoming: Incoming, entry: _Entry) -> None:
        if not operation.plain and self._wanted(incoming) is None:
            raise WsError(406, "101", f"Accept must allow {JSON} or {XML}")

    def _check_query(self, operation: Operation, incoming: Incoming, entry: _Entry) -> None:
        lenient = operation.legacy and self.desk.settings.login_parameters == "ignore"
        given = [pair for pair in incoming.query if pair[0] in operation.query] if lenient else incoming.query
        entry.query = checked(given, operation.query)

    def _call(self, operation: Operation, ids: dict[str, str], entry: _Entry, incoming: Incoming) -> Call:
        if not operation.body:
            return Call(ids, entry.query, live=entry.session, incoming=incoming)
        root, tree, form = self._document(entry.kind, incoming.headers.get("Content-Type", ""), incoming.body)
        return Call(ids, entry.query, tree, root, form, entry.session, incoming, self.answer)

    def _document(self, kind: str, content_type: str, body: bytes) -> tuple[str, Tree, tuple[Part, ...] | None]:
        """The body's XML root ("" for JSON), its tree, and the attachments of a form."""
        if not body.strip():
            raise WsError(400, "264", "the request body is mandatory")
        settings = self.desk.settings
        if kind == MULTIPART:
            form = read_form(content_type, body, settings)
            root, tree, _ = self._document(form.data_type, "", form.data)
            return root, tree, form.files
        try:
            if kind == XML:
                root, tree = from_xml(body, strict=settings.strict_namespaces)
                return root, tree, None
            return "", from_json(straightened(body) if settings.lenient_json else body), None
        except BadDocument as exc:
            raise WsError(400, "264", f"the request body cannot be read: {exc}") from exc

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _answered(self, answer: Answer, session: LiveSession | None, kind: str) -> Outgoing:
        kind = answer.type or kind
        headers = self._headers(session.id if session is not None else "") | {"Content-Type": kind} | answer.headers
        tree = answer.tree
        if tree is not None and kind == XML and not self.desk.settings.xml_pagination:
            tree = {name: value for name, value in tree.items() if name != "paginationInfo"}
        body = answer.raw if answer.raw is not None else _written(kind, answer.root, tree)
        return Outgoing(answer.http, headers, body)

    def _refused(self, error: WsError, operation: Operation | None, session: LiveSession | None, incoming: Incoming) -> Outgoing:
        settings, kind = self.desk.settings, self._wanted(incoming) or self._default
        echoed = session.id if session is not None else ""
        if error.http == 401:
            echoed = incoming.headers.get(SESSION, "") if settings.session_header_on_401 else ""
        headers = self._headers(echoed) | {"Content-Type": kind} | error.headers
        if operation is not None and operation.legacy and settings.login_errors == "older":
            return Outgoing(error.http, headers, _written(kind, "Error", {"message": error.message}))
        tree = error.tree(
            language=self._language_of_errors(incoming),
            user_message=incoming.headers.get("X-egain-error-message", "").lower() == "yes",
            details=settings.error_details,
            numbers=settings.error_numbers,
        )
        return Outgoing(error.http, headers, _written(kind, "error", tree))

    def _language_of_errors(self, incoming: Incoming) -> str:
        try:
            return self._language(incoming)
        except WsError:
            return self.desk.settings.default_language

    def _headers(self, session: str) -> dict[str, str]:
        """The server's time, which clients compare with dates in documents, and the session's id."""
        date = {"Date": format_datetime(self.desk.now(), usegmt=True)}
        return date | {SESSION: session} if session else date


def _cookie(incoming: Incoming) -> str:
    """The session id in the request's cookies, "" for none."""
    try:
        found = SimpleCookie(incoming.headers.get("Cookie", "")).get(SESSION)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _written(kind: str, root: str, tree: Tree | None) -> bytes:
    if tree is None:
        return b""
    return to_json(tree) if kind == JSON else to_xml(root, tree)


# the setting's words → the checks
_CHECKS: Mapping[str, Callable[[Gate, Operation, Incoming, _Entry], None]] = {
    "session": Gate._check_session,  # noqa: SLF001 - the table of this module
    "language": Gate._check_language,  # noqa: SLF001
    "content_type": Gate._check_content_type,  # noqa: SLF001
    "accept": Gate._check_accept,  # noqa: SLF001
    "query": Gate._check_query,  # noqa: SLF001
}
