"""
Does this name say that its value is a secret? Asked for headers, fields of JSON and forms, parameters of URLs, and plain data.

A name is read as words, however it is spelled (``accessToken``, ``X-CSRF-TOKEN``, ``api_key``); what it is *about* stands last. So
``token`` is a secret, ``tokenCount`` and ``password_policy`` are not.
"""

from __future__ import annotations

import re

__all__ = ["SecretNames", "is_secret_name", "may_hold_secrets"]

_WORDS = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+")
_SECRETS = frozenset(
    """
    password passwords passwd passphrase passcode passwort kennwort pwd token tokens jwt bearer secret secrets authorization cookie cookies
    csrf xsrf csrftoken xsrftoken apikey accesstoken refreshtoken idtoken authtoken sessiontoken sessionid jsessionid phpsessid
    """.split()  # noqa: SIM905 - words are read more easily as a text
)
# Two words that are a secret together.
_PAIRS = frozenset({("api", "key"), ("private", "key"), ("secret", "key"), ("access", "key"), ("session", "id"), ("session", "key")})
# What may stand behind the word without changing what it is.
_TAILS = frozenset("value text plain plaintext raw hash new old current again confirm confirmation repeat".split())  # noqa: SIM905 - as above
# A token of this kind is a bookmark in a long list.
_BOOKMARKS = frozenset("page paging pagination continuation sync resume sort".split())  # noqa: SIM905 - as above
# Pieces that every body with a secret name has, in lower case.
_PIECES = ("token", "pass", "pwd", "secret", "cookie", "srf", "authori", "key")
_MOST_REMEMBERED = 4096


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and (words[-1] in _TAILS or words[-1].isdigit()):
        words.pop()
    if not words:
        return False
    if words[-1] == "token" and words[-2:-1] and words[-2] in _BOOKMARKS:
        return False
    if words[-1] in _SECRETS or tuple(words[-2:]) in _PAIRS:
        return True
    # a header that is called a session carries its id (X-egain-session); a field of this name need not
    return words[-1] == "session" and name[:2].lower() == "x-"


def may_hold_secrets(text: str) -> bool:
    """Whether *text* can contain a secret name at all; the cheap question before the real one."""
    lowered = text.lower()
    for piece in _PIECES:  # noqa: SIM110 - any() with a generator costs three times as much, and this is asked for each body
        if piece in lowered:
            return True
    return False


class SecretNames(dict[str, bool]):
    """What was decided about each name, so that it is decided once: ``names[name]``. Forgets everything when it has grown large."""

    def __missing__(self, name: str) -> bool:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        decided = self[name] = is_secret_name(name)
        return decided
