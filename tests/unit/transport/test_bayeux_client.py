"""The Bayeux client does what the protocol asks of it (gws reference, section 5.4), whatever the server does."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from runner.clock import ManualClock
from runner.errors import AnswerLost, ConnectFailed, Refused, RunnerError, WireError
from runner.transport.bayeux import BayeuxClient, Gap
from runner.transport.exchange import Exchange
from runner.transport.scripted import Answer, ScriptedTransport

OK: dict[str, object] = {"successful": True}
UNKNOWN: dict[str, object] = {"successful": False, "error": "402::session_unknown"}
AGAIN: dict[str, object] = {**UNKNOWN, "advice": {"reconnect": "handshake", "interval": 0}}
STOP: dict[str, object] = {"successful": False, "error": "403::enough", "advice": {"reconnect": "none"}}


def event(channel: str, data: object) -> dict[str, object]:
    return {"channel": channel, "data": data}


@dataclass
class Peer:
    """
    A server that says what a test wrote down for each connect, each subscription and each handshake; after the last connect it has enough.

    A connect's script is the reply's fields, a list of whole messages, or an ``Answer`` or error of the wire.
    """

    connects: list[Any] = field(default_factory=list)
    subscriptions: list[dict[str, object]] = field(default_factory=list)
    handshakes: list[Any] = field(default_factory=list)
    sent: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)
    sessions: int = 0

    def __call__(self, exchange: Exchange) -> Answer | RunnerError:
        messages = msgspec.json.decode(exchange.request_body)
        self.sent += [(self.clock.monotonic(), message) for message in messages]
        replies: list[object] = []
        for message in messages:
            said = self._said(message)
            if isinstance(said, Answer | RunnerError):
                return said
            replies += said if isinstance(said, list) else [{"id": message["id"], "channel": message["channel"], **said}]
        return Answer.json(replies)

    def _said(self, message: dict[str, Any]) -> Any:
        match message["channel"]:
            case "/meta/handshake":
                self.sessions += 1
                return self.handshakes.pop(0) if self.handshakes else {**OK, "clientId": f"c{self.sessions}"}
            case "/meta/connect":
                return self.connects.pop(0) if self.connects else STOP
            case "/meta/subscribe":
                return self.subscriptions.pop(0) if self.subscriptions else OK
        return OK

    def times(self, channel: str) -> list[float]:
        """When messages of this channel came."""
        return [at for at, message in self.sent if message["channel"] == channel]

    def channels(self) -> list[str]:
        """What came, without ``/meta/``."""
        return [message["channel"].removeprefix("/meta/") for _, message in self.sent]


@dataclass
class Told:
    """What the client told."""

    events: list[tuple[str, object]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def gap(self, gap: Gap) -> None:
        self.gaps.append(gap)


def client_of(peer: Peer, told: Told, **options: Any) -> BayeuxClient:
    transport = ScriptedTransport()
    transport.on("POST", "/notifications", peer)
    return BayeuxClient(
        transport.client("http://gws.example"),
        "/notifications",
        clock=peer.clock,
        on_end=lambda error: told.ended.set(),
        log=told.log.append,
        **{"on_gap": told.gap, "on_event": lambda channel, data: told.events.append((channel, data)), **options},
    )


def lived(peer: Peer, *channels: str, **options: Any) -> Told:
    """A whole life: handshake, subscriptions, connects until the server has enough."""
    told = Told()

    async def go() -> None:
        client = client_of(peer, told, **options)
        await client.start()
        if channels:
            await client.subscribe(*channels)
        await told.ended.wait()
        await client.close()

    asyncio.run(go())
    return told


def test_a_session_begins_with_a_handshake_and_a_short_connect() -> None:
    """The handshake names version and connection type; the first connect is not to be held, the next ones are."""
    peer = Peer(connects=[OK, OK])
    lived(peer)
    handshake, first, second, _ = [message for _, message in peer.sent]
    assert handshake == {
        "id": "1",
        "channel": "/meta/handshake",
        "version": "1.0",
        "minimumVersion": "1.0",
        "supportedConnectionTypes": ["long-polling"],
        "ext": {"ack": True},
    }
    assert (first["clientId"], first["connectionType"], first["advice"]) == ("c1", "long-polling", {"timeout": 0})
    assert "advice" not in second


def test_headers_are_asked_before_each_request() -> None:
    """A token that changes meanwhile goes out in its newest form, with the media type."""
    tokens = iter(["one", "two", "three"])
    seen: list[Exchange] = []

    async def go() -> None:
        told = Told()
        transport = ScriptedTransport()
        transport.on("POST", "/n", Peer(connects=[OK]))
        client = BayeuxClient(
            transport.client("http://gws.example", observer=seen.append),
            "/n",
            clock=ManualClock(),
            on_event=lambda channel, data: None,
            on_end=lambda error: told.ended.set(),
            headers=lambda: {"X-CSRF-TOKEN": next(tokens)},
        )
        await client.start()
        await told.ended.wait()
        await client.close()
        seen[:] = transport.requests

    asyncio.run(go())
    assert [exchange.request_headers["X-CSRF-TOKEN"] for exchange in seen] == ["one", "two", "three"]
    assert {exchange.request_headers["Content-Type"] for exchange in seen} == {"application/json;charset=UTF-8"}


def test_connects_are_not_in_the_record() -> None:
    """Held polls are no exchanges of a step; the handshake and subscriptions are."""
    seen: list[Exchange] = []

    async def go() -> None:
        told = Told()
        transport = ScriptedTransport()
        transport.on("POST", "/n", Peer(connects=[OK]))
        client = BayeuxClient(
            transport.client("http://gws.example", observer=seen.append),
            "/n",
            clock=ManualClock(),
            on_event=lambda channel, data: None,
            on_end=lambda error: told.ended.set(),
        )
        await client.start()
        await told.ended.wait()
        await client.close()

    asyncio.run(go())
    assert [msgspec.json.decode(exchange.request_body)[0]["channel"] for exchange in seen] == ["/meta/handshake"]


def test_events_come_in_order_on_any_response() -> None:
    """Events before, after or without a reply are handed out as they came, unknown fields and extensions ignored."""
    reply = {"channel": "/meta/connect", "ext": {"ack": 7}, "timestamp": "now", **OK}
    peer = Peer(connects=[[event("/a", 1), reply, event("/a", 2)], [event("/b", None)]])
    assert lived(peer).events == [("/a", 1), ("/a", 2), ("/b", None)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(http=401, body=b"who?"), "unauthenticated"),
        (Answer(http=403, body=b"Missing or invalid Csrf token"), "forbidden"),
        (Answer(http=503), "unavailable"),
        (Answer(http=500), "server_error"),
        ({"successful": False, "error": "403::Handshake denied", "advice": {"reconnect": "none"}}, "forbidden"),
        ({"successful": True}, "unavailable"),
    ],
)
def test_a_handshake_that_is_refused(answer: Any, reason: str) -> None:
    """``start`` raises what the server says, be it by HTTP or by Bayeux, and nothing runs on."""
    with pytest.raises(Refused) as caught:
        lived(Peer(handshakes=[answer]))
    assert caught.value.reason == reason


@pytest.mark.parametrize("answer", [Answer(body=b"<html>"), Answer(body=b"[1]"), Answer(body=b"[]")])
def test_a_handshake_that_is_not_understood(answer: Answer) -> None:
    """An answer that is no Bayeux message is an error of the wire."""
    with pytest.raises(WireError):
        lived(Peer(handshakes=[answer]))


def test_a_subscription_that_is_refused() -> None:
    """The one that is refused is raised, the other stands."""
    peer = Peer(connects=[OK, AGAIN, OK], subscriptions=[{"successful": False, "error": "403::subscribe_denied"}, OK])
    told = Told()

    async def go() -> None:
        client = client_of(peer, told)
        await client.start()
        with pytest.raises(Refused, match="subscribe_denied"):
            await client.subscribe("/secret", "/v2/me/*")
        await told.ended.wait()
        await client.close()

    asyncio.run(go())
    assert [m["subscription"] for _, m in peer.sent if m["channel"] == "/meta/subscribe"] == ["/secret", "/v2/me/*", "/v2/me/*"]


def test_subscribing_twice_asks_once() -> None:
    """What is subscribed to already is not asked for again; after unsubscribing it is."""
    peer = Peer(connects=[OK] * 50)

    async def go() -> None:
        client = client_of(peer, Told())
        await client.start()
        await client.subscribe("/a", "/a")
        await client.subscribe("/a")
        await client.unsubscribe("/a", "/b")
        await client.subscribe("/a")
        await client.close()

    asyncio.run(go())
    assert [channel for channel in peer.channels() if "sub" in channel] == ["subscribe", "unsubscribe", "subscribe"]


def test_an_unknown_client_shakes_hands_again() -> None:
    """After 402 there is one new handshake, every subscription is made again, and then the gap is told."""
    peer = Peer(connects=[OK, AGAIN, OK])
    told = lived(peer, "/v2/me/interactions", "/v2/me/channels")
    assert [channel for channel in peer.channels() if channel != "connect"] == ["handshake", *["subscribe"] * 2] * 2
    assert [gap.reason for gap in told.gaps] == ["402::session_unknown"]
    assert any("events may be missing" in line for line in told.log)


def test_the_gap_is_told_when_the_new_session_stands() -> None:
    """Reading the state anew happens after the first connect of the new session, and an error of it is only logged."""
    peer = Peer(connects=[OK, AGAIN, OK])
    seen: list[list[str]] = []

    async def resync(gap: Gap) -> None:
        seen.append(peer.channels())
        raise ConnectFailed("REST is down")

    told = lived(peer, "/a", on_gap=resync)
    assert seen[0][-3:] == ["handshake", "subscribe", "connect"]
    assert any("REST is down" in line for line in told.log)


@pytest.mark.parametrize(
    ("trouble", "gaps"),
    [(AnswerLost("cut"), ["cut"]), (Answer(http=502), ["HTTP 502"]), (ConnectFailed("down"), []), (Answer(http=401), [])],
)
def test_an_answer_that_was_lost_may_have_held_events(trouble: Any, gaps: list[str]) -> None:
    """The gap is told once the session is heard again; when nothing reached the server nothing is missing."""
    told = lived(Peer(connects=[OK, trouble, trouble, OK, OK]))
    assert [any(words in gap.reason for gap in told.gaps) for words in gaps] == [True for _ in gaps]
    assert len(told.gaps) == len(gaps)


def agreed(name: str = "c1") -> dict[str, object]:
    """A handshake of a server that takes the ack extension."""
    return {**OK, "clientId": name, "ext": {"ack": True}}


def numbered(batch: object) -> dict[str, object]:
    """A connect's reply with the number of its batch."""
    return {**OK, "ext": {"ack": batch}}


