"""The Bayeux server behaves as CometD 3.1 does (gws reference, section 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from runner.clock import ManualClock
from runner.simulation.bayeux_messages import is_pattern

ADVICE = {"reconnect": "retry", "interval": 0, "timeout": 30000}
AGAIN = {"reconnect": "handshake", "interval": 0}


def connect(client: str, **fields: object) -> dict[str, object]:
    return {"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling", "id": "c", **fields}


def subscribe(client: str, subscription: object, **fields: object) -> dict[str, object]:
    return {"channel": "/meta/subscribe", "clientId": client, "subscription": subscription, "id": "s", **fields}


async def held(here: Any, client: str, **options: Any) -> asyncio.Task[Any]:
    """A connect that the server holds."""
    await here.say(connect(client, advice={"timeout": 0}), **options)
    task = asyncio.create_task(here.say(connect(client, id="held"), **options))
    while not any(session["held"] for session in here.toy.bayeux.described() if session["clientId"] == client):  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0)
    return task


def shaking(**fields: object) -> dict[str, object]:
    return {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"], "id": "h", **fields}


# ── handshake ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_handshake_gives_a_session(place: Any) -> None:
    """The reply has a new clientId, the versions, the one connection type, the advice, and the id as it was sent."""

    async def go() -> Any:
        async with place() as here:
            reply = await here.say(
                {"channel": "/meta/handshake", "version": "1.0", "id": "h1", "supportedConnectionTypes": ["long-polling"]}
            )
            return reply, [(c.key, c["path"], c["httponly"]) for c in here.http.cookie_jar]

    (reply,), cookies = asyncio.run(go())
    assert len(bytes.fromhex(reply.pop("clientId"))) >= 16
    assert reply == {
        "id": "h1",
        "channel": "/meta/handshake",
        "successful": True,
        "version": "1.0",
        "minimumVersion": "1.0",
        "supportedConnectionTypes": ["long-polling"],
        "advice": ADVICE,
    }
    assert cookies == [("BAYEUX_BROWSER", "/", True)]


def test_a_browser_keeps_its_cookie(place: Any) -> None:
    """A second handshake of the same browser gives a new clientId and sets no new cookie."""

    async def go() -> Any:
        async with place() as here:
            first = await here.shake_hands()
            before = [cookie.value for cookie in here.http.cookie_jar]
            second = await here.shake_hands()
            return first == second, before == [cookie.value for cookie in here.http.cookie_jar]

    assert asyncio.run(go()) == (False, True)


def test_a_refused_handshake(place: Any) -> None:
    """Who may not is told 403 and not to come again."""

    async def go() -> Any:
        async with place() as here:
            return await here.say({"channel": "/meta/handshake", "id": "1"}, user="nobody")

    assert asyncio.run(go()) == [
        {"id": "1", "channel": "/meta/handshake", "successful": False, "error": "403::Handshake denied", "advice": {"reconnect": "none"}}
    ]


def test_a_handshake_is_alone(place: Any) -> None:
    """With other messages in its request it is answered with HTTP 500."""

    async def go() -> Any:
        async with place() as here:
            return await here.say({"channel": "/meta/handshake"}, {"channel": "/meta/connect"})

    assert asyncio.run(go()) == 500


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[1]", 400), (b'"x"', 400), (b'[{"channel":7}]', 400), (b"\xff", 400), (b"[]", 500)],
)
def test_what_is_no_list_of_messages(place: Any, body: bytes, status: int) -> None:
    """Malformed JSON is HTTP 400, an empty array HTTP 500."""

    async def go() -> Any:
        async with place() as here:
            return await here.say(body)

    assert asyncio.run(go()) == status


def test_one_object_is_a_list_of_one(place: Any) -> None:
    """A message without its array is taken, and the reply is an array all the same."""

    async def go() -> Any:
        async with place() as here:
            return await here.say(b'{"channel":"/meta/handshake","id":1e0}')

    assert [reply["successful"] for reply in asyncio.run(go())] == [True]


def test_long_polling_takes_post_only(place: Any) -> None:
    """A GET is HTTP 400; what follows the endpoint's path does not matter."""

    async def go() -> Any:
        async with place() as here:
            async with here.http.get(here.served.url + "/notifications") as answer:
                got = answer.status
            async with here.http.post(here.served.url + "/notifications/handshake", data=b'[{"channel":"/meta/handshake"}]') as answer:
                return got, answer.status

    assert asyncio.run(go()) == (400, 200)


