"""
Where secrets travel under a name of their own: headers, cookies, URLs, bodies. Each function gives the text without them, and tells what
it found.

Used by :mod:`runner.environment.redaction`. A body that is JSON is taken apart and put together again, never edited as text; what is no
whole JSON (a form, a page, a body that was cut) is read pair by pair.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_plus

import msgspec

from runner.environment.secret_names import SecretNames

__all__ = ["MASK", "URL_HEADERS", "Found", "credential", "has_secret_names", "mask_body", "mask_header", "mask_named", "mask_url"]

MASK = "***"
# Called with a name and the whole value that stood under it, with its scheme if it has one (``Bearer …``).
Found = Callable[[str, str], None]

_SCHEME = re.compile(r"(Basic|Bearer|Token|Digest|Negotiate|NTLM|ApiKey|OAuth)\s+(.+)", re.IGNORECASE | re.DOTALL)
URL_HEADERS = frozenset({"location", "referer", "content-location", "link", "refresh"})
_USER_INFO = re.compile(r"(?<=://)([^/?#@\s:]*):([^/?#\s]*)@")
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#?/\s]{1,128})=([^&;#\s]*)")
_QUOTED = re.compile(
    r"""(?P<head>(?P<slashes>\\{0,8})"(?P<name>[^"\\\s]{1,128})(?P=slashes)"\s*:\s*(?P=slashes)")(?P<value>(?:[^"\\]|\\.)*?)(?=(?P=slashes)"|\Z)""",
    re.DOTALL,
)
_NUMBER = re.compile(r"""(?P<head>"(?P<name>[^"\\\s]{1,128})\\{0,8}"\s*:\s*)(?P<value>-?\d[\d.eE+-]*)""")
_PAIR = re.compile(r"""(?<![^\s&?;,"'({>])(?P<head>(?P<name>[\w.\[\]$:-]{1,128})=)(?P<value>[^&\s"'<>;,]+)""")
_ELEMENT = re.compile(r"(?P<head><(?P<name>[\w.:-]{1,128})(?:\s[^<>]{0,256})?>)(?P<value>[^<]+)(?=</)")
_INPUT = re.compile(r"""(?P<head>name=["'](?P<name>[^"'<>]{1,128})["'][^<>]{0,256}?\s(?:value|content)=["'])(?P<value>[^"'<>]*)""")
_PART = re.compile(
    r"""(?P<head>;\s*name="(?P<name>[^"\r\n]{1,128})"[^\r\n]{0,256}\r?\n(?:[^\r\n]{1,256}\r?\n){0,8}\r?\n)(?P<value>[^\r\n]+)"""
)
_PATTERNS = (_QUOTED, _NUMBER, _INPUT, _PART, _ELEMENT, _PAIR)
# JSON inside JSON inside JSON: deeper than anybody nests texts.
_DEEPEST = 4


def credential(value: str) -> list[str]:
    """What is secret in the value of an ``Authorization``: without its scheme; of Basic, the password."""
    match = _SCHEME.fullmatch(value.strip())
    if match is None:
        return [value]
    if match[1].lower() != "basic":
        return [match[2]]
    try:
        _, _, password = b64decode(match[2], validate=True).decode().partition(":")
    except ValueError:
        return [match[2]]
    return [match[2], password]


def mask_header(name: str, value: str, names: SecretNames, found: Found) -> str:
    """A header's value; cookies keep their names and attributes, an authorization its scheme."""
    lowered = name.lower()
    if lowered in URL_HEADERS:
        return mask_url(value, names, found)
    if not names[name]:
        return value
    if lowered == "cookie":
        return "; ".join(_cookie(pair, found) for pair in value.split("; "))
    if lowered in ("set-cookie", "set-cookie2"):
        pair, separator, attributes = value.partition(";")
        return _cookie(pair, found) + separator + attributes
    found(name, value)
    match = _SCHEME.fullmatch(value.strip())
    return f"{match[1]} {MASK}" if match else MASK


def _cookie(pair: str, found: Found) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        found("cookie", pair.strip())
        return MASK
    if value:
        found(name.strip(), value.strip('"'))
    return f"{name}={MASK}"


def mask_url(url: str, names: SecretNames, found: Found) -> str:
    """A URL: the password in it, and secret parameters of its path, query and fragment."""
    if "@" in url:
        url = _USER_INFO.sub(lambda match: _user_info(match, found), url)
    # a parameter of the path (;jsessionid=…) ends where the query begins
    path, mark, query = url.partition("?")
    return "".join(_PARAMETER.sub(lambda match: _parameter(match, names, found), part) for part in (path, mark + query))


