"""What must not be seen, and what must stay readable."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runner.environment.forms import Reach, reach_of
from runner.environment.model import Environment, Member, Target
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret

KEY = "mail/reply.scenario.yaml::gws"
CANARY = 'c4nary/Pa$$ w0rd+"x"&<ü>'
TOKEN = "9f8b6c1d2e3f4a5b6c7d8e9f"

# Written down here anew, without looking at forms.py: every shape in which a server or a library may send a secret back.
SHAPES: dict[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "upper case": str.upper,
    "lower case": str.lower,
    "URL": lambda s: quote(s, safe=""),
    "URL path": quote,
    "URL form": quote_plus,
    "URL with lower hex": lambda s: re.sub("%..", lambda match: match[0].lower(), quote(s, safe="")),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda s: json.dumps(json.dumps(s))[1:-1],
    "HTML": html.escape,
    "HTML without quotes": lambda s: html.escape(s, quote=False),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 after one byte": lambda s: base64.b64encode(b"a" + s.encode() + b"zz").decode(),
    "base64 after two bytes": lambda s: base64.b64encode(b"ab" + s.encode() + b"zz").decode(),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "Basic pair": lambda s: base64.b64encode(f"qa1:{s}".encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "upper hex": lambda s: s.encode().hex().upper(),
}


def stable(shape: str, text: str) -> str:
    """The part of a shape that must be gone: of base64 the ends also depend on what stands beside it."""
    return text[4:-6] if "base64" in shape else text


def clean(redactor: Redactor, text: str, scope: str = KEY) -> str:
    """*text* as it would come out of an event."""
    return redactor.text(text, scope=scope)


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.know(Secret("QA1", CANARY), users=["qa1"])
    redactor.learn(TOKEN, name="session", scope=KEY)
    return redactor


@pytest.mark.parametrize("secret", [CANARY, TOKEN], ids=["environment", "learned"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_secret_is_hidden(redactor: Redactor, shape: str, secret: str) -> None:
    """A secret is taken out in each shape it may travel in."""
    shaped = SHAPES[shape](secret)

    shown = clean(redactor, f"got {shaped} back")

    assert stable(shape, shaped) not in shown
    assert "***" in shown


@settings(max_examples=150)
@given(
    secret=st.text(min_size=8, max_size=40), before=st.text(max_size=12), after=st.text(max_size=12), shape=st.sampled_from(list(SHAPES))
)
def test_no_secret_is_too_odd_to_be_hidden(secret: str, before: str, after: str, shape: str) -> None:
    """Any uncommon text of 8 characters or more, in any shape, between any two texts, is hidden."""
    assume(reach_of(secret) is Reach.ANYWHERE)
    redactor = Redactor()
    redactor.know(Secret("QA1", secret), users=["qa1"])
    shaped = SHAPES[shape](secret)

    shown = clean(redactor, f"{before}{shaped}{after}")

    assert stable(shape, shaped) not in shown or stable(shape, shaped) in before + "***" + after


def test_a_basic_pair_of_a_short_password_is_hidden() -> None:
    """``user:password`` in base64 gives a short password away, so it is hidden as a whole."""
    redactor = Redactor()
    redactor.know(Secret("QA1", "abc12"), users=["supervisor1"])

    assert clean(redactor, "Basic " + base64.b64encode(b"supervisor1:abc12").decode()) == "Basic ***"


def test_each_line_of_a_secret_is_hidden() -> None:
    """A key of several lines is hidden line by line; its frame is no secret."""
    redactor = Redactor()
    redactor.know(Secret("KEY", "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----"))

    assert clean(redactor, "it has hkiG9w0BAQEFAASC in it") == "it has *** in it"
    assert clean(redactor, "-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_each_text_in_a_secret_of_json_is_hidden() -> None:
    """Credentials that are a JSON document are hidden leaf by leaf."""
    redactor = Redactor()
    redactor.know(Secret("ACCOUNT", json.dumps({"id": "robot", "keys": [{"private": "kJ8-secret-leaf"}], "number": 9988776655})))

    assert clean(redactor, "kJ8-secret-leaf and 9988776655") == "*** and ***"


def test_secrets_that_overlap_are_hidden_together() -> None:
    """Where one secret begins inside another, nothing of either remains."""
    redactor = Redactor()
    redactor.know(Secret("A", "abcdefgh12"))
    redactor.know(Secret("B", "gh12ijklmnop"))

    assert clean(redactor, "<abcdefgh12ijklmnop>") == "<***>"


# ── not too much ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

NORMAL = """
The agent answered a customer's mail about order ORD-4711 and attached the invoice; a test of the team's mailbox at 12:30.
verify_status: expected "sent", got "queued" after 30.0 s and 11 tries; seen draft, queued (2.1 s). The latest contest was tested.
POST /api/v2/me/interactions/0001 answered 409 conflict: {"statusCode": 2, "statusMessage": "attachment missing", "password": false}
Guten Tag Frau Müller, anbei die Rechnung. こんにちは。The session of a supervisor at gws was closed, 3 of 4 steps passed.
"""


# what people wrongly choose as passwords
WEAK = ["a", "e", "is", "test", "agent", "sent", "1", "12", "team", "password", "supervisor", "qa1x", "abc123"]


@pytest.mark.parametrize("secret", WEAK)
def test_a_short_or_common_secret_does_not_blacken_the_report(secret: str) -> None:
    """With a secret like ``a`` or ``test`` less than a thousandth of ordinary text changes."""
    redactor = Redactor()
    redactor.know(Secret("WEAK", secret))
    words = NORMAL.split()

    shown = clean(redactor, NORMAL).split()

    changed = sum(old != new for old, new in zip(words, shown, strict=True))
    assert changed / len(words) < 0.001


def test_a_short_secret_is_hidden_where_it_stands_alone() -> None:
    """A secret of fewer than 8 characters is hidden as a word of its own, and is left inside other words."""
    redactor = Redactor()
    redactor.know(Secret("PIN", "x7k2"))

    assert clean(redactor, "wrong PIN x7k2, see ax7k2b") == "wrong PIN ***, see ax7k2b"


def test_a_common_word_is_hidden_where_it_is_the_whole_value() -> None:
    """A secret that is an ordinary word is hidden only as a whole value."""
    redactor = Redactor()
    redactor.know(Secret("QA1", "test"))

    hits = redactor.screen(b'{"value":"test"}', scope=KEY)

    assert redactor.mask({"value": "test", "text": "a test"}, hits) == {"value": "***", "text": "a test"}


def test_a_weak_secret_is_told_to_its_owner() -> None:
    """The warning names the secret, says what is hidden, and does not show the value."""
    redactor = Redactor()
    redactor.know(Secret("QA1", "x7k2"))
    redactor.know(Secret("QA2", "a-good-long-one"))

    assert len(redactor.warnings) == 1
    assert redactor.warnings[0].startswith("the secret QA1 is short or a common word, so reports hide it only as a word of its own")
    assert "x7k2" not in redactor.warnings[0]


# ── learned, and forgotten ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_one_scenario_learned_is_its_own(redactor: Redactor) -> None:
    """A token is hidden in the events of the scenario that learned it, and in those of the run."""
    assert TOKEN in clean(redactor, TOKEN, scope="another")
    assert clean(redactor, TOKEN, scope=KEY) == "***"
    assert clean(redactor, TOKEN, scope="") == "***"


def test_a_secret_of_the_run_that_comes_late_is_hidden_everywhere(redactor: Redactor) -> None:
    """What is learned for the run holds in scenarios that had already learned something."""
    redactor.learn("late-run-secret", name="secret", scope="")

    assert clean(redactor, "late-run-secret", scope=KEY) == "***"
    assert clean(redactor, "late-run-secret", scope="another") == "***"


def test_the_last_events_of_a_scenario_are_still_clean(redactor: Redactor) -> None:
    """Forgetting a scenario takes effect after its last events have come."""
    redactor.forget(KEY)

    assert clean(redactor, TOKEN) == "***"


def test_memory_does_not_grow_with_finished_scenarios() -> None:
    """However many scenarios end, only the newest few are remembered."""
    redactor = Redactor()
    for number in range(500):
        redactor.learn(f"token-number-{number:06}", name="token", scope=f"s{number}")
        redactor.forget(f"s{number}")
        redactor.forget(f"s{number}")

    assert len(redactor._scopes) == 32


def test_a_saved_value_with_a_secret_name_is_learned() -> None:
    """``save: token`` makes the value a secret of the scenario."""
    redactor = Redactor()

    redactor.saved("access_token", "eyJ-a-long-token", scope=KEY)

    assert clean(redactor, "it was eyJ-a-long-token") == "it was ***"


def test_a_saved_object_is_searched_for_secret_names() -> None:
    """A secret inside a saved output is learned, too."""
    redactor = Redactor()

    redactor.saved("answer", {"body": {"csrfToken": "0a1b2c3d4e5f"}}, scope=KEY)

    assert clean(redactor, "0a1b2c3d4e5f") == "***"


@pytest.mark.parametrize(
    "value", ["must have 8 characters", "https://example.com/reset", "2030-01-02T09:00:00Z", "application/json", "true", "de"]
)
def test_ordinary_values_under_a_secret_name_are_not_learned(value: str) -> None:
    """A message under ``password`` is masked there, and readable elsewhere."""
    redactor = Redactor()

    assert redactor.body(json.dumps({"password": value}), scope=KEY) == '{"password":"***"}'
    assert clean(redactor, f"it said: {value}") == f"it said: {value}"


# ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abcdefgh12345", "Bearer ***"),
        ("authorization", "Basic cWExOnNlY3JldC1wYXNz", "Basic ***"),
        ("Proxy-Authorization", "whatever-it-is", "***"),
        ("Cookie", "JSESSIONID=AB12; theme=dark", "JSESSIONID=***; theme=***"),
        ("Set-Cookie", "JSESSIONID=node01abc; Path=/; HttpOnly", "JSESSIONID=***; Path=/; HttpOnly"),
        ("ININ-ICWS-CSRF-Token", "WAhtYWlub2ZmaWNl", "***"),
        ("ININ-ICWS-Session-ID", "1234567890", "***"),
        ("X-egain-session", "f3a1-77", "***"),
        ("X-CSRF-TOKEN", "0f0f", "***"),
        ("X-Api-Key", "k", "***"),
        ("Location", "https://h/cb?token=abc&x=1", "https://h/cb?token=***&x=1"),
        ("X-CSRF-HEADER", "X-CSRF-TOKEN", "X-CSRF-TOKEN"),
        ("Content-Type", "application/json", "application/json"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZQ=="),
    ],
)
def test_a_header_loses_its_value_by_its_name(name: str, value: str, shown: str) -> None:
    """Headers that carry secrets are masked, the others are told as they are."""
    assert Redactor().headers({name: value}, scope=KEY) == {name: shown}


def test_what_a_header_carried_is_hidden_elsewhere() -> None:
    """A cookie, a bearer token and a Basic password are learned from their headers."""
    redactor = Redactor()
    redactor.headers({"Set-Cookie": "JSESSIONID=node01abcdef; Path=/", "Authorization": "Basic cWExOnNlY3JldC1wYXNz"}, scope=KEY)

    assert clean(redactor, "node01abcdef secret-pass") == "*** ***"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/a?token=abc&page=2", "http://h/a?token=***&page=2"),
        ("http://h/a?page=2&api_key=k%20k", "http://h/a?page=2&api_key=***"),
        ("http://h/cb#access_token=abc&expires_in=3", "http://h/cb#access_token=***&expires_in=3"),
        ("http://user:pw@h/a", "http://user:***@h/a"),
        ("http://h/a;jsessionid=AB12?x=1", "http://h/a;jsessionid=***?x=1"),
        ("http://h/a?tokenCount=3&nextPageToken=abc", "http://h/a?tokenCount=3&nextPageToken=abc"),
        ("http://h/a?x=a=b@c", "http://h/a?x=a=b@c"),
    ],
)
def test_a_url_loses_its_secret_parameters(url: str, shown: str) -> None:
    """Query, fragment, path parameters and user info are masked by name; everything else stays."""
    assert Redactor().url(url, scope=KEY) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"password": "x"}', '{"password":"***"}'),
        ('{"a":{"b":[{"refresh_token":"r"}]}}', '{"a":{"b":[{"refresh_token":"***"}]}}'),
        ('{"token":{"value":"v","n":17}}', '{"token":{"value":"***","n":"***"}}'),
        ('{"pin":"{\\"passwd\\":\\"x\\"}"}', '{"pin":"{\\"passwd\\":\\"***\\"}"}'),
        (
            '{"tokenCount":3,"tokens":512,"hasPassword":true,"password":null}',
            '{"tokenCount":3,"tokens":512,"hasPassword":true,"password":null}',
        ),
        ("user=qa1&password=a%20b&x=1", "user=qa1&password=***&x=1"),
        ('{"user":"qa1","password":"cut of', '{"user":"qa1","password":"***'),
        ('<input type="hidden" name="csrf_token" value="abc">', '<input type="hidden" name="csrf_token" value="***">'),
        ("<login><password>abc</password></login>", "<login><password>***</password></login>"),
        (
            '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nabc\r\n--b--',
            '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n--b--',
        ),
        ("just a token in a sentence", "just a token in a sentence"),
        ("", ""),
    ],
)
def test_a_body_loses_what_stands_under_secret_names(body: str, shown: str) -> None:
    """JSON (nested, in texts, cut), forms, pages and parts are masked by name."""
    assert Redactor().body(body, scope=KEY) == shown


def test_a_body_without_secrets_is_told_as_sent() -> None:
    """Spaces, order and numbers of a body stay as they came when nothing in it is hidden."""
    body = '{ "b" : 1.00,\n "a" : "tokenless" }'

    assert Redactor().body(body, scope=KEY) is body


def test_a_body_that_was_cut_inside_a_secret_loses_the_beginning_of_it(redactor: Redactor) -> None:
    """The excerpt's end may fall into a secret; what is left of it is hidden."""
    body = "x " * 20_000 + TOKEN[:15]

    assert redactor.body(body, scope=KEY).endswith("x ***")


