"""Who is lent to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from runner.environment.actors import ActorPool
from runner.environment.model import Environment, Member
from runner.environment.secrets import Secret
from runner.errors import EnvironmentUnusable


def member(pool: str, index: int, **users: str) -> Member:
    return Member(pool, index, {vendor: {"user": user, "password": Secret("p", "pw")} for vendor, user in users.items()})


def pool(patience: float = 60, **pools: Sequence[Member]) -> ActorPool:
    return ActorPool(Environment("staging", {}, {name: tuple(members) for name, members in pools.items()}), patience=patience)


THREE = [member("agent", 0, gws="qa1", icws="qa1"), member("agent", 1, gws="qa2"), member("agent", 2, gws="qa3", icws="qa3")]


async def users(lender: ActorPool, names: Sequence[str], vendor: str = "gws") -> dict[str, str]:
    async with lender.lend(names, vendor) as actors:
        return {name: actor.user for name, actor in actors.items()}


def test_members_are_lent_in_the_order_of_the_file() -> None:
    """The same scenario gets the same people when everybody is free."""
    assert asyncio.run(users(pool(agent=THREE), ["agent", "agent_2"])) == {"agent": "qa1", "agent_2": "qa2"}


def test_only_who_has_credentials_for_the_vendor_is_lent() -> None:
    """A member without an account at the vendor is passed over."""
    assert asyncio.run(users(pool(agent=THREE), ["agent", "agent_2"], "icws")) == {"agent": "qa1", "agent_2": "qa3"}


def test_a_pool_of_its_own_name_goes_before_a_number() -> None:
    """``agent_2`` is the pool ``agent_2`` where there is one."""
    lender = pool(agent=THREE, agent_2=[member("agent_2", 0, gws="second")])

    assert asyncio.run(users(lender, ["agent", "agent_2"])) == {"agent": "qa1", "agent_2": "second"}


def test_a_scenario_without_actors_waits_for_nobody() -> None:
    """No names, no actors."""
    assert asyncio.run(users(pool(), [])) == {}


def test_nobody_is_lent_twice_at_once() -> None:
    """Twenty scenarios over three members: each member is with one scenario at a time, and all get their turn."""
    busy: set[str] = set()
    done: list[str] = []

    async def one(lender: ActorPool) -> None:
        async with lender.lend(["agent"], "gws") as actors:
            user = actors["agent"].user
            assert user not in busy
            busy.add(user)
            await asyncio.sleep(0)
            busy.remove(user)
            done.append(user)

    async def all_of_them() -> None:
        lender = pool(agent=THREE)
        async with asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(one(lender))

    asyncio.run(all_of_them())
    assert len(done) == 20


def test_two_members_with_one_account_are_not_lent_at_once() -> None:
    """The same user in two pools is one person."""

    async def both() -> tuple[str, bool]:
        lender = pool(agent=[member("agent", 0, gws="qa1")], supervisor=[member("supervisor", 0, gws="qa1")])
        async with lender.lend(["agent"], "gws") as actors:
            other = asyncio.create_task(users(lender, ["supervisor"]))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            waited = not other.done()
            user = actors["agent"].user
        await other
        return user, waited

    assert asyncio.run(both()) == ("qa1", True)


def test_scenarios_that_need_two_actors_never_wait_in_a_circle() -> None:
    """Actors are taken together, so two scenarios with the names in different order both end."""

    async def one(lender: ActorPool, names: list[str]) -> None:
        for _ in range(10):
            async with lender.lend(names, "gws"):
                await asyncio.sleep(0)

    async def both() -> None:
        lender = pool(agent=[member("agent", 0, gws="a")], supervisor=[member("supervisor", 0, gws="s")])
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(one(lender, ["agent", "supervisor"]))
            group.create_task(one(lender, ["supervisor", "agent"]))

    asyncio.run(both())


def test_who_needs_many_is_not_starved_by_who_needs_one() -> None:
    """Those who came later do not take what somebody before them waits for."""
    order: list[str] = []

    async def one(lender: ActorPool, names: list[str], label: str) -> None:
        async with lender.lend(names, "gws"):
            order.append(label)
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        lender = pool(agent=THREE)
        async with asyncio.TaskGroup() as group:
            group.create_task(one(lender, ["agent"], "first"))
            group.create_task(one(lender, ["agent", "agent_2", "agent_3"], "all three"))
            for number in range(5):
                group.create_task(one(lender, ["agent"], f"later {number}"))

    asyncio.run(all_of_them())
    assert order[:2] == ["first", "all three"]


def test_who_came_later_may_have_whom_nobody_else_wants() -> None:
    """A free member that no earlier scenario could use is not kept back."""

    async def all_of_them() -> str:
        lender = pool(agent=THREE)
        async with lender.lend(["agent", "agent_2"], "icws"):
            waiting = asyncio.create_task(users(lender, ["agent"], "icws"))
            await asyncio.sleep(0)
            got = await users(lender, ["agent"], "gws")
        await waiting
        return got["agent"]

    assert asyncio.run(all_of_them()) == "qa2"


def test_waiting_too_long_says_who_has_whom() -> None:
    """The message names the members and the scenarios that have them."""

    async def all_of_them() -> None:
        lender = pool(0.001, agent=[member("agent", 0, gws="qa1")])
        async with lender.lend(["agent"], "gws", holder="mail/a.scenario.yaml::gws"):
            await users(lender, ["agent"])

    with pytest.raises(
        EnvironmentUnusable, match=r"`agent` did not become free within 0.001 s: qa1 is with mail/a.scenario.yaml::gws"
    ) as told:
        asyncio.run(all_of_them())
    assert told.value.code == "E513"


def test_who_is_cancelled_while_waiting_takes_nobody_along() -> None:
    """The members go to the next scenario."""

    async def all_of_them() -> dict[str, str]:
        lender = pool(agent=[member("agent", 0, gws="qa1")])
        async with lender.lend(["agent"], "gws"):
            gone = asyncio.create_task(users(lender, ["agent"]))
            await asyncio.sleep(0)
        # it has been served at this moment, and does not know yet
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        async with asyncio.timeout(1):
            return await users(lender, ["agent"])

    assert asyncio.run(all_of_them()) == {"agent": "qa1"}


def test_members_come_back_after_a_failure() -> None:
    """Whatever a scenario raises, its actors are free again."""

    async def all_of_them() -> dict[str, str]:
        lender = pool(agent=[member("agent", 0, gws="qa1")])
        with pytest.raises(ZeroDivisionError):
            async with lender.lend(["agent"], "gws"):
                raise ZeroDivisionError
        return await users(lender, ["agent"])

    assert asyncio.run(all_of_them()) == {"agent": "qa1"}


@pytest.mark.parametrize(
    ("names", "vendor", "messages"),
    [
        (["agent", "agent_2", "agent_3"], "gws", []),
        (["agnet"], "gws", ["the environment `staging` has no actors `agnet`; write `agent`"]),
        (["robot"], "gws", ["the environment `staging` has no actors `robot`; write one of: agent, twin"]),
        (["agent"], "egain", ["nobody in the pool `agent` of the environment `staging` has credentials for egain"]),
        (
            ["agent", "agent_2", "agent_3"],
            "icws",
            ["`agent_3` needs 3 members with credentials for icws in the pool `agent`; the environment `staging` has 2"],
        ),
        (["agnet", "robot"], "gws", None),
        (
            ["twin", "twin_2"],
            "gws",
            ["`twin_2` has nobody left in the pool `twin` of the environment `staging`: other actors have the same accounts"],
        ),
    ],
)
def test_what_a_pool_cannot_give_is_known_before_the_run(names: list[str], vendor: str, messages: list[str] | None) -> None:
    """Each name that nobody can play has a message, with the nearest name."""
    lender = pool(agent=THREE, twin=[member("twin", 0, gws="same"), member("twin", 1, gws="same")])

    told = lender.missing(names, vendor)

    assert told == messages if messages is not None else len(told) == 2


def test_asking_for_more_than_there_is_does_not_wait() -> None:
    """A scenario that could never be served ends at once."""
    with pytest.raises(EnvironmentUnusable, match="write `agent`"):
        asyncio.run(users(pool(agent=THREE), ["agnet"]))
