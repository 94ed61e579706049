"""
What must not be seen? The Redactor knows the secrets of a run and takes them out of everything that is recorded.

Two nets, one behind the other:

- **by name**: a header, a field, a parameter of a URL that is *called* a secret loses its value, and the value is learned;
- **by value**: a known secret is taken out wherever it stands, in every shape of :mod:`runner.environment.forms`.

Secrets of the environment are known from the start and for all scenarios. What is learned while a scenario runs (session ids, tokens,
cookies) belongs to that scenario and is forgotten with it, so memory does not grow with the number of scenarios.

Learning works from the next event on, never backwards: a vendor says :meth:`Redactor.learn` before it does anything with a token that
could be recorded. The answer that brought the token is an event that the gate passes through :meth:`headers`, :meth:`url` and :meth:`body`,
and the net by name catches it there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from runner.environment.carriers import MASK, URL_HEADERS, Found, credential, has_secret_names, mask_body, mask_header, mask_named, mask_url
from runner.environment.forms import Form, Hidden, Reach, parts, reach_of
from runner.environment.model import Environment
from runner.environment.screen import Screen
from runner.environment.secret_names import SecretNames, may_hold_secrets
from runner.environment.secrets import Secret

__all__ = ["Redactor"]

# Scenarios that ended and whose last events may still come.
_LINGERING = 32
_MOST_HEADERS = 512
_MOST_TOLD = 4096
_MOST_SEEN = 512
# Values with nothing inside that could have a name of its own.
_SIMPLE = frozenset({str, int, float, bool, type(None)})
# A text this long may have been cut in the middle of a secret.
_MAYBE_CUT = 16_384
_FEWEST_CUT = 4
_LONGEST_STUMP = 4096
_NOT_LEARNED = re.compile(r"[*•.xX]+|https?://\S+|\d{4}-\d\d-\d\dT[\d:.]+\S*|(?:application|text)/\S+|.*[\s<>].*", re.DOTALL)


class _Seen(dict[tuple[str, tuple[str, ...]], tuple[Hidden, ...]]):
    """
    A secret and the user names beside it → the texts that give it away. The password that one scenario learned is learned by the next one
    as well, and its forms are made once. Forgets everything when it has grown large.
    """

    def __missing__(self, key: tuple[str, tuple[str, ...]]) -> tuple[Hidden, ...]:
        if len(self) >= _MOST_SEEN:
            self.clear()
        value, users = key
        texts = dict.fromkeys(text for text in parts(value) if text != MASK)
        hidden = self[key] = tuple(Hidden(text, users if text == value else ()) for text in texts)
        return hidden


class _Known:
    """The secrets of one scenario and, in its screen, those of the run as well; or the latter alone."""

    __slots__ = ("_seen", "headers", "hidden", "pairs", "screen", "told", "values")

    def __init__(self, screen: Screen, seen: _Seen) -> None:
        self._seen = seen
        self.values: set[str] = set()
        self.hidden: list[Hidden] = []
        # user names and the secret that goes with them
        self.pairs: set[tuple[tuple[str, ...], str]] = set()
        self.screen = screen
        # headers seen before → without their secrets
        self.headers: dict[tuple[str, str], str] = {}
        # values that stood under a secret name before
        self.told: set[str] = set()

    def add(self, value: str, users: tuple[str, ...] = ()) -> list[Hidden]:
        """Hide *value*; what is new because of it."""
        if not value.isascii():
            value = value.encode("utf-8", "replace").decode()
        known = self.values
        new = [hidden for hidden in self._seen[value, users] if hidden.value not in known] if value else []
        if users and (users, value) not in self.pairs:
            self.pairs.add((users, value))
            new += [Hidden(value, users)] if value in known else []
        self.hidden += new
        for hidden in new:
            known.add(hidden.value)
            self.screen.add(hidden)
        return new


class Redactor:
    """
    Knows what must not be seen.

    ``scope`` is a scenario's key, or ``""`` for what belongs to the whole run. ``warnings`` are for the person who chose the secrets.
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._names = SecretNames()
        # names of headers that were met and hold no secret
        self._harmless_headers: set[str] = set()
        self._seen = _Seen()
        self._everywhere = _Known(Screen(), self._seen)
        self._scopes: dict[str, _Known] = {}
        self._ended: deque[str] = deque()

    @classmethod
    def of(cls, environment: Environment, secrets: Iterable[Secret] = ()) -> Redactor:
        """A Redactor that knows every secret in *environment*, with the user names beside them, and *secrets*."""
        redactor = cls()
        for secret in secrets:
            redactor.know(secret)
        for members in environment.pools.values():
            for member in members:
                for credentials in member.credentials.values():
                    redactor._all_in(credentials)
        for target in environment.targets.values():
            redactor._all_in(target.defaults)
            redactor._all_in(target.options)
        redactor._all_in(environment.mail.smtp)
        redactor._all_in(environment.mail.imap)
        redactor._all_in(environment.variables)
        return redactor

    def _all_in(self, data: object) -> None:
        if isinstance(data, Mapping):
            user = data.get("user")
            users = [str(user.plain() if isinstance(user, Secret) else user)] if user else []
            for value in data.values():
                if isinstance(value, Secret):
                    self.know(value, users=users)
                else:
                    self._all_in(value)
        elif isinstance(data, (list, tuple)):
            for item in data:
                self._all_in(item)
        elif isinstance(data, Secret):
            self.know(data)

    # ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def know(self, secret: Secret, *, users: Iterable[str] = ()) -> None:
        """A secret of the environment, for the whole run; *users* are the names that it opens the door for."""
        value = secret.plain()
        if value and value not in self._everywhere.values and reach_of(value) is not Reach.ANYWHERE:
            where = "as a word of its own" if reach_of(value) is Reach.WORD else "where it is the whole value"
            self.warnings.append(
                f"the secret {secret.name} is short or a common word, so reports hide it only {where}; choose one of 8 or more characters"
            )
        self._for_all(value, tuple(users))

    def learn(self, value: str, *, name: str, scope: str) -> None:
        """From now on *value* is taken out of what *scope* records. Called before the event that could carry it."""
        if not value or value in self._everywhere.values:
            return
        if scope:
            self._known(scope).add(value)
        else:
            self._for_all(value)

    def learn_derived(self, made: Secret, source: Secret, *, scope: str) -> None:
        """
        A text or number that was *made* from a secret: learned like one, so a short one is taken out where it is the whole value. Where all
        of its *source* stands in it, that is taken out of it anyway, and the rest (``Bearer …``) may be read.
        """
        value, within = made.plain(), source.plain()
        if not (within in value and reach_of(within) is Reach.ANYWHERE):
            self.learn(value, name=made.name, scope=scope)

    def _for_all(self, value: str, users: tuple[str, ...] = ()) -> None:
        self._everywhere.add(value, users)

    def saved(self, name: str, value: Any, *, scope: str) -> None:
        """An output is kept as *name*: learn it when it is called a secret, and what is called one inside it."""
        with suppress(RecursionError):  # a value that contains itself; the gate cuts it
            self.named({name: value}, scope=scope)

    def forget(self, scope: str) -> None:
        """The scenario *scope* has ended. Its secrets are kept for its last events, until some others have ended as well."""
        if scope not in self._scopes or scope in self._ended:
            return
        self._ended.append(scope)
        if len(self._ended) > _LINGERING:
            self._scopes.pop(self._ended.popleft(), None)

    def _known(self, scope: str) -> _Known:
        if not scope:
            return self._everywhere
        known = self._scopes.get(scope)
        if known is None:
            known = self._scopes[scope] = _Known(Screen(self._everywhere.screen), self._seen)
        return known

    def _found(self, scope: str) -> Found:
        """Learns what stood under a secret name, unless it is so short or ordinary that it would blacken the report."""
        told = self._known(scope).told

        def found(name: str, value: str) -> None:
            if value in told:
                return
            if len(told) < _MOST_TOLD:
                told.add(value)
            for secret in credential(value):
                if reach_of(secret) is Reach.ANYWHERE and not _NOT_LEARNED.fullmatch(secret):
                    self.learn(secret, name=name, scope=scope)

        return found

    # ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def headers(self, headers: Mapping[str, str], *, scope: str) -> dict[str, str]:
        """Headers as they may be shown; one that comes several times is one text with commas."""
        shown = dict(headers.items())
        if len(shown) < len(headers):
            return self._repeated_headers(headers, scope)
        for name in shown.keys() - self._harmless_headers:
            shown[name] = self._header(name, shown[name], scope)
        return shown

    def _repeated_headers(self, headers: Mapping[str, str], scope: str) -> dict[str, str]:
        shown: dict[str, str] = {}
        for name, value in headers.items():
            masked = self._header(name, value, scope)
            shown[name] = f"{shown[name]}, {masked}" if name in shown else masked
        return shown

    def _header(self, name: str, value: str, scope: str) -> str:
        if not self._names[name] and name.lower() not in URL_HEADERS:
            if len(self._harmless_headers) >= _MOST_HEADERS:
                self._harmless_headers.clear()
            self._harmless_headers.add(name)
            return value
        seen = self._known(scope).headers
        masked = seen.get((name, value))
        if masked is None:
            if len(seen) >= _MOST_HEADERS:
                seen.clear()
            masked = seen[name, value] = mask_header(name, value, self._names, self._found(scope))
        return masked

    def url(self, url: str, *, scope: str) -> str:
        """A URL as it may be shown."""
        return mask_url(url, self._names, self._found(scope)) if "=" in url or "@" in url else url

    def body(self, text: str, *, scope: str) -> str:
        """A body as it may be shown; one that was cut loses the beginning of a secret at its end."""
        if len(text) >= _MAYBE_CUT:
            text = self._without_stump(text, scope)
        return mask_body(text, self._names, self._found(scope)) if may_hold_secrets(text) else text

    def _without_stump(self, text: str, scope: str) -> str:
        tail = text[-_LONGEST_STUMP:]
        for known in (self._everywhere, self._known(scope)):
            for form in (form for hidden in known.hidden for form in hidden.forms):
                start = tail.find(form.text[:_FEWEST_CUT]) if form.reach is Reach.ANYWHERE else -1
                while start >= 0:
                    if form.text.startswith(tail[start:]):
                        return text[: start - len(tail)] + MASK
                    start = tail.find(form.text[:_FEWEST_CUT], start + 1)
        return text

    def named(self, data: Any, *, scope: str) -> Any:
        """Plain data without the values under secret names, which are learned; the same object when there are none."""
        names = self._names
        return mask_named(data, names, self._found(scope)) if has_secret_names(data, names) else data

    def named_value(self, name: str, value: Any, *, scope: str) -> Any:
        """The same for one value that is called *name*."""
        if self._names[name] or type(value) not in _SIMPLE:
            return self.named({name: value}, scope=scope)[name]
        return value

    def is_secret_name(self, name: str) -> bool:
        """Whether a value of this name is a secret."""
        return self._names[name]

    def is_secret_place(self, path: str) -> bool:
        """Whether what stands at *path* (``answer.body.tokens[0]``) has the name of a secret."""
        return self._names[re.sub(r"\[[^\]]*\]$", "", path).rpartition(".")[2]]

    def compared(self, path: str, value: str, *, scope: str) -> str:
        """*value*, which was compared at *path*, as it may stand within a sentence: a short secret is only known while it is alone."""
        return MASK if self.is_secret_place(path) else self.text(value, scope=scope)

    # ── by value ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def screen(self, line: bytes, *, scope: str) -> Sequence[Form]:
        """
        The secrets that stand in *line*, an event in JSON: almost always none, and then this is all that redaction costs.

        What belongs to no scenario is screened for the secrets of all that run.
        """
        if scope:
            return self._scopes.get(scope, self._everywhere).screen.hits(line)
        if not self._scopes:
            return self._everywhere.screen.hits(line)
        return [hit for known in self._scopes.values() for hit in known.screen.hits(line)]

    def text(self, text: str, *, scope: str = "") -> str:
        """A text for people, without what is known to be secret."""
        return _without(text, self.screen(msgspec.json.encode(text.encode("utf-8", "replace").decode()), scope=scope))

    def mask(self, data: Any, hits: Sequence[Form], *, numbers: bool = True) -> Any:
        """
        A copy of plain data without *hits*: in texts, in keys, and with *numbers* in numbers whose digits they are.

        A text that is JSON is taken apart first, so that it is JSON afterwards.
        """
        if isinstance(data, str):
            return _without(self._masked_json(data, hits) if data[:1] in ("{", "[") else data, hits)
        if isinstance(data, dict):
            return self._masked_keys(data, hits, numbers=numbers)
        if isinstance(data, (list, tuple)):
            return [self.mask(item, hits, numbers=numbers) for item in data]
        if numbers and isinstance(data, (int, float)) and not isinstance(data, bool):
            return MASK if _without(str(data), hits) != str(data) else data
        return data

    def _masked_json(self, text: str, hits: Sequence[Form]) -> str:
        try:
            data = msgspec.json.decode(text)
            masked = self.mask(data, hits)
            return text if masked == data else msgspec.json.encode(masked).decode()
        except (ValueError, RecursionError):
            return text

    def _masked_keys(self, data: dict[Any, Any], hits: Sequence[Form], *, numbers: bool) -> dict[Any, Any]:
        keyed = [hit for hit in hits if hit.reach is not Reach.WHOLE]
        masked: dict[Any, Any] = {}
        for key, value in data.items():
            shown = _without(key, keyed) if isinstance(key, str) else key
            while shown in masked:
                shown = f"{shown} "
            masked[shown] = self.mask(value, hits, numbers=numbers)
        return masked


def _without(text: str, hits: Iterable[Form]) -> str:
    """*text* with every stretch that belongs to one of *hits* replaced; stretches that overlap are one."""
    stretches = sorted(stretch for hit in hits for stretch in _stretches(text, hit))
    if not stretches:
        return text
    pieces: list[str] = []
    done = 0
    for start, end in stretches:
        if start >= done:
            pieces += (text[done:start], MASK)
        done = max(done, end)
    return "".join((*pieces, text[done:]))


def _stretches(text: str, form: Form) -> Iterable[tuple[int, int]]:
    if form.reach is Reach.WHOLE:
        return [(0, len(text))] if text == form.text else []
    if form.reach is Reach.WORD:
        return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(form.text)}(?!\w)", text)]
    found: list[tuple[int, int]] = []
    start = text.find(form.text)
    while start >= 0:
        found.append((start, start + len(form.text)))
        start = text.find(form.text, start + 1)
    return found
