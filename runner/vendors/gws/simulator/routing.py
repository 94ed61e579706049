"""
Routing: which agent a waiting interaction is offered to, and what becomes of an offer that nobody takes.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.clock import Clock
from runner.vendors.gws.simulator.center import Agent, Center
from runner.vendors.gws.simulator.interactions import Interaction, Interactions
from runner.vendors.gws.simulator.notifier import Background
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Router"]

# the interaction, the user it is about, the state to show
Tell = Callable[[Interaction, str, str], None]


class Router:
    """Offers what waits to agents whose e-mail channel is Ready, one at a time and fairly."""

    def __init__(
        self, center: Center, interactions: Interactions, settings: GwsSettings, clock: Clock, background: Background, tell: Tell
    ) -> None:
        self._center = center
        self._interactions = interactions
        self._settings = settings
        self._clock = clock
        self._background = background
        self._tell = tell

    def enter(self, interaction: Interaction, queue: str, *, wanted: str = "", left_by: str = "") -> None:
        """Put an interaction into a queue, for *wanted* alone or for anybody but who gave it away, and offer it."""
        interaction.state = "Queued"
        interaction.owner = ""
        interaction.queue = queue
        interaction.wanted = wanted
        interaction.asked.clear()
        interaction.refused = {left_by} if left_by else set()
        interaction.offers = 0
        self._route(interaction)

    def became_ready(self, agent: Agent) -> None:
        """An agent takes mail again: what they turned down before may be offered once more."""
        for interaction in self._interactions.waiting():
            interaction.refused.discard(agent.person.user)
            interaction.offers = 0
            self._route(interaction)

    def revoke(self, interaction: Interaction, *, turned_down: bool) -> None:
        """Take an offer back, because it was *turned_down* or because its time is up, and offer it to the next."""
        user = interaction.owner
        (interaction.refused if turned_down else interaction.asked).add(user)
        interaction.state = "Queued"
        interaction.owner = ""
        self._tell(interaction, user, self._settings.rejected_state if turned_down else "Revoked")
        if turned_down and interaction.wanted == user:
            interaction.wanted = ""
        self._route(interaction)

    def release(self, agent: Agent) -> None:
        """An agent leaves: what is offered to them is offered to others. Mail for agents who have all left is dropped."""
        for interaction in self._interactions.of(agent.person.user):
            if interaction.state == "Invited":
                self.revoke(interaction, turned_down=True)
        for interaction in self._interactions.waiting():
            if interaction.circle and not any(self._center.agents[user].started for user in interaction.circle):
                interaction.state = "Completed"
                self._interactions.retire(interaction)

    def _route(self, interaction: Interaction) -> None:
        agent = self._next(interaction) if interaction.offers < self._settings.offers else None
        if agent is None:
            return
        interaction.offers += 1
        agent.asked += 1
        interaction.state = "Invited"
        interaction.owner = agent.person.user
        self._tell(interaction, interaction.owner, "Invited")
        self._background.begin(self._lapse(interaction, interaction.owner, interaction.offers))

    def _next(self, interaction: Interaction) -> Agent | None:
        ready = [a for a in self._center.agents.values() if a.takes_mail and a.person.user not in interaction.refused]
        if interaction.wanted:
            ready = [a for a in ready if a.person.user == interaction.wanted]
        elif interaction.circle:
            ready = [a for a in ready if a.person.user in interaction.circle]
        fresh = [a for a in ready if a.person.user not in interaction.asked]
        if not fresh:
            interaction.asked.clear()
        return min(fresh or ready, key=lambda a: (len(self._interactions.of(a.person.user)), a.asked), default=None)

    async def _lapse(self, interaction: Interaction, user: str, offer: int) -> None:
        await self._clock.sleep(self._settings.invitation.total_seconds())
        if interaction.state == "Invited" and interaction.owner == user and interaction.offers == offer:
            self.revoke(interaction, turned_down=False)
