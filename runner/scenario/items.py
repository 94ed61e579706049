"""
One item of a list of steps: which word it is, what its parameters are, what stands beside it. From a node to a ``model.Step``.

Called by :mod:`runner.scenario.build` for ``steps`` and ``cleanup``, and by :mod:`runner.scenario.definitions`. How a word's parameters are
judged stands in :mod:`runner.scenario.parameters`, what may be wrong with the layout in :mod:`runner.scenario.layout`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from runner.errors import BadScenario, nearest
from runner.scenario import layout
from runner.scenario.language import BUILT_IN, Use
from runner.scenario.model import Definition, Step
from runner.scenario.modifiers import MODIFIERS, Beside, actor_name, read_modifiers
from runner.scenario.parameters import for_definition, for_words, spans
from runner.scenario.reading import Reading, is_empty
from runner.scenario.schema import Specs
from runner.scenario.shapes.shape import Owner, Record
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence

__all__ = ["MOST_STEPS", "build_steps"]

# Steps of one file, at most.
MOST_STEPS = 1_000
_USE = Owner("use", "key", "E208", "E205", "E203")
# What has no meaning beside `parallel`, which gives no output.
_NOT_BESIDE_PARALLEL = ("save", "expect", "refused")

# How alike two words must be to differ by a slip of the pen.
_A_SLIP = 0.86

Entry = tuple[str, Scalar, Node]


def build_steps(node: Node | None, key: Scalar | None, reading: Reading) -> tuple[Step, ...]:
    """The steps of a list; what is wrong is noted in *reading*, and those steps are left out."""
    if node is None or key is None:
        return ()
    if is_empty(node) or (isinstance(node, Sequence) and not len(node)):
        reading.tell(
            "E142",
            f"`{key.raw}` has no steps",
            key.span,
            label="nothing to do",
            hint="write the first step below it, like `- login: {as: agent}`",
        )
        return ()
    if not isinstance(node, Sequence):
        layout.no_list(node, key, reading)
        return ()
    if len(node) > MOST_STEPS:
        reading.tell(
            "E142", f"`{key.raw}` has {len(node):,} steps, at most {MOST_STEPS:,} are allowed", key.span, hint="split the scenario"
        )
        return ()
    built = [_item(item, reading) for item in node]
    return tuple(step for step in built if step is not None)


def _item(node: Node, reading: Reading) -> Step | None:
    if isinstance(node, Scalar):
        return _bare(node, reading)
    if isinstance(node, Sequence):
        reading.tell(
            "E206", "a list inside the list of steps", node.span, hint="remove one `- `; steps at the same time go under `parallel`"
        )
        return None
    assert isinstance(node, Mapping)  # noqa: S101 - there are three kinds
    return _keyed(node, reading)


def _bare(node: Scalar, reading: Reading) -> Step | None:
    """``- send``."""
    if is_empty(node) or not node.raw.strip():
        reading.tell(
            "E206", "an empty step", node.span, label="nothing stands behind the dash", hint="write a step there, or remove the dash"
        )
        return None
    return _step(node.raw, node, None, [], node, reading)


def _keyed(node: Mapping, reading: Reading) -> Step | None:
    """``- attach: {…}`` with its modifiers."""
    entries = list(node.items())
    words = [entry for entry in entries if entry[0] not in MODIFIERS and _is_word(entry[0], reading)]
    beside = [entry for entry in entries if entry[0] in MODIFIERS]
    others = [entry for entry in entries if entry not in words and entry not in beside]
    if len(words) > 1:
        layout.several(words, reading)
        return None
    if not words:
        if not others:
            layout.only_modifiers(node, beside, reading)
            return None
        words, others = [others[0]], others[1:]
    name, key, value = words[0]
    if others and layout.strangers(others, words[0], reading):
        return None
    return _step(name, key, value, beside, node, reading)


def _is_word(word: str, reading: Reading) -> bool:
    known = word in BUILT_IN or bool(reading.specs(word))
    return known or word in reading.own or any(reading.vocabulary.cannot(word, vendor) for vendor in reading.vendors)


def _step(word: str, key: Scalar, value: Node | None, beside: list[Entry], item: Node, reading: Reading) -> Step | None:
    """The step, whatever kind of word it is."""
    if word == "parallel":
        return _parallel(key, value, beside, item, reading)
    if word == "use":
        return _use(key, value, beside, item, reading)
    specs = reading.specs(word)
    if specs:
        return _vendors_word(word, key, value, beside, item, specs, reading)
    if word in reading.own:
        definition = _defined(lambda: reading.own.word(word, reading, key.line + 1), key, reading)
        return _own_word(definition, key, value, beside, item, reading)
    _unknown(word, key, reading)
    return None


def _made(key: Scalar, item: Node, beside: list[Entry], step: Beside, reading: Reading, **given: Any) -> Step | None:
    """A step with its modifiers; None when something was wrong with its parameters."""
    modifiers = read_modifiers(beside, step, reading)
    if given["parameters"] is None:
        return None
    return Step(word=step.word, word_span=key.span, span=item.span, **(given | modifiers))


# ── kinds of word ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _vendors_word(
    word: str, key: Scalar, value: Node | None, beside: list[Entry], item: Node, specs: Specs, reading: Reading
) -> Step | None:
    fitted = for_words(key, value, specs, reading)
    return _made(
        key,
        item,
        beside,
        Beside.of(word, _outputs(specs, reading)) if beside else Beside(word, None),
        reading,
        parameters=None if fitted is None else fitted.value(reading),
        parameter_spans=spans(fitted, next(iter(specs.values()))),
        **_actor(value, beside, specs, reading),
    )


def _outputs(specs: Specs, reading: Reading) -> tuple[Record, ...]:
    """What the vendors' outputs are like; none when any fields may come."""
    found = {spec.output: reading.vocabulary.output(spec) for spec in specs.values()}
    records = tuple(record for record in found.values() if record is not None)
    return records if len(records) == len(found) else ()


