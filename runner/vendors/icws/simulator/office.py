"""
Everything the simulator keeps, in one hand: what the handlers are given beside the request.
"""

from __future__ import annotations

from msgspec import Struct

from runner.simulation.faults import Faults
from runner.simulation.world import World
from runner.vendors.icws.simulator.desk import Desk
from runner.vendors.icws.simulator.hub import NORMAL, SUSPENDED, Hub
from runner.vendors.icws.simulator.interactions import StoredFile
from runner.vendors.icws.simulator.libraries import Libraries
from runner.vendors.icws.simulator.recorder import Recorder
from runner.vendors.icws.simulator.sessions import Session, Sessions
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["Office", "Upload"]


class Upload(Struct, frozen=True):
    """A file that was announced and is yet to come; its address is good for one transfer."""

    session: Session
    request_id: str
    interaction: str
    name: str
    content_id: str


class Office:
    """The parts, made once for a simulator. ``accepting`` and ``alternates`` may be switched while it runs."""

    def __init__(self, world: World, settings: IcwsSettings, faults: Faults) -> None:
        self.world = world
        self.settings = settings
        self.faults = faults
        self.accepting = settings.accepting
        self.alternates = settings.alternate_hosts
        self.uploads: dict[str, Upload] = {}
        # every file that can be downloaded, with the interaction it belongs to
        self.files: dict[str, tuple[str, StoredFile]] = {}
        # finished quality searches by session and request
        self.searches: dict[tuple[str, str], list[dict[str, object]]] = {}
        self.sessions = Sessions(self.world, self.settings, self.faults)
        self.hub = Hub(self.sessions, self.settings, self.uri_of)
        self.desk = Desk(self.world, self.settings, self.sessions, self.hub)
        self.libraries = Libraries(self.world, self.settings)
        self.recorder = Recorder(self.settings)

    def uri_of(self, session: Session) -> str:
        """The session's address, as uris in messages tell it."""
        return f"{session.origin if self.settings.absolute_uris else ''}/icws/{session.id}"

    def end_session(self, session: Session, *, grace: bool = True) -> None:
        """The session is over; what was offered to its person is offered to others."""
        self.sessions.end(session, grace=grace)
        self.desk.availability_changed(session.user)

    def log_off(self, session: Session, reason: str, *, reconnect: bool) -> None:
        """The server ends the session: first it says so, to the open stream or to the next poll; then it answers 401."""
        if self.settings.farewell:
            self.hub.connection_down(session, reason, reconnect=reconnect)
        if session.streams or not self.settings.farewell:
            self.end_session(session, grace=False)
        else:
            session.farewell = True
            self.desk.availability_changed(session.user)

    def morph(self, id: str) -> str:
        """Server event: an interaction goes on under another id, which is given; its files stay its own."""
        interaction, old = self.desk.morph(id)
        self.files = {key: (interaction.id if owner == old else owner, file) for key, (owner, file) in self.files.items()}
        self.hub.morphed(interaction, old)
        return interaction.id

    def watch_queues(self, user: str, *, on: bool) -> None:
        """Server event: the queue subscriptions of *user* are suspended, or normal again, which tells everything anew."""
        for session in self.sessions.of(user):
            for subscription in session.queues.values():
                subscription.suspended = not on
                self.hub.queue_state(session, subscription.id, NORMAL if on else SUSPENDED)
                if on:
                    self.hub.first_queue(session, subscription, self.desk)

    def keep(self, interaction: str, name: str, content: bytes, media_type: str, content_id: str = "") -> StoredFile:
        """A file that can be downloaded from now on."""
        file = StoredFile(self.world.guid(), name, content, media_type, content_id)
        self.files[file.id] = (interaction, file)
        return file

    def content_id(self) -> str:
        """A Content-ID for an inline attachment."""
        return f"{self.world.guid()[:8]}@{self.settings.server_name.lower()}"
