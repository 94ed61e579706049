"""
Where a scenario runs and as whom: targets (one vendor's address each), pools of actors, limits, guards.

Made by :mod:`runner.environment.load` from ``scenarios/environments/NAME.yaml``, or by the harness for the embedded simulators.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field

from runner.clock import Duration
from runner.environment.secrets import Secret

__all__ = ["SIMULATOR", "Actor", "Environment", "Limits", "MailServers", "Member", "Target"]

# The URL of a vendor that is simulated, and the name of the environment in which all are.
SIMULATOR = "simulator"

Credentials = Mapping[str, "str | Secret"]


class Limits(Struct, frozen=True):
    """What one target can bear: ``requests_per_second`` and open ``sessions`` at once; None is no limit."""

    requests_per_second: float | None = None
    sessions: int | None = None


class Target(Struct, frozen=True):
    """
    One vendor's address in an environment.

    ``defaults`` hold what the vendor asks for and the shared words do not say (queue, from, department …); ``options`` what the
    vendor's own declaration allows beside url, limits and defaults; ``settings`` are the simulator's assumptions, ``faults`` what goes
    wrong there from the beginning, and ``control`` its control API's URL, where the vendor is simulated.
    """

    vendor: str
    url: str
    defaults: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    limits: Limits = Limits()
    settings: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    control: str | None = None


class Member(Struct, frozen=True):
    """One person in a pool: credentials by vendor, ``{"gws": {"user": "qa1", "password": Secret}}``."""

    pool: str
    index: int
    credentials: Mapping[str, Credentials]


class Actor(Struct, frozen=True):
    """A member lent to one scenario for one vendor, under the name that the scenario uses (``agent``, ``agent_2``)."""

    name: str
    vendor: str
    credentials: Credentials
    member: Member

    @property
    def user(self) -> str:
        """The user name, for messages."""
        return str(self.credentials.get("user", self.name))


class MailServers(Struct, frozen=True):
    """The mail servers of an environment: ``smtp`` takes customers' mail in, ``imap`` is the customer's mailbox. Keys as in the file."""

    smtp: Mapping[str, object] = field(default_factory=dict)
    imap: Mapping[str, object] = field(default_factory=dict)


class Environment(Struct, frozen=True):
    """A named place to run against."""

    name: str
    targets: Mapping[str, Target]
    pools: Mapping[str, tuple[Member, ...]]
    mail: MailServers = MailServers()
    variables: Mapping[str, object] = field(default_factory=dict)
    allow_recipients: tuple[str, ...] = ()
    timeout: Duration = Duration(seconds=30)
    scenario_timeout: Duration = Duration(minutes=15)
    cleanup_timeout: Duration = Duration(seconds=20)
    parallel: int | None = None

    def allows(self, recipient: str) -> bool:
        """Whether mail may go to *recipient* (``Name <a@b.c>`` or a bare address); no list allows nobody but a simulator's."""
        address = recipient.rpartition("<")[2].rstrip("> ").strip().lower()
        return any(fnmatchcase(address, pattern.lower()) for pattern in self.allow_recipients)