def _actor(value: Node | None, beside: list[Entry], specs: Specs, reading: Reading) -> dict[str, Any]:
    """``login: {as: agent}``: whose session is opened or closed is the step's actor."""
    if not any("as" in reading.vocabulary.record(spec).fields for spec in specs.values()):
        return {}
    inside = value.get("as") if isinstance(value, Mapping) else value
    if inside is None or is_empty(inside) or not isinstance(inside, Scalar):
        return {}
    key = value.keys["as"] if isinstance(value, Mapping) else inside
    outside = next((child for name, _, child in beside if name == "as"), None)
    if isinstance(outside, Scalar) and outside.raw != inside.raw:
        message = f"two actors for one step: `{inside.raw}` and `{outside.raw}`"
        reading.tell("E213", message, outside.span, hint="remove one of the two `as`")
    return actor_name(key, inside, reading)


def _parallel(key: Scalar, value: Node | None, beside: list[Entry], item: Node, reading: Reading) -> Step | None:
    before = len(reading.diagnostics)
    for name, place, _ in beside:
        if name in _NOT_BESIDE_PARALLEL:
            reading.tell(
                "E213", f"`{name}` cannot stand beside `parallel`", place.span, label="it gives no output", hint="put it on a step inside"
            )
    if is_empty(value):
        reading.tell("E205", "`parallel` needs steps", key.span, hint="write the steps below it, each with `- ` before it")
        return None
    block = build_steps(value, key, reading)
    nothing = Mapping(key.source, key.line, key.column)
    kept = [entry for entry in beside if entry[0] not in _NOT_BESIDE_PARALLEL]
    step = _made(key, item, kept, Beside("parallel", None), reading, parameters=reading.value(nothing), block=block)
    return step if len(reading.diagnostics) == before else None


def _use(key: Scalar, value: Node | None, beside: list[Entry], item: Node, reading: Reading) -> Step | None:
    file, given = value, None
    if isinstance(value, Mapping):
        if reading.fitted(_LooseUse, value, _USE, key) is None:
            return None
        file, given = value.get("file"), value.get("with")
    if not isinstance(file, Scalar) or is_empty(file):
        reading.tell("E205", "`use` needs a file", key.span, hint="write it like `use: steps/answer.steps.yaml`")
        return None
    path = reading.check_file(file.raw, file.span)
    if path is None:
        return None
    definition = _defined(lambda: reading.own.file(path, reading, key.line + 1), file, reading)
    return _own_word(definition, key, given, beside, item, reading)


class _LooseUse(Use, frozen=True):
    """The inputs are looked at by what the file says about them."""

    with_: Any = None


def _own_word(
    definition: Definition | None, key: Scalar, value: Node | None, beside: list[Entry], item: Node, reading: Reading
) -> Step | None:
    if definition is None:
        return None
    fitted = for_definition(key, value, definition, reading)
    return _made(
        key,
        item,
        beside,
        Beside(key.raw, frozenset({"answer", *definition.outputs})),
        reading,
        parameters=None if fitted is None else fitted.value(reading),
        parameter_spans=spans(fitted, None),
        definition=definition,
    )


def _defined(find: Any, key: Scalar, reading: Reading) -> Definition | None:
    """The definition; what is wrong with its file is told where it is used."""
    try:
        found: Definition = find()
    except BadScenario as exc:
        first = exc.diagnostics[0]
        if exc.code in ("E406", "E407", "E409"):
            reading.tell(exc.code, first.message, key.span, label=first.label, hint=first.hint)
            return None
        name = first.span.source.name if first.span is not None else "its file"
        more = f" and {len(exc.diagnostics) - 1} more" if len(exc.diagnostics) > 1 else ""
        reading.tell(
            "E408",
            f"{name} has mistakes" if key.raw.endswith(".yaml") else f"`{key.raw}` cannot be used: {name} has mistakes",
            key.span,
            hint=f"see `runner check {name}`",
            notes=(f"{first.span or name}: {first.message}{more}",),
        )
        return None
    return found