@pytest.mark.parametrize("id", [b'"a\\u00e9"', b"1.50", b"1e3", b"null", b'{"a": 1}'])
def test_an_id_is_echoed_byte_for_byte(place: Any, id: bytes) -> None:
    """Whatever a client sends as id comes back as it was."""

    async def go() -> bytes:
        async with place() as here:
            body = b'[{"channel":"/meta/connect","id":' + id + b"}]"
            async with here.http.post(here.served.url + "/notifications", data=body) as answer:
                return bytes(await answer.read())

    assert b'"id":' + id + b"," in asyncio.run(go())


# ── subscriptions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("subscription", ["/v2/me/*", ["/v2/me/channels", "/v2/**"]])
def test_a_subscription_is_echoed_as_sent(place: Any, subscription: object) -> None:
    """Text comes back as text, a list as a list."""

    async def go() -> Any:
        async with place() as here:
            return await here.say(subscribe(await here.shake_hands(), subscription))

    assert asyncio.run(go()) == [{"id": "s", "channel": "/meta/subscribe", "successful": True, "subscription": subscription}]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "403::subscription_missing"),
        ({"subscription": []}, "403::subscription_missing"),
        ({"subscription": 7}, "403::subscription_invalid"),
        ({"subscription": "v2/me"}, "403::subscription_invalid"),
        ({"subscription": "/v2/*/x"}, "403::subscription_invalid"),
        ({"subscription": "/v2//x"}, "403::subscription_invalid"),
        ({"subscription": "/meta/connect"}, "403:denied_by_security_policy:subscribe_denied"),
        ({"subscription": "/meta/*"}, "403:denied_by_security_policy:subscribe_denied"),
        ({"subscription": "/secret"}, "403:not_yours:subscribe_denied"),
        ({"subscription": ["/v2/me", "/secret"]}, "403:not_yours:subscribe_denied"),
    ],
)
def test_a_subscription_that_is_refused(place: Any, fields: dict[str, object], error: str) -> None:
    """The error has CometD's words, and nothing of the request is subscribed to."""

    async def go() -> Any:
        async with place() as here:
            message = {"channel": "/meta/subscribe", "clientId": await here.shake_hands(), **fields}
            reply = await here.say(message)
            return reply[0]["successful"], reply[0]["error"], here.toy.bayeux.described()[0]["subscriptions"]

    assert asyncio.run(go()) == (False, error, [])


@pytest.mark.parametrize(
    ("pattern", "channel", "reached"),
    [
        ("/v2/me/interactions", "/v2/me/interactions", 1),
        ("/v2/me/*", "/v2/me/interactions", 1),
        ("/v2/me/*", "/v2/me/a/b", 0),
        ("/v2/*", "/v2/me/a", 0),
        ("/v2/**", "/v2/me/a", 1),
        ("/**", "/v2/me/a", 1),
        ("/v2/me/**", "/v2/you/a", 0),
    ],
)
def test_what_a_pattern_fits(place: Any, pattern: str, channel: str, reached: int) -> None:
    """One star is one segment, two are any depth."""

    async def go() -> int:
        async with place() as here:
            await here.say(subscribe(await here.shake_hands(), pattern))
            return int(here.toy.bayeux.publish("ines", channel, 1))

    assert asyncio.run(go()) == reached


def test_overlapping_subscriptions_deliver_once(place: Any) -> None:
    """An event that three subscriptions fit comes once."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, ["/v2/me/x", "/v2/me/*", "/**"]))
            here.toy.bayeux.publish("ines", "/v2/me/x", {"n": 1})
            return await here.say(connect(client))

    assert [message["channel"] for message in asyncio.run(go())] == ["/v2/me/x", "/meta/connect"]


def test_events_are_for_their_user(place: Any, another_browser: Callable[[], aiohttp.ClientSession]) -> None:
    """What is pushed to one user reaches none of another; None reaches everybody."""

    async def go() -> Any:
        async with place() as here, another_browser() as http:
            await here.say(subscribe(await here.shake_hands(), "/x"))
            await here.say(subscribe(await here.shake_hands("ana", http), "/x"), user="ana", http=http)
            return [here.toy.bayeux.publish(user, "/x", 1) for user in ("ines", "ana", "bob", None)]

    assert asyncio.run(go()) == [1, 1, 0, 2]


def test_unsubscribing(place: Any) -> None:
    """After it nothing comes; a channel that nobody has is refused."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            replies = [(await here.say({"channel": "/meta/unsubscribe", "clientId": client, "subscription": "/x"}))[0] for _ in range(2)]
            return [reply.get("error", "") for reply in replies], here.toy.bayeux.publish("ines", "/x", 1)

    assert asyncio.run(go()) == (["", "400::channel_missing"], 0)