@settings(max_examples=100)
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["token", "password", "a", "b"]), inner, max_size=3),
        max_leaves=12,
    )
)
def test_a_body_of_json_stays_json(data: object) -> None:
    """Whatever is masked in it, a body of JSON is JSON afterwards."""
    body = json.dumps({"top": data})

    assert json.loads(Redactor().body(body, scope=KEY)).keys() == {"top"}


HOSTILE = {
    "backslashes": "token" + "\\" * 60_000,
    "quotes": 'token"' + '"a' * 30_000,
    "pairs": "token" + "a=" * 30_000,
    "tags": "token" + "<a>" * 20_000,
    "inputs": "token" + 'name="a" ' * 7_000,
    "parts": "token" + '; name="a"\r\nb\r\n' * 4_000,
    "a text without end": 'token"a":"' + "\\a" * 30_000,
    "a deep list": '{"token":' + "[" * 30_000,
    "a deep list that is closed": '{"token":' + "[" * 900 + "]" * 900 + "}",
    "a deep list in a text": '{"token":"' + "[" * 30_000 + '"}',
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("shape", HOSTILE)
def test_a_hostile_body_is_read_in_a_moment(shape: str) -> None:
    """Reading time grows with the length of a body, not with its square; and nothing breaks."""
    assert Redactor().body(HOSTILE[shape], scope=KEY)


# ── what an environment knows ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_secrets_of_an_environment_are_known_from_the_start() -> None:
    """Passwords of actors, options, mail servers and variables are hidden before anything runs."""
    credentials = {"user": "qa1", "password": Secret("QA1", "actor-password")}
    environment = Environment(
        "staging",
        {"gws": Target("gws", "http://h", options={"proxy": {"password": Secret("P", "proxy-password")}})},
        {"agent": (Member("agent", 0, {"gws": credentials}),)},
        variables={"keys": [Secret("V", "variable-secret")]},
    )

    redactor = Redactor.of(environment, [Secret("S", "another-secret")])

    assert clean(redactor, "actor-password proxy-password variable-secret another-secret") == "*** *** *** ***"
    assert clean(redactor, base64.b64encode(b"qa1:actor-password").decode()) == "***"


def test_the_same_person_at_three_vendors_is_known_once() -> None:
    """What is looked for does not grow with repetition."""
    redactor = Redactor()
    for user in ("qa1", "qa2", "qa1", "qa1"):
        redactor.know(Secret("QA", "shared-password"), users=[user])

    assert len(redactor._everywhere.hidden) == 2
    assert clean(redactor, base64.b64encode(b"qa2:shared-password").decode()) == "***"


# ── the screen ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=200)
@given(
    secret=st.text(st.characters(codec="ascii", min_codepoint=33), min_size=8, max_size=24),
    before=st.text(st.characters(codec="ascii", min_codepoint=32), max_size=9),
)
def test_the_quick_screen_misses_nothing(secret: str, before: str) -> None:
    """A secret in a line is found wherever it begins."""
    assume(reach_of(secret) is Reach.ANYWHERE)
    redactor = Redactor()
    redactor.learn(secret, name="x", scope=KEY)

    line = msgspec.json.encode({"text": before + secret})

    assert redactor.screen(line, scope=KEY)


def test_the_quick_screen_passes_an_ordinary_line(redactor: Redactor) -> None:
    """A line without secrets has no hits."""
    assert not redactor.screen(json.dumps({"text": NORMAL}).encode(), scope=KEY)
