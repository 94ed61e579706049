"""
A vendor's API as its OpenAPI 3.1 document describes it: which operations there are, how each answers, and what an answer holds.

Read once a run by :mod:`runner.plugins.drift`, when the first answer of that vendor has come. What an operation's answers look like is
compiled when the first of them is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from msgspec import Struct, field

from runner.errors import BrokenPlugin
from runner.plugins.answers import Schemas, Shape
from runner.plugins.bodies import Content, content_of
from runner.plugins.contract import Vendor
from runner.plugins.kept import kept

__all__ = ["Answer", "ApiDocument", "Operation", "load_document"]

# In C where PyYAML was built with it; scalars stay text, which :func:`_plain` reads in half the time that PyYAML takes.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_IN_A_WORD = 40


class Answer(Struct):
    """
    What one status of an operation brings: media type (lower case, without parameters) → its body, None when the body is not compared.
    Without any, there is no body.
    """

    contents: Mapping[str, Content | None]

    def content(self, media: str) -> tuple[bool, Content | None]:
        """Whether *media* is documented, and such a body."""
        for known in (media, media.partition("/")[0] + "/*", "*/*"):
            if known in self.contents:
                return True, self.contents[known]
        return False, None


class Operation(Struct):
    """``name`` is ``POST /me/interactions/{id}``; ``told`` is the document's own description of its answers."""

    name: str
    told: Mapping[str, Any]
    answers: dict[int, Answer | None] = field(default_factory=dict)


class _Place(Struct):
    """A segment of a path in the tree of all paths."""

    words: dict[str, _Place] = field(default_factory=dict)
    # the segment that may hold anything, with the name it has in the document
    parameter: _Place | None = None
    name: str = ""
    operations: dict[str, Operation] = field(default_factory=dict)


class ApiDocument:
    """
    The compiled document. ``base`` is the path below which its first server serves, "" when that is the root.

    Raises: ``KeyError``, ``TypeError``, ``ValueError``, ``AttributeError`` – it is not one; also the methods, as answers are compiled late.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._schemas = Schemas(self._resolve)
        self._root = _Place()
        self._pushed = _pushed(document)
        self._messages: dict[str, Shape | None] = {}
        self.base = urlsplit(next((server["url"] for server in document.get("servers", ())), "")).path.rstrip("/")
        for path, item in document["paths"].items():
            place = self._planted(path)
            for method in _METHODS:
                if method in item:
                    name = f"{method.upper()} {path}"
                    place.operations[method.upper()] = Operation(name, item[method]["responses"])

    def operations(self) -> Iterator[Operation]:
        """All of them."""
        waiting = [self._root]
        while waiting:
            place = waiting.pop()
            yield from place.operations.values()
            waiting += place.words.values()
            if place.parameter is not None:
                waiting.append(place.parameter)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request for *path* (below the base path, without a query) is, if any."""
        place = _found(self._root, _segments(path), 0)
        return None if place is None else place.operations.get(method)

    @property
    def tells_of_messages(self) -> bool:
        """Whether the document describes what the vendor pushes: its schema ``message`` has a discriminator with a mapping."""
        return bool(self._pushed)

    def message(self, body: object) -> tuple[str, Shape | None]:
        """A pushed message's kind, "" when it has none, and its shape; None when the document does not know it."""
        kind = body.get(self._pushed["propertyName"]) if isinstance(body, dict) else None
        if not isinstance(kind, str):
            return "", None
        if kind not in self._messages:
            if (reference := self._pushed["mapping"].get(kind)) is None:
                return kind, None
            self._messages[kind] = self._schemas.shape({"$ref": reference})
        return kind, self._messages[kind]

    def nearest_path(self, path: str) -> str:
        """*path* as far as the document knows it; what is no plain word after that becomes ``{…}``, as it may be anybody's id."""
        place: _Place | None = self._root
        told = []
        for segment in _segments(path):
            deeper = place and (place.words.get(segment) or place.parameter)
            name = deeper.name if deeper else ""
            told.append(name or (segment if _is_word(segment) else "{…}"))
            place = deeper
        return "/" + "/".join(told)

    def answer(self, operation: Operation, http: int) -> Answer | None:
        """What *operation* answers with the status *http*; None when it is not documented."""
        if http not in operation.answers:
            operation.answers[http] = self._answer(operation.told, http)
        return operation.answers[http]

    def _answer(self, told: Mapping[str, Any], http: int) -> Answer | None:
        found = next((told[key] for key in (str(http), f"{http // 100}XX", "default") if key in told), None)
        if found is None:
            return None
        while "$ref" in found:
            found = self._resolve(found["$ref"])
        return Answer({media.lower(): self._body(media, told) for media, told in found.get("content", {}).items()})

    def _body(self, media: str, told: Mapping[str, Any]) -> Content | None:
        """The body where it can be compared; of what is in other media types only the type is documented."""
        return content_of(media.lower(), lambda: self._schemas.shape(told.get("schema", True)))

    def _planted(self, path: str) -> _Place:
        place = self._root
        for segment in _segments(path):
            if "{" in segment:
                place.parameter = place.parameter or _Place(name=segment)
                place = place.parameter
            else:
                place = place.words.setdefault(segment, _Place())
        return place

    def _resolve(self, reference: str) -> Any:
        found: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found


