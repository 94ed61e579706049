"""Shapes say of a file what msgspec says of the data, in other words and at the right place."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct

from runner.clock import Duration
from runner.plugins.contract import decode_custom
from runner.plugins.vocabulary import WORDS
from runner.scenario.shapes.shape import Owner, Record, Spots
from runner.scenario.shapes.shaping import shape_of
from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import Mapping, plain
from runner.source import Source

OWNER = Owner("step", "parameter", "E204", "E205", "E203")


class Inner(Struct, forbid_unknown_fields=True):
    """A record in a record."""

    size: int
    name: str = ""


class Whole(Struct, forbid_unknown_fields=True):
    """Every kind of field."""

    text: str = ""
    count: Annotated[int, Meta(ge=1, le=9, examples=[3])] = 1
    part: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    truth: bool = False
    kind: Literal["one", "two"] = "one"
    wait: Duration | None = None
    texts: list[str] = []
    inner: Inner | None = None
    either: str | list[Inner] = ""
    free: dict[str, int] = {}
    code: Annotated[str, Meta(pattern="^[a-z]+$", max_length=5)] = "a"
    some: Any = None


def record(kind: type) -> Record:
    """The shape of a record."""
    found = shape_of(kind, read=decode_custom).record
    assert found is not None
    return found


def fitted(kind: type, text: str) -> tuple[Any, list[str]]:
    """The data as the record wants it, and the messages."""
    spots = Spots()
    node = record(kind).fit(parse(Source("a.yaml", text)).root, OWNER, spots)
    return plain(node), [one.message for one in spots.diagnostics]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("text: 012", {"text": "012"}),
        ("text: yes", {"text": "yes"}),
        ("text: true", {"text": "true"}),
        ("texts: [1, no, 1.10]", {"texts": ["1", "no", "1.10"]}),
        ("count: 3", {"count": 3}),
        ("part: 0.25", {"part": 0.25}),
        ("truth: true", {"truth": True}),
        ("kind: two", {"kind": "two"}),
        ("wait: 1 min 30s", {"wait": "1 min 30s"}),
        ("wait:", {"wait": None}),
        ("inner: {size: 1, name: 2}", {"inner": {"size": 1, "name": "2"}}),
        ("either: 5", {"either": "5"}),
        ("either: [{size: 1}]", {"either": [{"size": 1}]}),
        ("free: {a: 1}", {"free": {"a": 1}}),
        ("some: {a: [1, no]}", {"some": {"a": [1, "no"]}}),
        ('count: "{{ n }}"', {"count": "{{ n }}"}),
        ('inner: "{{ i }}"', {"inner": "{{ i }}"}),
        ('texts: ["{{ a }}", b]', {"texts": ["{{ a }}", "b"]}),
    ],
)
def test_what_fits_is_taken(text: str, data: Any) -> None:
    """Text is taken as written, everything else as the value that it is; a template may stand anywhere."""
    assert fitted(Whole, text) == (data, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("txt: a", "unknown parameter `txt`"),
        ("text: [a]", "`text` must be text, not a list"),
        ("text:", "`text` has no value"),
        ("count: many", "`count` must be a whole number, not `many`"),
        ("count: 1.5", "`count` must be a whole number, not `1.5`"),
        ("count: 0", "`count` must be at least 1, not `0`"),
        ("count: 10", "`count` must be at most 9, not `10`"),
        ("part: 1", "`part` must be less than 1, not `1`"),
        ("part: 0", "`part` must be more than 0, not `0`"),
        ("truth: yes", "`truth` must be true or false, not `yes`"),
        ("truth: 1", "`truth` must be true or false, not `1`"),
        ("kind: three", "`kind` cannot be `three`"),
        ("wait: 30", "`wait` must be a duration like 30s, not `30`"),
        ("texts: a", "`texts` must be a list, not `a`"),
        ("texts: [{a: 1}]", "`texts[0]` must be text, not an object"),
        ("inner: {}", "`step` needs `inner.size`"),
        ("inner: {size: 1, nme: a}", "unknown parameter `nme` in `inner`"),
        ("inner: 5", "`inner` must be an object with names and values, not `5`"),
        ("either: [{size: x}]", "`either[0].size` must be a whole number, not `x`"),
        ("free: {a: x}", "`free.a` must be a whole number, not `x`"),
        ("code: ABC", "`code` cannot be `ABC`"),
        ("code: abcdef", "`code` must have at most 5 characters, not `abcdef`"),
    ],
)
def test_what_does_not_fit_is_told(text: str, message: str) -> None:
    """Each kind of misfit has its sentence, with the path of the value and what stands there."""
    assert fitted(Whole, text)[1] == [message]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("truth: yes", "write `truth: true`"),
        ("truth: off", "write `truth: false`"),
        ("count: 1_0", "write `count: 10`"),
        ("count: '3'", "write `count: 3`"),
        ("wait: 30", "write `wait: 30s` for seconds"),
        ("texts: a", "write `texts: [a]`"),
        ("kind: tow", "write `two`"),
        ("count: many", "write it like `count: 3`"),
    ],
)
def test_a_misfit_comes_with_one_fix(text: str, hint: str) -> None:
    """The fix is text to copy wherever it can be."""
    spots = Spots()

    record(Whole).fit(parse(Source("a.yaml", text)).root, OWNER, spots)

    assert [one.hint for one in spots.diagnostics] == [hint]


def test_a_file_is_left_as_it_is() -> None:
    """Where text was wanted another node stands in for the file's own, which may be used elsewhere."""
    root = parse(Source("a.yaml", "text: 012\ninner: {size: 1, name: 1.10}")).root

    found = record(Whole).fit(root, OWNER, Spots())

    assert plain(found) == {"text": "012", "inner": {"size": 1, "name": "1.10"}}
    assert plain(root) == {"text": "012", "inner": {"size": 1, "name": 1.1}}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**6)
    | st.floats(0, 10, allow_nan=False)
    | st.sampled_from(["sent", "30s", "files/a.pdf", "joe@example.com", "x", "draft", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "size", "a"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(data=st.data())
def test_what_fits_can_be_converted(data: st.DataObject) -> None:
    """Whatever a shape lets pass, msgspec converts: nothing wrong gets by it but a record's own rules about several parameters."""
    word = data.draw(st.sampled_from([word for word in WORDS if not hasattr(word.parameters, "__post_init__")]))
    fields = [one.encode_name for one in msgspec.structs.fields(word.parameters)]
    given_ = data.draw(st.dictionaries(st.sampled_from([*fields, "nme"]), VALUES, max_size=4))
    root = parse(Source("a.yaml", json.dumps(given_))).root
    spots = Spots()

    found = record(word.parameters).fit(root, OWNER, spots)

    if not spots.diagnostics:
        assert isinstance(found, Mapping)
        assert msgspec.convert(plain(found), word.parameters, dec_hook=decode_custom) is not None


@settings(max_examples=200)
@given(data=st.data())
def test_what_cannot_be_converted_does_not_fit(data: st.DataObject) -> None:
    """Whatever msgspec takes without bending it, a shape takes too: nothing right is refused, but for a value that is empty."""
    word = data.draw(st.sampled_from(WORDS))
    fields = [one.encode_name for one in msgspec.structs.fields(word.parameters)]
    given_ = data.draw(st.dictionaries(st.sampled_from(fields or ["nme"]), VALUES, max_size=4))
    spots = Spots()

    record(word.parameters).fit(parse(Source("a.yaml", json.dumps(given_))).root, OWNER, spots)

    try:
        msgspec.convert(given_, word.parameters, dec_hook=decode_custom)
    except (msgspec.ValidationError, ValueError):
        return
    assert spots.diagnostics == []
