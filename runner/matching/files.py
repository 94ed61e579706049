"""
The matchers that compare with a file of the project: ``same_as_file``, and ``schema``, which also takes a JSON Schema as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from runner.matching.comparison import BadMatcher, Comparison, Files, not_text, wanted_text

__all__ = ["same_as_file", "schema"]


def same_as_file(argument: Any, _within: Any, files: Files | None) -> Comparison:
    """The bytes of the file."""
    path = wanted_text("same_as_file", argument, "files/invoice.pdf")
    reader = _checked(path, files)
    cache: list[bytes] = []

    def content() -> bytes:
        if not cache:
            cache.append(reader.read(path))
        return cache[0]

    def hint(got: Any) -> str:
        wanted = content()
        if isinstance(got, Mapping):
            return f"the file has {len(wanted)} bytes and the SHA-256 {sha256(wanted).hexdigest()}"
        if isinstance(got, str) and got.encode(errors="replace").replace(b"\r\n", b"\n") == wanted.replace(b"\r\n", b"\n"):
            return "only the line ends differ"
        size = len(got.encode(errors="replace")) if isinstance(got, str) else len(got) if isinstance(got, bytes) else None
        return not_text(got) if size is None else f"the file has {len(wanted)} bytes, the answer {size}"

    return Comparison(lambda got: _same_bytes(content(), got), f"the same as {path}", hint)


def _same_bytes(wanted: bytes, got: Any) -> bool:
    """Whether *got* is *wanted*: as bytes, as text in UTF-8, as a SHA-256 in hex, or as an output that has one."""
    if isinstance(got, Mapping):
        hashed = got.get("sha256")
        return isinstance(hashed, str) and hashed.lower() == sha256(wanted).hexdigest()
    if isinstance(got, bytes):
        return got == wanted
    if not isinstance(got, str):
        return False
    return got.encode(errors="replace") == wanted or (len(got) == 64 and got.lower() == sha256(wanted).hexdigest())


def schema(argument: Any, _within: Any, files: Files | None) -> Comparison:
    """Data that fits the schema."""
    if isinstance(argument, Mapping):
        validator: list[Any] = [_validator(argument, "the schema")]
        return Comparison(lambda got: bool(validator[0].is_valid(got)), "data that fits the schema", lambda got: _misfit(validator[0], got))
    path = wanted_text("schema", argument, "files/mail.schema.json")
    reader = _checked(path, files)
    validator = []

    def ready() -> Any:
        if not validator:
            validator.append(_validator(_json(reader.read(path), path), path))
        return validator[0]

    return Comparison(lambda got: bool(ready().is_valid(got)), f"data that fits {path}", lambda got: _misfit(ready(), got))


def _json(content: bytes, path: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as exc:
        raise BadMatcher(f"{path} is not JSON: {exc}", "name a file with a JSON Schema in it") from None


def _validator(document: Any, name: str) -> Any:
    """A validator of a JSON Schema; nothing is ever fetched for a ``$ref``."""
    from jsonschema import validators  # slow to import, and few checks need it
    from jsonschema.exceptions import SchemaError
    from referencing import Registry

    if not isinstance(document, dict):
        raise BadMatcher(f"{name} is not a JSON Schema")
    kind = validators.validator_for(document, default=validators.validator_for({}))
    try:
        kind.check_schema(document)
    except SchemaError as exc:
        raise BadMatcher(f"{name} is not a JSON Schema: {exc.message[:160]}") from None
    return kind(document, registry=Registry())


def _misfit(validator: Any, got: Any) -> str:
    from jsonschema.exceptions import best_match

    error = best_match(validator.iter_errors(got))
    return "" if error is None else f"{error.json_path.removeprefix('$').lstrip('.') or 'it'}: {error.message[:160]}"


def _checked(path: str, files: Files | None) -> Files:
    if files is None:
        raise BadMatcher(f"{path} cannot be read here")
    files.check(path)
    return files