def _user_info(match: re.Match[str], found: Found) -> str:
    found("password", unquote(match[2]))
    return f"{match[1]}:{MASK}@"


def _parameter(match: re.Match[str], names: SecretNames, found: Found) -> str:
    if not match[2] or not (names[unquote_plus(match[1])] or match[1].lower() in ("sig", "x-amz-signature")):
        return match[0]
    found(match[1], unquote_plus(match[2]))
    return f"{match[1]}={MASK}"


def mask_body(text: str, names: SecretNames, found: Found, *, depth: int = 0) -> str:
    """A body: JSON, a form, parts of a form, a page, or anything else in which ``name=value`` or ``"name": "value"`` stands."""
    if text.lstrip()[:1] in ("{", "[") and depth < _DEEPEST:
        try:
            data = msgspec.json.decode(text)
            masked = mask_named(data, names, found, depth=depth + 1)
            return text if masked is data else msgspec.json.encode(masked).decode()
        except (ValueError, RecursionError):
            # cut, or nested beyond reason: read as any other text
            pass
    for pattern in _PATTERNS:
        text = pattern.sub(lambda match: _match(match, names, found), text)
    return text


def _match(match: re.Match[str], names: SecretNames, found: Found) -> str:
    value = match["value"]
    if not value or value == MASK or not names[match["name"]]:
        return match[0]
    if match.re is _NUMBER:
        return f'{match["head"]}"{MASK}"'
    found(match["name"], unquote_plus(value) if match.re is _PAIR else _unescaped(value))
    return match["head"] + MASK


def _unescaped(value: str) -> str:
    """A JSON text without its escapes, as far as they are whole."""
    if "\\" not in value:
        return value
    try:
        return str(msgspec.json.decode(f'"{value}"'))
    except ValueError:
        return value


def has_secret_names(data: Any, names: SecretNames) -> bool:
    """Whether anything in plain data stands under a secret name: the cheap question before :func:`mask_named`."""
    kind = type(data)
    if kind is dict:
        for name, value in data.items():
            if type(name) is str and names[name]:
                return True
            inner = type(value)
            if (inner is dict or inner is list) and has_secret_names(value, names):
                return True
    elif kind is list or kind is tuple:
        return any(has_secret_names(item, names) for item in data)
    return False


def mask_named(data: Any, names: SecretNames, found: Found, *, depth: int = 0) -> Any:
    """
    Plain data without the values that stand under secret names; the same object when there are none.

    Texts that are JSON themselves are looked into when *depth* is not 0, as in a body.
    """
    if type(data) is dict or isinstance(data, dict):
        return _masked_dict(data, names, found, depth)
    if isinstance(data, (list, tuple)):
        items = [mask_named(item, names, found, depth=depth) for item in data]
        return data if all(new is old for new, old in zip(items, data, strict=True)) else items
    if depth and isinstance(data, str) and data[:1] in ("{", "["):
        return mask_body(data, names, found, depth=depth)
    return data


def _masked_dict(data: dict[Any, Any], names: SecretNames, found: Found, depth: int) -> dict[Any, Any]:
    changed: dict[Any, Any] | None = None
    for name, value in data.items():
        if type(name) is str and names[name]:
            new = _hidden(name, value, found)
        elif (not depth and type(value) is str) or not isinstance(value, (str, dict, list, tuple)):
            continue
        else:
            new = mask_named(value, names, found, depth=depth)
        if new is not value:
            changed = changed if changed is not None else dict(data)
            changed[name] = new
    return data if changed is None else changed


def _hidden(name: str, value: Any, found: Found) -> Any:
    """A value under a secret name: its texts and numbers go. True, false and nothing tell no secret, and ``tokens: 512`` is a count."""
    if type(value) is str and value and value != MASK:
        found(name, value)
        return MASK
    if isinstance(value, dict):
        return {key: _hidden(name, item, found) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(name, item, found) for item in value]
    if isinstance(value, bool) or value in (None, "", MASK) or (isinstance(value, (int, float)) and name.lower().endswith("s")):
        return value
    if isinstance(value, str):
        found(name, value)
    elif isinstance(value, int):
        found(name, str(value))
    return MASK
