"""
The cookies of one session (RFC 6265), as cheap as a session with a handful of them deserves.

aiohttp's own jar costs a fifth of a small request; this one is asked for a ready header. Kept: name, value, Domain, Path, Secure, expiry;
cookies of IP addresses too, because simulators live on 127.0.0.1. Not kept: anything for a whole top-level domain.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from msgspec import Struct

__all__ = ["Cookies", "Origin"]

# A session with more is one that went wrong; the oldest make room.
_MOST = 200


class Origin(Struct, frozen=True):
    """Where a request goes, as far as cookies mind: ``host`` in lower case, ``secure`` when by https."""

    host: str
    secure: bool


class _Cookie(Struct, frozen=True):
    name: str
    value: str
    domain: str
    # whether only *domain* itself gets it, or what lies below it too
    host_only: bool
    path: str
    secure: bool
    # seconds since the epoch; None lasts as long as the session
    expires: float | None

    def goes_to(self, origin: Origin, path: str) -> bool:
        if self.secure and not origin.secure:
            return False
        if origin.host != self.domain and (self.host_only or not _is_below(origin.host, self.domain)):
            return False
        if self.path in {"/", path}:
            return True
        return path.startswith(self.path) and (self.path.endswith("/") or path[len(self.path)] == "/")


class Cookies:
    """The jar."""

    def __init__(self) -> None:
        # (domain, path, name) → cookie, oldest first
        self._kept: dict[tuple[str, str, str], _Cookie] = {}
        self._can_expire = False

    def header(self, origin: Origin, path: str) -> str:
        """The ``Cookie`` header for a request, "" for none; longer paths come first."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._chosen(origin, path)) if self._kept else ""

    def pairs(self, origin: Origin, path: str) -> dict[str, str]:
        """The same as name → value."""
        return {cookie.name: cookie.value for cookie in reversed(self._chosen(origin, path))}

    def learn(self, set_cookie: Iterable[str], origin: Origin, path: str) -> None:
        """Keep what the ``Set-Cookie`` headers of an answer say; what they may not say is ignored."""
        for line in set_cookie:
            cookie = _read(line, origin, path)
            if cookie is None:
                continue
            key = (cookie.domain, cookie.path, cookie.name)
            if cookie.expires is not None:
                self._can_expire = True
                if cookie.expires <= time.time():
                    self._kept.pop(key, None)
                    continue
            self._kept[key] = cookie
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def _chosen(self, origin: Origin, path: str) -> list[_Cookie]:
        if self._can_expire:
            now = time.time()
            self._kept = {key: c for key, c in self._kept.items() if c.expires is None or c.expires > now}
        chosen = [cookie for cookie in self._kept.values() if cookie.goes_to(origin, path)]
        if len(chosen) > 1:
            chosen.sort(key=lambda cookie: -len(cookie.path))
        return chosen


def _read(line: str, origin: Origin, path: str) -> _Cookie | None:
    """One ``Set-Cookie`` header; None when it has no name, or names a domain that is not its own."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    name = name.strip()
    if not equals or not name or not _can_be_sent(line):
        return None
    given = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
    domain = given.get("domain", "").lstrip(".").lower()
    if domain and domain != origin.host and not ("." in domain and _is_below(origin.host, domain)):
        return None
    where = given.get("path", "")
    return _Cookie(
        name,
        value.strip(),
        domain or origin.host,
        host_only=not domain,
        path=where if where.startswith("/") else _folder(path),
        secure="secure" in given,
        expires=_expiry(given),
    )


def _can_be_sent(line: str) -> bool:
    """Whether the cookie can go back: bytes that were no UTF-8 cannot."""
    return line.isascii() or not any("\ud800" <= character <= "\udfff" for character in line)


def _expiry(given: dict[str, str]) -> float | None:
    age = given.get("max-age", "")
    if age.isascii() and age.removeprefix("-").isdigit() and len(age) < 12:
        return time.time() + int(age)
    if "expires" not in given:
        return None
    try:
        return parsedate_to_datetime(given["expires"].replace("-", " ")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _folder(path: str) -> str:
    """The default path: the request's, up to its last slash."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


def _is_below(host: str, domain: str) -> bool:
    """Whether *host* is a name below *domain*; an address is below nothing."""
    return host.endswith("." + domain) and not host.replace(".", "").isdigit() and ":" not in host
