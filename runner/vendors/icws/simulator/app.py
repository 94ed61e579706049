"""
The ICWS simulator: the vendor's paths on a port, the customer's mail coming in, and a few switches for what only a server can do.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from runner.simulation.server import Simulator
from runner.simulation.world import Attachment, Mail, World
from runner.vendors.icws.simulator.content import attached_mail, parsed_address
from runner.vendors.icws.simulator.dispatch import Dispatch
from runner.vendors.icws.simulator.errors import MEDIA_TYPE, IcwsError, asked_for
from runner.vendors.icws.simulator.interactions import Content, StoredFile, compact
from runner.vendors.icws.simulator.office import Office
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["IcwsSimulator"]


class IcwsSimulator(Simulator):
    """A pretend ICWS server."""

    vendor = "icws"
    settings: IcwsSettings

    def __init__(self, world: World, settings: IcwsSettings | None = None) -> None:
        super().__init__(world)
        self.settings = settings or IcwsSettings()
        self.office = Office(world, self.settings, self.faults)

    def routes(self, app: web.Application) -> None:
        """Everything below ``/icws``, and the switches below ``/_switches``."""
        self._dispatch = Dispatch(self.office)
        app.router.add_route("*", r"/icws/{path:[\s\S]*}", self._answer)
        app.router.add_post("/_switches/{switch}", self._switch)
        app.on_shutdown.append(self._shut_down)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return await self._dispatch(request)

    async def _shut_down(self, _app: web.Application) -> None:
        """Event streams end before the server waits for its connections."""
        self.office.desk.close()
        for session in self.office.sessions:
            self.office.sessions.end(session, grace=False)

    def reset(self) -> bool:
        """Forget sessions, interactions and recordings sent; everything is as if just started."""
        self.expire_sessions()
        self.office.desk.close()
        self.office = Office(self.world, self.settings, self.faults)
        self._dispatch = Dispatch(self.office)
        return True

    def fault_body(self, request: web.Request, status: int) -> tuple[bytes, str] | None:
        """An error as the vendor writes it; a gateway in front of it answers 502 and 504."""
        if status in {502, 504}:
            return None
        return msgspec.json.encode(asked_for(status, self.office.alternates).body), MEDIA_TYPE

    async def receive(self, mail: Mail) -> str:
        """The mail becomes an interaction in the first workgroup's queue and is offered to whoever is ready there."""
        content = self._content(mail)
        interaction = self.office.desk.arrive(content, self.settings.workgroups[0])

        def keep(file: Attachment) -> StoredFile:
            return self.office.keep(interaction.id, file.name, file.content, file.type, file.content_id)

        for a in mail.attachments:
            if a.type == "message/rfc822":
                attached = attached_mail(a.content, keep, self.world.guid)
                attached.at = attached.at or content.at
                content.mails[self.world.guid()] = attached
            else:
                content.files.append(keep(a))
        self.office.desk.offer(interaction)
        return interaction.id

    def _content(self, mail: Mail) -> Content:
        return Content(
            sender=parsed_address(mail.sender),
            subject=mail.subject,
            to=[parsed_address(a) for a in mail.to or [self.settings.mailbox]],
            cc=[parsed_address(a) for a in mail.cc],
            reply_to=[parsed_address(mail.reply_to)] if mail.reply_to else [],
            text=mail.text or (None if mail.html else ""),
            html=mail.html or None,
            at=compact(mail.at or self.world.clock.now()),
        )

    def expire_sessions(self) -> int:
        """Every session is unknown from now on; nobody is told."""
        sessions = list(self.office.sessions)
        for session in sessions:
            self.office.end_session(session, grace=False)
        return len(sessions)

    def described(self) -> Mapping[str, object]:
        """Sessions, interactions and recordings sent, for the control API."""
        return {
            "sessions": [{"id": s.id, "user": s.person.user, "station": s.station is not None} for s in self.office.sessions],
            "interactions": [
                {"id": i.id, "state": i.state, "subject": i.content.subject, "owner": i.owner, "alerted": sorted(i.alerted)}
                for i in self.office.desk
            ],
            "recordings_sent": [
                {"recordings": list(s.recordings), "priority": s.priority, "to": s.mail.to} for s in self.office.recorder.sent
            ],
        }

    def defaults(self) -> dict[str, object]:
        """What scenarios need to know of this server."""
        return {
            "workgroup": self.settings.workgroups[0],
            "from": self.settings.mailbox,
            "recording": self.settings.recordings[0].id if self.settings.recordings else "",
        }

    async def _switch(self, request: web.Request) -> web.Response:
        """
        ``accepting`` {on, alternates}; ``log-off``, ``deny``, ``suspend-queues`` and ``release-queues`` {user}; ``suspend``, ``release``
        and ``morph`` {interaction}, which answers its new id.
        """
        data = await request.json() if request.can_read_body else {}
        try:
            told = self._carry_out(request.match_info["switch"], data)
        except IcwsError as refusal:
            return refusal.response()
        except KeyError as absent:
            return web.json_response({"message": f"there is no {absent}"}, status=404)
        return web.json_response(told)

    def _carry_out(self, switch: str, data: Mapping[str, str]) -> dict[str, str]:
        office = self.office
        if switch == "accepting":
            office.accepting = bool(data["on"])
            office.alternates = tuple(data.get("alternates", office.alternates))
        elif switch == "log-off":
            for session in office.sessions.of(data["user"].lower()):
                office.log_off(session, data.get("reason", "An administrator logged you off."), reconnect=False)
        elif switch == "deny":
            for session in office.sessions.of(data["user"].lower()):
                session.denied = True
        elif switch in {"suspend", "release"}:
            getattr(office.desk, switch)(data["interaction"])
        elif switch in {"suspend-queues", "release-queues"}:
            office.watch_queues(data["user"].lower(), on=switch == "release-queues")
        elif switch == "morph":
            return {"interaction": office.morph(data["interaction"])}
        else:
            raise KeyError(switch)
        return {}