# ── replies ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("/v2/me/interactions", "403:denied_by_security_policy:publish denied"),
        ("/meta/unknown", "403:denied_by_security_policy:create denied"),
        ("", "400::channel missing"),
    ],
)
def test_what_a_client_may_not(place: Any, channel: str, error: str) -> None:
    """Publishing, unknown meta channels and messages without a channel are refused in CometD's words."""

    async def go() -> Any:
        async with place() as here:
            message = {"clientId": await here.shake_hands(), "data": 1, **({"channel": channel} if channel else {})}
            return (await here.say(message))[0]["error"]

    assert asyncio.run(go()) == error


def test_an_unknown_client_is_402(place: Any) -> None:
    """Only the connect is advised to shake hands again."""

    async def go() -> Any:
        async with place() as here:
            return [(await here.say({"channel": channel, "clientId": "gone"}))[0] for channel in ("/meta/connect", "/meta/subscribe", "/x")]

    replies = asyncio.run(go())
    assert {reply["error"] for reply in replies} == {"402::Unknown client"}
    assert [reply.get("advice") for reply in replies] == [AGAIN, None, None]


def test_a_session_belongs_to_its_browser(place: Any, another_browser: Callable[[], aiohttp.ClientSession]) -> None:
    """Without the cookie the right clientId is unknown, unless the server trusts it."""

    async def go(*, trust: bool) -> Any:
        async with place(trust_client_session=trust) as here, another_browser() as stranger:
            client = await here.shake_hands()
            return (await here.say(connect(client), http=stranger))[0]["successful"]

    assert [asyncio.run(go(trust=False)), asyncio.run(go(trust=True))] == [False, True]


def test_a_session_belongs_to_its_user(place: Any) -> None:
    """Another user with the same browser does not get at it."""

    async def go() -> Any:
        async with place() as here:
            return (await here.say(connect(await here.shake_hands()), user="ana"))[0]["error"]

    assert asyncio.run(go()) == "402::Unknown client"


def test_events_ride_before_the_replies(place: Any) -> None:
    """Queued events come on any response of the session, before replies in the order of their requests."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            here.toy.bayeux.publish("ines", "/x", {"n": 1})
            here.toy.bayeux.publish("ines", "/x", {"n": 2})
            return await here.say(subscribe(client, "/y", id=1), subscribe(client, "/z", id=2))

    messages = asyncio.run(go())
    assert messages[:2] == [{"channel": "/x", "data": {"n": 1}}, {"channel": "/x", "data": {"n": 2}}]
    assert [message["id"] for message in messages[2:]] == [1, 2]


# ── connect ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_connect_is_not_held(place: Any) -> None:
    """It is answered at once, without advice when it brought none."""

    async def go() -> Any:
        async with place() as here:
            return await here.say(connect(await here.shake_hands()))

    assert asyncio.run(go()) == [{"id": "c", "channel": "/meta/connect", "successful": True}]


def test_advice_answers_advice(place: Any) -> None:
    """A connect that brings advice gets the server's."""

    async def go() -> Any:
        async with place() as here:
            return (await here.say(connect(await here.shake_hands(), advice={"timeout": 0})))[0]["advice"]

    assert asyncio.run(go()) == ADVICE


def test_a_held_connect_ends_with_an_event(place: Any) -> None:
    """An event lets it go at once."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            waiting = await held(here, client)
            here.toy.bayeux.publish("ines", "/x", {"n": 1})
            return await waiting

    assert asyncio.run(go()) == [{"channel": "/x", "data": {"n": 1}}, {"id": "held", "channel": "/meta/connect", "successful": True}]


@pytest.mark.parametrize(("asked", "held_for"), [({}, 30.0), ({"timeout": 5000}, 5.0), ({"timeout": 90000}, 30.0)])
def test_how_long_a_connect_is_held(place: Any, asked: dict[str, int], held_for: float) -> None:
    """Until the server's timeout or the client's, whichever is shorter; then it succeeds without events."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            client = await here.shake_hands()
            await here.say(connect(client))
            before = clock.monotonic()
            reply = await here.say(connect(client, **({"advice": asked} if asked else {})))
            return reply[0]["successful"], clock.monotonic() - before

    assert asyncio.run(go()) == (True, held_for)


def test_several_messages_are_never_held(place: Any) -> None:
    """A connect among others is answered with them."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(connect(client))
            return [message["channel"] for message in await here.say(connect(client), subscribe(client, "/x"))]

    assert asyncio.run(go()) == ["/meta/connect", "/meta/subscribe"]


def test_a_newer_connect_takes_the_place_of_the_older(place: Any) -> None:
    """The older request ends with HTTP 500 and no Bayeux body."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            older = await held(here, client)
            newer = await here.say(connect(client, advice={"timeout": 0}))
            return await older, newer[0]["successful"]

    assert asyncio.run(go()) == (500, True)


