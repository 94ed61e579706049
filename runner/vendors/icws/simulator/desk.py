"""
All interactions, who may do what with them, and how they travel: offered, alerted, picked up, handed on, ended, forgotten.

Time is looked at whenever somebody asks (:meth:`Desk.sweep`); nothing here waits.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from runner.simulation.world import Person, World
from runner.vendors.icws.simulator.errors import bad_request, forbidden, not_found
from runner.vendors.icws.simulator.hub import Hub
from runner.vendors.icws.simulator.interactions import STATION, USER, WORKGROUP, Content, Interaction
from runner.vendors.icws.simulator.sessions import Session, Sessions, Station
from runner.vendors.icws.simulator.settings import IcwsSettings, Need
from runner.vendors.icws.simulator.states import ENDED, StateTable

__all__ = ["Desk"]

_FIRST_ID = 2_101_990_000
EMAIL = 3


class Desk:
    """The interactions and the agents who may be asked."""

    def __init__(self, world: World, settings: IcwsSettings, sessions: Sessions, hub: Hub) -> None:
        self._world = world
        self._settings = settings
        self._sessions = sessions
        self._hub = hub
        self._table = StateTable(settings.transitions)
        self._interactions: dict[str, Interaction] = {}
        self._opened = world.clock.now()
        self._count = 0
        # when something must be looked at again: (moment, order, interaction, what)
        self._due: list[tuple[float, int, str, str]] = []
        self._looks = 0
        self._timers: set[asyncio.TimerHandle] = set()
        self.statuses: dict[str, tuple[str, datetime]] = {}
        # user → what was said beside the status
        self.notes: dict[str, dict[str, object]] = {}
        self.activations: dict[str, dict[str, bool]] = {}

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self._interactions.values())

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self, user: str) -> str:
        """The status id of a user; nobody is available before they say so."""
        return self.statuses[user][0] if user in self.statuses else "Gone Home"

    def status_changed(self, user: str) -> datetime:
        """Since when."""
        return self.statuses[user][1] if user in self.statuses else self._opened

    def set_status(self, user: str, status: str) -> None:
        """A new status; offers start or stop with it."""
        self.statuses[user] = (status, self._world.clock.now())
        self.availability_changed(user)

    def member(self, person: Person, workgroup: str) -> bool:
        """Whether the person works in the workgroup; everybody who works on e-mail is in all of them."""
        known = workgroup.lower() in {w.lower() for w in self._settings.workgroups}
        return known and self._settings.work_right in person.rights

    def ready(self, user: str, workgroup: str = "") -> bool:
        """Whether *user* takes routed e-mail: active in the workgroup, connected, and with all that routing needs."""
        needs = self._settings.routing_needs
        available = "available" not in needs or self.status(user).lower() in {s.lower() for s in self._settings.available_statuses}
        active = self.activations.get(user, {}).get(workgroup.lower(), True)
        return available and active and any(_seated(s.station, needs) for s in self._sessions.of(user))

    def sees(self, person: Person, interaction: Interaction) -> bool:
        """Whether the person may look: it is theirs, or in their workgroup, or they supervise."""
        user = person.user.lower()
        return (
            self._settings.supervise_right in person.rights
            or user in {interaction.owner, interaction.creator, interaction.target, *interaction.alerted}
            or self.member(person, interaction.workgroup)
        )

    def acts(self, person: Person, interaction: Interaction) -> bool:
        """Whether the person may change it: it is theirs, or offered to them, or nobody's in their workgroup, or they supervise."""
        if self._settings.supervise_right in person.rights:
            return True
        user = person.user.lower()
        if interaction.owner:
            return interaction.owner == user
        if interaction.target:
            return interaction.target == user
        return user in interaction.alerted or self.member(person, interaction.workgroup)

    # ── arriving, beginning ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _new(self, content: Content, **known: object) -> Interaction:
        self._count += 1
        interaction = Interaction(str(_FIRST_ID + self._count), content, self._world.clock.now())
        interaction.object_type = self._settings.email_object_type
        for name, value in known.items():
            setattr(interaction, name, value)
        self._interactions[interaction.id] = interaction
        return interaction

    def arrive(self, content: Content, workgroup: str, kind: str = "EMAIL") -> Interaction:
        """An item from outside stands in a workgroup's queue; :meth:`offer` makes it known."""
        return self._new(content, workgroup=workgroup, kind=kind, **({} if kind == "EMAIL" else {"object_type": kind}))

    def offer(self, interaction: Interaction) -> None:
        """Tell of a new item, and offer it to whoever takes work."""
        self._hub.changed(interaction)
        self._route(interaction)

    def begin(self, content: Content, session: Session, *, workgroup: str, email_type: int, parent: Interaction | None) -> Interaction:
        """A draft in its writer's own queue; as an answer it is linked to its parent."""
        draft = self._new(
            content,
            workgroup=workgroup,
            direction="O",
            state="C",
            owner=session.user,
            creator=session.user,
            draft=True,
            email_type=email_type,
            connected=self._world.clock.now(),
        )
        if parent is not None:
            self._relate(draft, parent)
        self._hub.changed(draft)
        if parent is not None:
            self._hub.changed(parent, contents=True)
        return draft

    def _relate(self, draft: Interaction, parent: Interaction) -> None:
        draft.parent = parent.id
        parent.children.append(draft.id)
        by_key = self._settings.family_ids == "key"
        draft.told_parent = parent.key if by_key else parent.id
        earlier = [parent.told_children] if parent.told_children else []
        parent.told_children = self._settings.children_separator.join([*earlier, draft.key if by_key else draft.id])

    # ── operations ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def known(self, found: Interaction | None) -> Interaction:
        """The interaction; raises 404 when there is none."""
        if found is None:
            raise not_found()
        return found

    def find(self, id: str) -> Interaction | None:
        """An interaction, whoever asks."""
        return self._interactions.get(id)

    def allows(self, interaction: Interaction, operation: str) -> bool:
        """Whether the state of *interaction* allows *operation*."""
        return self._table.after(operation, interaction.machine_state) is not None

    def move(self, interaction: Interaction, operation: str) -> bool:
        """
        Carry out *operation* on the state; whether it changed.

        Raises: 400 – the state does not allow it.
        """
        state = self._table.after(operation, interaction.machine_state)
        if state is None:
            raise bad_request(f"The interaction's state ({interaction.state}) does not allow this operation.", "error.request.invalidState")
        changed = state != interaction.machine_state
        if changed:
            interaction.state = "C" if state == "D" else state
        return changed

    def pick_up(self, interaction: Interaction, session: Session) -> None:
        """The person takes it; nobody else is asked any more."""
        if not self.move(interaction, "pickup"):
            return
        self._silence(interaction)
        member = self.member(session.person, interaction.workgroup)
        interaction.assigned, interaction.left_queue = member and not interaction.target, not member
        interaction.owner, interaction.target = session.user, ""
        interaction.declined.clear()
        interaction.connected = self._world.clock.now()
        self._hub.changed(interaction, contents=True)

    def disconnect(self, interaction: Interaction) -> None:
        """It is finished; a draft is dropped, nothing is sent."""
        self.move(interaction, "disconnect")
        self._end(interaction, self._settings.dropped_state)

    def sent(self, interaction: Interaction) -> None:
        """The draft has left."""
        self.move(interaction, "send")
        self._end(interaction, self._settings.sent_state)
        parent = self._interactions.get(interaction.parent)
        if self._settings.parent_ends_with_answer and parent is not None and parent.state not in ENDED:
            self.disconnect(parent)

    def _end(self, interaction: Interaction, outcome: str) -> None:
        self._silence(interaction)
        interaction.outcome = outcome
        interaction.ended = self._world.clock.now()
        self._hub.changed(interaction, contents=True)
        self._look_again(self._settings.linger_seconds, interaction.id, "forget")

    def hold(self, interaction: Interaction, *, on: bool) -> None:
        """Put it aside, or take it up again."""
        if self.move(interaction, "hold" if on else "unhold"):
            self._hub.changed(interaction)

    def hand_on(self, interaction: Interaction, session: Session, queue: tuple[int, str], *, parked: bool = False) -> None:
        """To a user or a workgroup; whoever gave it to a workgroup is not asked for it again until they get ready anew."""
        self.move(interaction, "park" if parked else "transfer")
        self._silence(interaction)
        kind, name = queue
        interaction.owner, interaction.assigned, interaction.left_queue = "", False, False
        interaction.target = name.lower() if kind == USER else ""
        if kind == WORKGROUP:
            interaction.workgroup = name
            interaction.declined.add(session.user)
        self._hub.changed(interaction, contents=True)
        self._hub.lost_rights(interaction, self.sees)
        if not parked:
            self._route(interaction)

    def suspend(self, id: str) -> None:
        """Server event: a higher-priority item pushes it aside."""
        self._event(id, "suspend")

    def release(self, id: str) -> None:
        """Server event: the higher-priority item is done."""
        self._event(id, "release")

    def _event(self, id: str, operation: str) -> None:
        interaction = self.known(self._interactions.get(id))
        if self.move(interaction, operation):
            self._hub.changed(interaction)

    def morph(self, id: str) -> tuple[Interaction, str]:
        """Server event: the item goes on under another id; gives it and the id that it had."""
        interaction = self._interactions.pop(id)
        self._count += 1
        interaction.id = str(_FIRST_ID + self._count)
        self._interactions[interaction.id] = interaction
        for other in self._interactions.values():
            other.parent = interaction.id if other.parent == id else other.parent
            other.children = [interaction.id if child == id else child for child in other.children]
        return interaction, id

    def watches(self, person: Person, queue: tuple[int, str]) -> None:
        """
        Whether the person may watch a queue: their own, those of their workgroups, stations; supervisors every one.

        Raises: 403, 404.
        """
        kind, name = queue
        known = {USER: {p.user.lower() for p in self._world.people.values()}, WORKGROUP: {w.lower() for w in self._settings.workgroups}}
        if kind in known and name not in known[kind]:
            raise not_found("The queue does not exist.")
        own = kind == STATION or (kind == USER and name == person.user.lower()) or (kind == WORKGROUP and self.member(person, name))
        if not own and self._settings.supervise_right not in person.rights:
            raise forbidden("You do not have rights to the queue.")

    # ── offering ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _candidates(self, interaction: Interaction) -> list[str]:
        if interaction.target:
            asked = {interaction.target} - interaction.declined
            return [user for user in asked if self.ready(user)]
        users = dict.fromkeys(s.user for s in self._sessions if self.member(s.person, interaction.workgroup))
        ready = [u for u in users if u not in interaction.declined and self.ready(u, interaction.workgroup)]
        return ready if self._settings.alerting == "all" else ready[:1]

    def _route(self, interaction: Interaction) -> None:
        """Offer it to those who take work now and were not asked yet."""
        if interaction.state not in {"O", "A"} or (interaction.alerted and self._settings.alerting == "one"):
            return
        asked = set(self._candidates(interaction)) - interaction.alerted
        if not asked:
            return
        self.move(interaction, "alert")
        interaction.alerted |= asked
        interaction.alerts_until = self._world.clock.monotonic() + self._settings.alert_seconds
        self._hub.changed(interaction)
        self._hub.alert(interaction, asked, start=True)
        self._look_again(self._settings.alert_seconds, interaction.id, "alert")

    def _silence(self, interaction: Interaction, users: Iterable[str] | None = None) -> None:
        """Stop asking *users* (default: everybody)."""
        stopped = interaction.alerted & set(interaction.alerted if users is None else users)
        if stopped:
            interaction.alerted -= stopped
            self._hub.alert(interaction, stopped, start=False)

    def availability_changed(self, user: str) -> None:
        """*user* became ready, or is no longer: offers start or stop."""
        for interaction in list(self._interactions.values()):
            if interaction.state not in {"O", "A"}:
                continue
            if self.ready(user, interaction.workgroup):
                interaction.declined.discard(user)
                self._route(interaction)
            elif user in interaction.alerted:
                self._withdraw(interaction, {user})

    def _withdraw(self, interaction: Interaction, users: set[str]) -> None:
        self._silence(interaction, users)
        if not interaction.alerted:
            self.move(interaction, "alert_over")
        self._hub.changed(interaction)
        self._route(interaction)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _look_again(self, seconds: float, id: str, what: str) -> None:
        self._looks += 1
        heapq.heappush(self._due, (self._world.clock.monotonic() + seconds, self._looks, id, what))
        # the timer only makes somebody look; whether it is time, the world's clock says
        self._timers = {t for t in self._timers if not t.cancelled() and t.when() > asyncio.get_running_loop().time()}
        self._timers.add(asyncio.get_running_loop().call_later(seconds + 0.01, self.sweep))

    def sweep(self) -> None:
        """Do what is due by now."""
        now = self._world.clock.monotonic()
        while self._due and self._due[0][0] <= now:
            _, _, id, what = heapq.heappop(self._due)
            interaction = self._interactions.get(id)
            if interaction is None:
                continue
            if what == "forget" and interaction.state in ENDED:
                del self._interactions[id]
                self._hub.deallocated(interaction)
            elif what == "alert" and interaction.state == "A" and interaction.alerts_until <= now:
                interaction.declined |= interaction.alerted
                self._withdraw(interaction, set(interaction.alerted))

    def close(self) -> None:
        """Let go of the timers."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()


def _seated(station: Station | None, needs: Collection[Need]) -> bool:
    """Whether routed e-mail may come to this station, as far as routing needs one."""
    media, ready = (station.media, station.ready) if station is not None else ((), False)
    return ("media" not in needs or EMAIL in media) and ("ready" not in needs or ready)