def confirmed(peer: Peer) -> list[object]:
    """What each connect says in its extension."""
    return [message.get("ext") for _, message in peer.sent if message["channel"] == "/meta/connect"]


def test_a_server_that_numbers_what_it_sends_is_told_what_came() -> None:
    """Each connect has the number of the last answer that arrived; one that was lost is not confirmed, and is no gap."""
    peer = Peer(handshakes=[agreed()], connects=[numbered(1), AnswerLost("cut"), numbered(2), numbered(3)])
    told = lived(peer, "/a")
    assert confirmed(peer) == [{"ack": -1}, {"ack": 1}, {"ack": 1}, {"ack": 2}, {"ack": 3}]
    assert told.gaps == []


def test_numbers_begin_anew_with_a_session() -> None:
    """And a session that is lost is a gap all the same."""
    peer = Peer(handshakes=[agreed(), agreed("c2"), {**OK, "clientId": "c3"}], connects=[numbered(7), AGAIN, numbered(1), AGAIN, OK])
    told = lived(peer, "/a")
    assert confirmed(peer) == [{"ack": -1}, {"ack": 7}, {"ack": -1}, {"ack": 1}, None, None]
    assert len(told.gaps) == 2


@pytest.mark.parametrize("ext", [None, {}, {"ack": False}, {"ack": "true"}, ["ack"], "ack"])
def test_a_server_that_does_not_take_the_offer(ext: object) -> None:
    """Nothing is confirmed, and a lost answer is a gap."""
    peer = Peer(handshakes=[{**OK, "clientId": "c1", "ext": ext}], connects=[numbered(1), AnswerLost("cut"), OK])
    told = lived(peer, "/a")
    assert confirmed(peer) == [None] * 4
    assert len(told.gaps) == 1