def test_one_browser_has_one_held_connect(place: Any) -> None:
    """A second session with the same cookie is told of multiple clients, and gets the usual advice when that is over."""

    async def go() -> Any:
        async with place() as here:
            first = await here.shake_hands()
            waiting = await held(here, first)
            second = await here.shake_hands()
            await here.say(connect(second))
            too_many = await here.say(connect(second))
            await here.say({"channel": "/meta/disconnect", "clientId": first})
            await waiting
            await here.say(subscribe(second, "/x"))
            here.toy.bayeux.publish("ines", "/x", 1)
            return too_many[0], (await here.say(connect(second)))[1]["advice"]

    reply, afterwards = asyncio.run(go())
    assert reply["successful"]
    assert reply["advice"] == {"multiple-clients": True, "reconnect": "retry", "interval": 2000}
    assert afterwards == ADVICE


def test_without_an_interval_the_second_session_is_turned_away(place: Any) -> None:
    """With ``multi_session_interval`` 0 the connect fails and is not to be tried again."""

    async def go() -> Any:
        async with place(max_sessions_per_browser=0, multi_session_interval=0) as here:
            client = await here.shake_hands()
            await here.say(connect(client))
            return (await here.say(connect(client)))[0]

    reply = asyncio.run(go())
    assert (reply["successful"], reply["advice"]["reconnect"]) == (False, "none")


def test_disconnecting(place: Any) -> None:
    """It lets the held connect go, which is not to come again; later messages are unknown."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            waiting = await held(here, client)
            goodbye = await here.say({"channel": "/meta/disconnect", "clientId": client, "id": "d"})
            return goodbye, (await waiting)[0]["advice"], (await here.say(connect(client)))[0]["error"]

    goodbye, advice, later = asyncio.run(go())
    assert goodbye == [{"id": "d", "channel": "/meta/disconnect", "successful": True}]
    assert (advice, later) == ({"reconnect": "none"}, "402::Unknown client")


def test_a_session_whose_client_stays_away_is_swept(place: Any) -> None:
    """After ``interval`` + ``max_interval`` without a connect it is forgotten, with all that waited for it."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            clock.turn(9.9)
            in_time = here.toy.bayeux.publish("ines", "/x", 1)
            clock.turn(0.2)
            return in_time, here.toy.bayeux.publish("ines", "/x", 2), (await here.say(connect(client)))[0]["error"]

    assert asyncio.run(go()) == (1, 0, "402::Unknown client")


def test_each_connect_keeps_a_session_alive(place: Any) -> None:
    """The time begins anew with each answer to a connect, held or not, and does run out."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            client = await here.shake_hands()
            alive = []
            for _ in range(3):
                await here.say(connect(client))
                clock.turn(9.9)
                alive.append(len(here.toy.bayeux.described()))
            clock.turn(0.2)
            return alive, here.toy.bayeux.described()

    assert asyncio.run(go()) == ([1, 1, 1], [])


def test_too_many_events_end_a_session(place: Any) -> None:
    """A queue has a size; beyond it the session is forgotten."""

    async def go() -> Any:
        async with place(max_queue=2) as here:
            await here.say(subscribe(await here.shake_hands(), "/x"))
            return [here.toy.bayeux.publish("ines", "/x", n) for n in range(4)]

    assert asyncio.run(go()) == [1, 1, 1, 0]


# ── what tests can do to it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dropping_sessions(place: Any) -> None:
    """A held connect is told at once, and whoever comes later as well."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            waiting = await held(here, client)
            dropped = here.toy.bayeux.drop_sessions("ines")
            return dropped, (await waiting)[0], (await here.say(subscribe(client, "/x")))[0]["error"]

    dropped, told, later = asyncio.run(go())
    assert (dropped, told["error"], told["advice"], later) == (1, "402::Unknown client", AGAIN, "402::Unknown client")


def test_forcing_402(place: Any) -> None:
    """What is held is let go as if nothing had come; the next message meets 402, the one after a new handshake not."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            waiting = await held(here, client)
            here.toy.bayeux.force_402()
            again = await here.say(subscribe(client, "/x"))
            new = await here.say(subscribe(await here.shake_hands(), "/x"))
            return (await waiting)[0]["successful"], again[0]["error"], new[0]["successful"]

    assert asyncio.run(go()) == (True, "402::Unknown client", True)


def test_cutting_what_is_held(place: Any) -> None:
    """The connection ends without an answer; the session and what waits for it live on."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            waiting = await held(here, client)
            cut = here.toy.bayeux.cut_held()
            with pytest.raises(aiohttp.ClientError):
                await waiting
            here.toy.bayeux.publish("ines", "/x", 1)
            return cut, len(await here.say(connect(client)))

    assert asyncio.run(go()) == (1, 2)


