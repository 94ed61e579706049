"""
The paths of GWS and what each answers; thin, for the rules stand in their own modules.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from msgspec import Struct

from runner.simulation.bayeux import BayeuxServer
from runner.vendors.gws.simulator import attachments, operations
from runner.vendors.gws.simulator.center import Center
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.dialect import Dialect
from runner.vendors.gws.simulator.errors import FORBIDDEN, Refusal, json_answer, text_of
from runner.vendors.gws.simulator.gate import Caller, Gate, fields_of, handshake_denied
from runner.vendors.gws.simulator.interactions import Interaction
from runner.vendors.gws.simulator.notifier import Notifier
from runner.vendors.gws.simulator.sessions import HttpSession
from runner.vendors.gws.simulator.settings import GwsSettings
from runner.vendors.gws.simulator.user import user_told

__all__ = ["Parts", "Paths"]

# What each dialect is the interface of.
_VERSIONS = {"interactions": "8.5.1", "emails": "8.5.2"}
_CHANNELS = "/v2/me/channels"


class Parts(Struct, frozen=True):
    """What the paths work with. ``end_session`` ends one HTTP session and its CometD session."""

    base_path: str
    settings: GwsSettings
    dialect: Dialect
    center: Center
    desk: Desk
    notifier: Notifier
    bayeux: BayeuxServer
    end_session: Callable[[HttpSession], None]


class Paths:
    """Every path of one simulator."""

    def __init__(self, parts: Parts, gate: Gate) -> None:
        self._parts = parts
        self._gate = gate

    def add(self, app: web.Application) -> None:
        """Add them; with and without a slash at the end."""
        base, mine = self._parts.base_path, f"/me/{self._parts.dialect.collection}"
        read, write = self._gate.opened, self._gate.opened
        for method, path, handler in (
            ("GET", "/me", read(self._me, role=False)),
            ("POST", "/me", write(self._contact_center)),
            ("GET", "/me/channels", read(self._channels)),
            ("POST", "/me/channels/{channel}", write(self._channel, operation=True)),
            ("GET", "/settings/agent-states", read(self._states)),
            ("GET", "/services", read(self._services)),
            ("POST", "/me/workbins/{workbin}", write(self._workbin)),
            ("GET", mine, read(self._list_mine)),
            ("POST", mine, write(self._create, operation=True)),
            ("POST", mine + "/{id}", write(self._operate, operation=True)),
            ("POST", mine + "/{id}/attachments", write(self._attach)),
            ("GET", mine + "/{id}/attachments/{document}", read(self._fetch)),
            ("DELETE", mine + "/{id}/attachments/{document}", write(self._detach)),
            ("GET", f"/{self._parts.dialect.collection}", read(self._list_all)),
            ("GET", f"/{self._parts.dialect.collection}" + "/{id}", read(self._one)),
            ("PUT", f"/{self._parts.dialect.collection}" + "/{id}", write(self._put)),
        ):
            app.router.add_route(method, base + path, handler)
            app.router.add_route(method, base + path + "/", handler)
        app.router.add_get(base + "/diagnostics/version", self._version)
        if self._parts.dialect.collection == "emails":
            app.router.add_get(base + "/emails/{id}/attachments/{document}", read(self._fetch))
        if self._parts.settings.single_of_mine:
            app.router.add_get(base + mine + "/{id}", read(self._one_mine))
            app.router.add_get(base + mine + "/{id}/", read(self._one_mine))
        refused = handshake_denied if self._parts.settings.cometd_refusal == "bayeux" else None
        cometd = self._gate.opened(self._cometd, role=False, token=self._parts.settings.csrf_on_cometd, refused=refused)
        for method in ("GET", "POST"):
            app.router.add_route(method, base + "/notifications{rest:(?:/.*)?}", cometd)

    # ── the user and the contact centre ──────────────────────────────────────────────────────────────────────────────────────

    async def _version(self, request: web.Request) -> web.Response:
        """Open to everybody: it is how one sees that the server runs."""
        return json_answer({"statusCode": 0, "version": _VERSIONS[self._parts.dialect.collection]})

    async def _me(self, request: web.Request, caller: Caller) -> web.Response:
        told = user_told(self._parts.desk, caller.agent, request.query.get("subresources", ""))
        return json_answer({"statusCode": 0, "user": told})

    async def _contact_center(self, request: web.Request, caller: Caller) -> web.Response:
        fields = await fields_of(request)
        name = text_of(fields, "operationName", needed=True)
        if name == "StartContactCenterSession":
            took_mail = caller.agent.takes_mail
            told = self._parts.center.start(caller.agent, fields)
            (self._tell_channels if took_mail else self._after_state)(caller)
            return json_answer(told)
        if name == "EndContactCenterSession":
            self._parts.center.leave(caller.agent)
            self._parts.desk.router.release(caller.agent)
            self._parts.end_session(caller.session)
            return json_answer({"statusCode": 0})
        self._parts.center.set_state(caller.agent, name, None)
        self._after_state(caller)
        return json_answer({"statusCode": 0})

    async def _channels(self, request: web.Request, caller: Caller) -> web.Response:
        told = {"channels": [c.told(self._parts.settings) for c in caller.agent.channels.values()]}
        return json_answer({"statusCode": 0, **(told if self._parts.settings.channels_in == "answer" else {"user": told})})

    async def _channel(self, request: web.Request, caller: Caller) -> web.Response:
        fields = await fields_of(request)
        name = text_of(fields, "operationName", needed=True)
        self._parts.center.set_state(caller.agent, name, request.match_info["channel"])
        self._after_state(caller)
        return json_answer({"status": "ok"} if self._parts.dialect.collection == "interactions" else {"statusCode": 0})

    async def _states(self, request: web.Request, caller: Caller) -> web.Response:
        return json_answer({"statusCode": 0, "settings": self._parts.center.states()})

    async def _services(self, request: web.Request, caller: Caller) -> web.Response:
        state = "Active" if self._parts.desk.backend_up else "Inactive"
        return json_answer({"statusCode": 0, "services": [{"id": "media", "name": "Media", "type": "Media", "state": state}]})

    def _after_state(self, caller: Caller) -> None:
        self._tell_channels(caller)
        if caller.agent.takes_mail:
            self._parts.desk.router.became_ready(caller.agent)

    def _tell_workbin(self, caller: Caller, workbin: str, id: str) -> None:
        """The page promises a message whose action is ItemAdded, and the reference of the answer."""
        told = {
            "messageType": "WorkbinContentMessage",
            "action": "ItemAdded",
            "referenceId": self._parts.desk.reference,
            "workbin": {"id": workbin, "name": self._parts.settings.workbins[workbin]},
            "id": id,
        }
        self._parts.notifier.tell(caller.agent.person.user, self._parts.settings.workbin_topic, told)

    def _tell_channels(self, caller: Caller) -> None:
        channels = [c.told(self._parts.settings) for c in caller.agent.channels.values()]
        self._parts.notifier.tell(caller.agent.person.user, _CHANNELS, {"messageType": "ChannelStateChangeMessageV2", "channels": channels})

    # ── interactions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _list_mine(self, request: web.Request, caller: Caller) -> web.Response:
        return self._listed(request, self._parts.desk.interactions.of(caller.agent.person.user))

    async def _list_all(self, request: web.Request, caller: Caller) -> web.Response:
        return self._listed(request, self._parts.desk.interactions.active())

    async def _one_mine(self, request: web.Request, caller: Caller) -> web.Response:
        return self._shown(self._parts.desk.interactions.held_by(caller.agent.person.user, request.match_info["id"]))

    async def _one(self, request: web.Request, caller: Caller) -> web.Response:
        return self._shown(self._parts.desk.interactions.find(request.match_info["id"]))

    async def _put(self, request: web.Request, caller: Caller) -> web.Response:
        await request.read()
        self._parts.desk.interactions.find(request.match_info["id"])
        raise Refusal(FORBIDDEN, "Operation is not supported: PUT", cause="not_updatable")

    async def _create(self, request: web.Request, caller: Caller) -> web.Response:
        told = operations.create(self._parts.desk, caller.agent, await fields_of(request))
        await self._parts.notifier.before_answer()
        return json_answer(told)

    async def _operate(self, request: web.Request, caller: Caller) -> web.Response:
        told = operations.perform(self._parts.desk, caller.agent, request.match_info["id"], await fields_of(request))
        await self._parts.notifier.before_answer()
        return json_answer(told)

    async def _workbin(self, request: web.Request, caller: Caller) -> web.Response:
        """The later way to park: ``AddEmail`` with the interaction's id."""
        fields = await fields_of(request)
        workbin = self._parts.desk.workbin(request.match_info["workbin"])
        if text_of(fields, "operationName", needed=True) != "AddEmail":
            raise Refusal(FORBIDDEN, f"Operation is not supported: {fields['operationName']}", cause="unknown_operation")
        id = text_of(fields, "id", needed=True)
        operations.park(self._parts.desk, caller.agent, id, workbin)
        self._tell_workbin(caller, workbin, id)
        return json_answer({"statusCode": 0, "referenceId": self._parts.desk.reference})

    async def _attach(self, request: web.Request, caller: Caller) -> web.Response:
        return await attachments.add(self._parts.desk, caller.agent, request.match_info["id"], request)

    async def _fetch(self, request: web.Request, caller: Caller) -> web.Response:
        return attachments.fetch(self._parts.desk, caller.agent, request.match_info["id"], request.match_info["document"])

    async def _detach(self, request: web.Request, caller: Caller) -> web.Response:
        return attachments.remove(self._parts.desk, caller.agent, request.match_info["id"], request.match_info["document"])

    async def _cometd(self, request: web.Request, caller: Caller) -> web.Response:
        return await self._parts.bayeux.handle(request, user_key=caller.session.id)

    def _listed(self, request: web.Request, found: list[Interaction]) -> web.Response:
        name = self._parts.dialect.collection
        if request.query.get("fields"):
            return json_answer({"statusCode": 0, name: [self._parts.dialect.told(i, i.state) for i in found]})
        return json_answer({"statusCode": 0, "uris": [f"{request.url.origin()}{self._parts.base_path}/{name}/{i.id}" for i in found]})

    def _shown(self, interaction: Interaction) -> web.Response:
        name = self._parts.dialect.collection.removesuffix("s")
        return json_answer({"statusCode": 0, name: self._parts.dialect.told(interaction, interaction.state)})