@pytest.mark.parametrize("batch", [None, True, "2", 2.5, [2]])
def test_a_number_that_is_none_is_passed_over(batch: object) -> None:
    """The last good one is confirmed again."""
    peer = Peer(handshakes=[agreed()], connects=[numbered(1), numbered(batch), numbered(3)])
    lived(peer)
    assert confirmed(peer) == [{"ack": -1}, {"ack": 1}, {"ack": 1}, {"ack": 3}]


def test_402_without_advice_counts_too() -> None:
    """A server of another generation that says 402 and no more is understood."""
    assert lived(Peer(connects=[OK, UNKNOWN, OK]), "/a").gaps[0].reason == "402::session_unknown"


def test_advice_alone_is_enough() -> None:
    """A successful connect that advises a handshake leads to one."""
    peer = Peer(connects=[OK, {**OK, "advice": {"reconnect": "handshake"}}, OK])
    lived(peer)
    assert peer.channels().count("handshake") == 2


def test_a_subscription_meets_402() -> None:
    """It waits for the new session, in which it is made with the others."""
    peer = Peer(connects=[OK] * 50, subscriptions=[UNKNOWN])

    async def go() -> None:
        client = client_of(peer, Told())
        await client.start()
        await client.subscribe("/a")
        await client.close()

    asyncio.run(go())
    assert [message["clientId"] for _, message in peer.sent if message["channel"] == "/meta/subscribe"] == ["c1", "c2"]


