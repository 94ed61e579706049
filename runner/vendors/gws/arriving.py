"""
A customer's mail arrives: over SMTP in real environments, through the control API in a simulator.
"""

from __future__ import annotations

from runner.errors import EnvironmentUnusable
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import MailOutput, Receive, addresses
from runner.vendors.gws.session import GwsSession

__all__ = ["receive"]

# How many agents of a scenario a mail can be meant for.
_AGENTS = 9


async def receive(context: StepContext[GwsSession], parameters: Receive) -> MailOutput:
    """
    Let a customer's mail arrive.

    Where agents have addresses of their own (in the simulator they do), it goes to the scenario's agents, unless the step says
    otherwise: scenarios that run side by side do not take each other's mail.
    """
    from runner.transport.delivery import Enclosed, Letter, deliver  # it knows MIME, which takes long to load

    session = context.session
    to = addresses(parameters.to) or _own_agents(context) or addresses(session.defaults.mailbox or session.defaults.from_)
    if not to:
        raise EnvironmentUnusable(
            "gws does not know where customers write to", hint="put `defaults: {mailbox: ADDRESS}` under gws in the environment file"
        )
    files = [context.file(path) for path in parameters.files]
    letter = Letter(
        sender=parameters.from_,
        to=to,
        cc=addresses(parameters.cc),
        subject=parameters.subject or "",
        text=parameters.text or "",
        html=parameters.html or "",
        attachments=[Enclosed(file.name, file.content, file.type) for file in files],
    )
    id = await deliver(letter, http=session.client.http, control=context.target.control, smtp=session.smtp)
    if id:
        context.arrived(id)
    return MailOutput(
        id=id, status="received", subject=letter.subject, from_=letter.sender, to=to, cc=list(letter.cc), text=letter.text, html=letter.html
    )


def _own_agents(context: StepContext[GwsSession]) -> list[str]:
    """The own addresses of this scenario's agents, the actor's first; empty where agents have none."""
    pattern, actor = context.session.defaults.agent_address, context.actor
    if not pattern or actor is None:
        return []
    pool = actor.name.rpartition("_")[0] if actor.name.rpartition("_")[2].isdigit() else actor.name
    names = [pool, *(f"{pool}_{number}" for number in range(2, _AGENTS + 1))]
    users = [actor.user, *(user for name in names if (user := context.user(name)) != name)]
    return [pattern.replace("{user}", user) for user in dict.fromkeys(users)]