def _pushed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """How pushed messages are told apart: ``propertyName``, and ``mapping`` from its values to schemas; empty when none are described."""
    found: Mapping[str, Any] = document.get("components", {}).get("schemas", {}).get("message", {}).get("discriminator", {})
    return found if "mapping" in found else {}


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _found(place: _Place, segments: list[str], at: int) -> _Place | None:
    """Words go before parameters; where a word leads nowhere, the parameter beside it is tried."""
    if at == len(segments):
        return place if place.operations else None
    word = place.words.get(segments[at])
    found = _found(word, segments, at + 1) if word is not None else None
    if found is None and place.parameter is not None and segments[at]:
        found = _found(place.parameter, segments, at + 1)
    return found


def _is_word(segment: str) -> bool:
    return len(segment) <= _MOST_IN_A_WORD and segment.isascii() and segment.replace("-", "").replace("_", "").isalpha()


def _plain(node: yaml.Node | None, made: dict[int, Any]) -> Any:
    """What a YAML *node* says, with texts, whole numbers, true, false and null told apart; *made* is what aliases may point to."""
    if isinstance(node, yaml.ScalarNode):
        text: str = node.value
        if node.style:
            return text
        return _WORDS[text] if text in _WORDS else int(text) if text.isdecimal() else text
    found = made.get(id(node))
    if found is None and isinstance(node, yaml.MappingNode):
        found = made[id(node)] = {key.value: _plain(value, made) for key, value in node.value}
    elif found is None and isinstance(node, yaml.SequenceNode):
        found = made[id(node)] = [_plain(item, made) for item in node.value]
    return found


def _read(text: bytes) -> Any:
    return _plain(yaml.compose(text, Loader=_LOADER), {})


def _content(package: str, path: str) -> Any:
    """What the document at *path* of a *package* says."""
    origin = import_module(package).__file__
    if origin is not None and (file := Path(origin).parent / path).is_file():
        return kept(file, _read)
    # a package without a folder (a zip file); the library takes 3 ms to import, so it is not the first to be asked
    from importlib import resources

    return _read(resources.files(package).joinpath(path).read_bytes())


def load_document(vendor: Vendor) -> ApiDocument | None:
    """
    The document that ``vendor.contract`` names, None when it names none.

    Raises: ``BrokenPlugin`` – it is missing, or no OpenAPI document.
    """
    if not vendor.contract:
        return None
    package, _, path = vendor.contract.partition("/")
    try:
        return ApiDocument(_content(package, path))
    except (OSError, ImportError, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError) as exc:
        raise BrokenPlugin(
            f"the description of {vendor.title}'s API, {vendor.contract}, cannot be used: {type(exc).__name__}: {exc}",
            plugin=vendor.name,
            code="E603",
            hint="its answers are not compared with it",
        ) from exc