def test_never_more_than_one_handshake_a_second() -> None:
    """A server that forgets every session at once does not make the client spin: 0, 1, 2, 3 … s between handshakes."""
    peer = Peer(connects=[OK, *[AGAIN] * 6])
    lived(peer)
    times = peer.times("/meta/handshake")
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [1.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_session_that_lives_makes_the_next_loss_the_first() -> None:
    """After a connect that went well the waits between handshakes begin from the start."""
    peer = Peer(connects=[OK, AGAIN, AGAIN, AGAIN, OK, AGAIN, OK])
    lived(peer)
    assert [later - earlier for earlier, later in itertools.pairwise(peer.times("/meta/handshake"))] == [1.0, 1.0, 2.0, 1.0]


def test_a_session_that_lives_between_is_still_no_reason_to_hurry() -> None:
    """Also when a connect succeeds in between, a second lies between two handshakes."""
    peer = Peer(connects=[OK, AGAIN] * 4)
    lived(peer)
    times = peer.times("/meta/handshake")
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 1.0


def test_a_server_that_keeps_no_session_is_left_alone() -> None:
    """After ten new sessions that were lost at once the client gives up and says so."""
    peer, told = Peer(connects=[OK, *[AGAIN] * 30]), Told()

    async def go() -> BayeuxClient:
        client = client_of(peer, told)
        await client.start()
        await told.ended.wait()
        await client.close()
        return client

    ended = asyncio.run(go()).ended
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.text) == ("unavailable", "10 new sessions were lost one after another: 402::session_unknown")
    assert (len(peer.times("/meta/handshake")), peer.channels()[-1]) == (11, "connect")


def test_a_server_that_is_away_is_waited_for() -> None:
    """Handshakes that reach nobody are no lost sessions, however many there are."""
    peer = Peer(connects=[OK, AGAIN, OK], handshakes=[{**OK, "clientId": "c1"}, *[ConnectFailed("down")] * 20])
    told = lived(peer, "/a")
    assert len(told.gaps) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectFailed("down"),
        Answer(http=503),
        Answer(http=401),
        Answer(body=b"<html>"),
        Answer(body=b"[]"),
        {"successful": False, "error": "500::x"},
    ],
)
def test_trouble_with_a_connect_waits_longer_each_time(trouble: Any) -> None:
    """1 s, 2 s, 3 s … and from the start again once it went well."""
    peer = Peer(connects=[OK, trouble, trouble, trouble, OK, trouble, OK])
    lived(peer)
    times = peer.times("/meta/connect")
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [0, 1, 2, 3, 0, 1, 0]


def test_waiting_is_capped() -> None:
    """No pause is longer than a minute."""
    peer = Peer(connects=[OK, *[ConnectFailed("down")] * 70])
    lived(peer)
    times = peer.times("/meta/connect")
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) == 60


def test_a_handshake_that_fails_is_tried_again() -> None:
    """A server that restarts is asked until it is there, and then everything stands again."""
    peer = Peer(
        connects=[OK, AGAIN, OK], handshakes=[{**OK, "clientId": "c1"}, ConnectFailed("down"), Answer(http=503), {**OK, "clientId": "c2"}]
    )
    told = lived(peer, "/a")
    assert peer.channels().count("subscribe") == 2
    assert len(told.gaps) == 1


def test_the_interval_is_kept() -> None:
    """The next connect comes no sooner than advised; newer advice without an interval ends it."""
    many = {**OK, "advice": {"multiple-clients": True, "reconnect": "retry", "interval": 2000}}
    peer = Peer(connects=[OK, many, {**OK, "advice": {"reconnect": "retry"}}, OK])
    told = lived(peer)
    times = peer.times("/meta/connect")
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [0, 2, 0, 0]
    assert any("several sessions" in line for line in told.log)


@pytest.mark.parametrize("advice", [7, "x", {"interval": "soon", "timeout": None}, {"reconnect": 7}, {"interval": -5}, {"interval": True}])
def test_nonsense_for_advice_is_ignored(advice: object) -> None:
    """Advice of a wrong kind changes nothing."""
    peer = Peer(connects=[{**OK, "advice": advice}, OK])
    lived(peer)
    assert peer.times("/meta/connect") == [0.0, 0.0, 0.0]