# ── words that nobody knows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _unknown(word: str, key: Scalar, reading: Reading) -> None:
    """Note that nobody among the scenario's vendors can do *word*, and why."""
    if not reading.vendors:
        return
    who = " or ".join(reading.vendors)
    reasons = {vendor: reading.vocabulary.cannot(word, vendor) for vendor in reading.vendors}
    if all(reasons.values()):
        notes = tuple(f"{vendor}: {reason}" for vendor, reason in reasons.items()) if len(reasons) > 1 else ()
        label = next(iter(reasons.values())) if len(reasons) == 1 else ""
        reading.tell("E210", f"{who} cannot do `{word}`", key.span, label=label, hint="use another step, or another vendor", notes=notes)
        return
    owners = reading.vocabulary.owners(word, besides=reading.vendors)
    if owners:
        hint = f"add `{owners[0]}` to `vendors`, or use a step of {who}"
        reading.tell("E201", f"`{word}` is a step of {', '.join(owners)}", key.span, label=f"this is for {who}", hint=hint)
        return
    known = reading.vocabulary.words(reading.vendors) | set(reading.own.names())
    close = _meant(word, known)
    reading.tell(
        "E201",
        f"unknown step `{word}`",
        key.span,
        label=f"{who} has no step of this name" if len(reading.vendors) == 1 else "no step has this name",
        hint=f"write `{close}`" if close else "choose one of the steps",
        notes=("all steps: runner steps",),
    )


# What the words are called elsewhere.
_CALLED_OTHERWISE = {
    **dict.fromkeys(("logon", "log_in", "log_on", "signin", "sign_in", "connect"), "login"),
    **dict.fromkeys(("logoff", "log_out", "log_off", "signout", "sign_out", "disconnect"), "logout"),
    **dict.fromkeys(("available", "go_ready", "set_ready"), "ready"),
    **dict.fromkeys(("pause", "unavailable", "set_not_ready", "away"), "not_ready"),
    **dict.fromkeys(("incoming", "inbound", "arrive", "get_mail"), "receive"),
    **dict.fromkeys(("take", "pickup", "pick_up", "pick"), "accept"),
    **dict.fromkeys(("decline", "refuse"), "reject"),
    **dict.fromkeys(("new", "compose", "write", "draft", "new_mail", "email", "mail"), "create"),
    **dict.fromkeys(("respond", "answer"), "reply"),
    **dict.fromkeys(("upload", "add_attachment", "attachment"), "attach"),
    **dict.fromkeys(("remove_attachment",), "detach"),
    **dict.fromkeys(("submit", "deliver", "dispatch"), "send"),
    **dict.fromkeys(("discard", "drop", "delete"), "cancel"),
    **dict.fromkeys(("update", "change", "modify"), "edit"),
    **dict.fromkeys(("assign", "hand_over", "handover", "pass"), "transfer"),
    **dict.fromkeys(("finish", "close", "done", "resolve", "end"), "complete"),
    **dict.fromkeys(("queue", "put_back", "requeue", "park"), "place_in_queue"),
    **dict.fromkeys(("status", "check_status", "expect_status", "wait_for_status"), "verify_status"),
    **dict.fromkeys(("check_attachments", "attachments"), "verify_attachments"),
    **dict.fromkeys(("wait_for_event", "event", "notification"), "expect_event"),
    **dict.fromkeys(("sleep", "delay", "pause_for"), "wait"),
    **dict.fromkeys(("assert", "verify", "expect", "compare"), "check"),
    **dict.fromkeys(("print", "log", "echo", "comment", "say"), "note"),
    **dict.fromkeys(("let", "variable", "assign_variable", "var"), "set"),
    **dict.fromkeys(("request", "get", "post", "call", "rest", "api"), "http"),
    **dict.fromkeys(("include", "import", "run", "call_steps"), "use"),
}


def _meant(word: str, known: set[str]) -> str | None:
    """The word that was most likely meant: a slip of the pen, else a known word with something added (``reply_mail``), else the nearest."""
    slips = get_close_matches(word, sorted(known), n=1, cutoff=_A_SLIP)
    if slips:
        return slips[0]
    other = _CALLED_OTHERWISE.get(re.sub(r"[^a-z]+", "_", word.lower()))
    if other in known:
        return other
    parts = [part for part in re.split(r"[^a-z]+", word.lower()) if part in known]
    return parts[0] if parts else nearest(word, sorted(known))
