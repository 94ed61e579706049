"""
A secret that somebody wrote straight into a YAML file, instead of naming it: taken out of the text before a report shows it.

Used by the harness for the files that a run records. Secrets that are known are taken out at the gate as everywhere; here it is the *name*
beside a value that gives it away, ``password: hunter2``, or its place in an address, ``https://qa:hunter2@host``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from runner.environment.carriers import MASK

__all__ = ["HARMLESS", "mask_written", "starred"]

_PAIR = re.compile(
    r"""(?P<head>(?:^|(?<=[\s{,]))(?P<quote>["']?)(?P<name>[\w.-]{1,128})(?P=quote)[ \t]*:[ \t]+)"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,}\]#"'{\[|>&*!][^,}\]#\n]*)""",
    re.MULTILINE,
)
# ``https://user:password@host``: a password without a name beside it.
_IN_ADDRESS = re.compile(r"(?P<head>\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@\"'{}]*:)(?P<value>[^\s/@\"'{}]+)(?=@)")
# A place in an output (``save: {token: body.token}``), and values that tell nothing.
HARMLESS = re.compile(r"(?:answer|body|headers|text|json)(?:[.\[].*)?|true|false|null|~|", re.IGNORECASE)


def mask_written(text: str, is_secret_name: Callable[[str], bool]) -> str:
    """*text* without the values that stand under a secret name; templates (``{{ secret('QA1') }}``) stay, they give nothing away."""
    return _replaced(text, is_secret_name, lambda _: MASK)


def starred(text: str, is_secret_name: Callable[[str], bool]) -> str:
    """The same with a star for each character, so that all the rest stays in its place."""
    return _replaced(text, is_secret_name, lambda value: "*" * len(value))


def _replaced(text: str, is_secret_name: Callable[[str], bool], mask: Callable[[str], str]) -> str:
    def masked(match: re.Match[str]) -> str:
        value = match["value"].rstrip()
        bare = value.strip("\"'")
        if "{{" in value or HARMLESS.fullmatch(bare) or not is_secret_name(match["name"]):
            return match[0]
        quote = value[0] if value[0] in "\"'" else ""
        return f"{match['head']}{quote}{mask(value[len(quote) : -len(quote) or None])}{quote}{match['value'][len(value) :]}"

    return _IN_ADDRESS.sub(lambda match: match["head"] + mask(match["value"]), _PAIR.sub(masked, text))