def test_a_connect_may_take_the_advised_time_and_ten_seconds() -> None:
    """The limit of a held connect follows the last advice that named one; the first connect, which is not held, has ten seconds."""
    limits: list[float | None] = []
    peer = Peer(connects=[OK, {**OK, "advice": {"reconnect": "retry"}}], handshakes=[{**OK, "clientId": "c", "advice": {"timeout": 45000}}])

    class Watched:
        base_url = ""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def request(self, *args: Any, **options: Any) -> Exchange:
            limits.append(options["timeout"])
            made: Exchange = await self.inner.request(*args, **options)
            return made

    async def go() -> None:
        ended = asyncio.Event()
        transport = ScriptedTransport()
        transport.on("POST", "/n", peer)
        watched: Any = Watched(transport.client("http://gws.example"))
        client = BayeuxClient(watched, "/n", clock=peer.clock, on_event=lambda c, d: None, on_end=lambda error: ended.set())
        await client.start()
        await ended.wait()
        await client.close()

    asyncio.run(go())
    assert limits == [10.0, 10.0, 55.0, 55.0]


def test_none_means_none() -> None:
    """When the server wants no more of us the client stops, says so, and refuses to subscribe."""
    told = Told()

    async def go() -> BayeuxClient:
        client = client_of(Peer(connects=[OK]), told)
        await client.start()
        await told.ended.wait()
        with pytest.raises(Refused, match="enough"):
            await client.subscribe("/late")
        await client.close()
        return client

    ended = asyncio.run(go()).ended
    assert isinstance(ended, Refused)
    assert ended.reason == "forbidden"


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (("/v2/me/x", "/v2/me/*"), [1, 2]),
        (("/v2/me/x", "/**"), [1, 2]),
        (("/v2/me/x", "/other/*"), [1, 1, 2, 1]),
        (("/v2/me/*",), [1, 1, 2, 1]),
    ],
)
def test_events_that_come_twice(channels: tuple[str, ...], expected: list[int]) -> None:
    """A server that delivers once for each subscription is heard once; without overlap nothing is ever dropped."""
    twice = [event("/v2/me/x", 1), event("/v2/me/x", 1)]
    again = [event("/v2/me/x", 2), event("/v2/me/x", 1), {"channel": "/meta/connect", **OK}]
    assert [data for _, data in lived(Peer(connects=[OK, twice, again]), *channels).events] == expected


def test_closing_says_goodbye() -> None:
    """The server is told, once, however often one closes; nothing is sent after it."""
    peer = Peer(connects=[OK] * 20)

    async def go() -> None:
        client = client_of(peer, Told())
        await client.start()
        await asyncio.sleep(0)
        await client.close()
        await client.close()

    asyncio.run(go())
    assert peer.channels().count("disconnect") == 1


def test_closing_before_the_start_does_nothing() -> None:
    """A session that never began needs no goodbye."""
    peer = Peer()

    async def go() -> None:
        await client_of(peer, Told()).close()

    asyncio.run(go())
    assert peer.sent == []


def test_a_listener_that_breaks_is_not_hidden() -> None:
    """What a listener raises comes out where the client is closed."""

    def broken(channel: str, data: object) -> None:
        raise KeyError(channel)

    async def go() -> None:
        client = client_of(Peer(connects=[OK, [event("/a", 1)]]), Told(), on_event=broken)
        await client.start()
        await asyncio.wait({client._loop} if client._loop else ())
        with pytest.raises(KeyError):
            await client.close()

    asyncio.run(go())


def test_only_one_request_beside_the_connect() -> None:
    """Subscriptions asked for at the same time go out one after the other."""
    under_way: list[int] = [0, 0]

    class Counting:
        base_url = ""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def request(self, *args: Any, **options: Any) -> Exchange:
            is_other = b"/meta/connect" not in options["body"]
            under_way[0] += is_other
            under_way[1] = max(under_way)
            try:
                made: Exchange = await self.inner.request(*args, **options)
                return made
            finally:
                under_way[0] -= is_other

    async def go() -> None:
        transport = ScriptedTransport()
        transport.on("POST", "/n", Peer(connects=[OK] * 100))
        counting: Any = Counting(transport.client("http://gws.example"))
        client = BayeuxClient(counting, "/n", clock=ManualClock(), on_event=lambda c, d: None)
        await client.start()
        await asyncio.gather(*(client.subscribe(f"/c{n}") for n in range(5)))
        await client.close()

    asyncio.run(go())
    assert under_way[1] == 1