def test_an_event_for_a_client_that_left_waits_for_it(place: Any) -> None:
    """A held connect whose client is gone does not swallow the event."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say(subscribe(client, "/x"))
            waiting = await held(here, client)
            waiting.cancel()
            await asyncio.wait({waiting})
            await here.hello()
            here.toy.bayeux.publish("ines", "/x", 1)
            return len(await here.say(connect(client, advice={"timeout": 0})))

    assert asyncio.run(go()) == 2


async def confirming(here: Any) -> str:
    """A client that confirms what came, and is subscribed to ``/x``."""
    (shaken,) = await here.say(shaking(ext={"ack": True}))
    await here.say(subscribe(shaken["clientId"], "/x"))
    return str(shaken["clientId"])


@pytest.mark.parametrize(
    ("installed", "offered", "agreed"),
    [(True, {"ack": True}, True), (False, {"ack": True}, False), (True, {"ack": "yes"}, False), (True, {}, False), (True, [1], False)],
)
def test_who_confirms_what_came(place: Any, installed: bool, offered: object, agreed: bool) -> None:
    """The ack extension is agreed to when the server has it and the client offers it; else no reply has an `ext`."""

    async def go() -> Any:
        async with place(acknowledge=installed) as here:
            (shaken,) = await here.say(shaking(ext=offered))
            (connected,) = await here.say(connect(shaken["clientId"], advice={"timeout": 0}, ext={"ack": -1}))
            return shaken.get("ext"), connected.get("ext")

    assert asyncio.run(go()) == (({"ack": True}, {"ack": 0}) if agreed else (None, None))


def test_what_is_not_confirmed_is_sent_again(place: Any) -> None:
    """Before what came since, under the next number, and at once; what is confirmed never again."""

    async def go() -> Any:
        async with place(acknowledge=True) as here:
            client = await confirming(here)
            told = []
            for event, confirmed in (("a", -1), ("b", 0), ("c", 2), (None, 3)):
                if event:
                    here.toy.bayeux.publish("ines", "/x", event)
                *events, reply = await here.say(connect(client, advice={"timeout": 0}, ext={"ack": confirmed}))
                told.append(([each["data"] for each in events], reply["ext"]["ack"]))
            return told

    assert asyncio.run(go()) == [(["a"], 1), (["a", "b"], 2), (["c"], 3), ([], 3)]


def test_a_connect_that_confirms_too_little_is_not_held(place: Any) -> None:
    """What did not arrive goes out with the answer to the very next connect."""

    async def go() -> Any:
        async with place(acknowledge=True) as here:
            client = await confirming(here)
            here.toy.bayeux.publish("ines", "/x", "a")
            await here.say(connect(client, advice={"timeout": 0}, ext={"ack": -1}))
            return [m.get("data") for m in await here.say(connect(client, ext={"ack": 0}))]

    assert asyncio.run(go()) == ["a", None]


def test_who_confirms_gets_events_with_connects_only(place: Any) -> None:
    """No other reply could be confirmed; a connect beside other messages brings them too."""

    async def go() -> Any:
        async with place(acknowledge=True) as here:
            client = await confirming(here)
            here.toy.bayeux.publish("ines", "/x", "a")
            alone = await here.say(subscribe(client, "/y"))
            beside = await here.say(subscribe(client, "/z"), connect(client, ext={"ack": -1}))
            return [m["channel"] for m in alone], [m["channel"] for m in beside], beside[-1]["ext"]

    assert asyncio.run(go()) == (["/meta/subscribe"], ["/x", "/meta/subscribe", "/meta/connect"], {"ack": 1})


def test_closing_lets_everything_go(place: Any) -> None:
    """A server that stops answers what it holds."""

    async def go() -> Any:
        async with place() as here:
            waiting = await held(here, await here.shake_hands())
            here.toy.bayeux.close()
            return (await waiting)[0]["successful"]

    assert asyncio.run(go()) is True


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("/", False),
        ("", False),
        ("/a", True),
        ("/a/*", True),
        ("/a/**", True),
        ("/a*", False),
        ("/a/***", False),
        ("/*/a", False),
        ("/a/", False),
    ],
)
def test_what_is_a_channel(channel: str, expected: bool) -> None:
    """Segments are not empty, and stars stand alone at the end."""
    assert is_pattern(channel) is expected
