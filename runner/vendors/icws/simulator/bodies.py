"""
What a request's body says, property by property: required, of the right type, in range; otherwise the 400 that names the property.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from runner.vendors.icws.simulator.errors import invalid, malformed, missing

__all__ = ["Body", "read"]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d*)?)?Z|\d{8}T?\d{4}(\d\d(\.\d*)?)?Z", re.ASCII)
_decode = msgspec.json.Decoder().decode
_TRUTHS = {"true": True, "false": False}


def read(raw: bytes, *, coerce: bool, any_case: bool = False) -> Body:
    """
    The body as an object; no bytes at all are an object without properties.

    Raises: 400 malformed.
    """
    if not raw.strip():
        return Body({}, coerce=coerce, any_case=any_case)
    try:
        data = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise malformed("The message body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise malformed("The message body is not a JSON object.")
    return Body(data, coerce=coerce, any_case=any_case)


class Body:
    """An object that was sent; every reader takes the property's name and raises the 400 that fits. Unknown members are not looked at."""

    def __init__(self, data: dict[str, object], *, coerce: bool, any_case: bool = False) -> None:
        self.data = data
        self._coerce = coerce
        self._any_case = any_case
        self._members = {name.lower(): value for name, value in data.items()} if any_case else data

    def _get(self, name: str) -> object:
        return self._members.get(name.lower() if self._any_case else name)

    def __contains__(self, name: str) -> bool:
        return self._get(name) is not None

    def _required(self, name: str) -> object:
        value = self._get(name)
        if value is None:
            raise missing(name)
        return value

    def text(self, name: str, *, filled: bool = False) -> str:
        """A required text; *filled*: not an empty one."""
        value = self._required(name)
        if not isinstance(value, str):
            raise invalid(name, "a string is expected.")
        if filled and not value.strip():
            raise invalid(name, "it is empty.")
        return value

    def optional_text(self, name: str, default: str = "") -> str:
        """A text that may be absent."""
        return self.text(name) if name in self else default

    def number(self, name: str, allowed: Collection[int] | None = None) -> int:
        """A required whole number; *allowed*: the values of an enumeration."""
        value = self._required(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(name, "a whole number is expected.")
        if allowed is not None and value not in allowed:
            raise invalid(name, f"{value} is not one of {', '.join(map(str, allowed))}.")
        return value

    def truth(self, name: str, *, default: bool | None = None) -> bool:
        """A boolean, required when there is no *default*; text is taken for one when the server coerces."""
        if default is not None and name not in self:
            return default
        value = self._required(name)
        if self._coerce and isinstance(value, str):
            value = _TRUTHS.get(value.lower(), value)
        if not isinstance(value, bool):
            raise invalid(name, "a boolean is expected.")
        return value

    def moment(self, name: str) -> str:
        """A required date and time in UTC, compact or extended; seconds and fraction may be missing."""
        value = self.text(name)
        if not _MOMENT.fullmatch(value):
            raise invalid(name, "a date and time in UTC is expected, like 20240212T101500Z.")
        return value

    def guid(self, name: str) -> str:
        """A required Guid, in lower case."""
        value = self.text(name)
        if not _GUID.fullmatch(value):
            raise invalid(name, "a Guid is expected.")
        return value.lower()

    def inner(self, name: str) -> Body:
        """A required object."""
        value = self._required(name)
        if not isinstance(value, dict):
            raise invalid(name, "an object is expected.")
        return Body(value, coerce=self._coerce, any_case=self._any_case)

    def values(self, name: str) -> list[object]:
        """A required list."""
        value = self._required(name)
        if not isinstance(value, list):
            raise invalid(name, "a list is expected.")
        return value

    def objects(self, name: str) -> list[Body]:
        """A required list of objects."""
        return [self._member(name, value) for value in self.values(name)]

    def _member(self, name: str, value: object) -> Body:
        if not isinstance(value, dict):
            raise invalid(name, "a list of objects is expected.")
        return Body(value, coerce=self._coerce, any_case=self._any_case)

    def texts(self, name: str, *, filled: bool = False) -> list[str]:
        """A required list of texts; *filled*: not an empty list."""
        values = self.values(name)
        if not all(isinstance(v, str) for v in values):
            raise invalid(name, "a list of strings is expected.")
        if filled and not values:
            raise invalid(name, "it is empty.")
        return [str(v) for v in values]

    def kind(self, *families: str) -> str:
        """
        The ``__type`` of a derived representation: one of *families*, given back as it stands there.

        Raises: 400 missingProperty – absent; 400 malformed – of another family.
        """
        found = self.text("__type")
        if found not in families:
            raise malformed(f"The type '{found}' is not expected here.")
        return found
