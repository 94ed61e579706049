"""
What is wrong when the keys of a step stand in the wrong place: two steps in one, a key one level too high or too low, a dash too many.

Each function notes one kind of slip, says where the key belongs, and by how many spaces it has to move.
"""

from __future__ import annotations

from runner.errors import nearest
from runner.scenario.language import ScenarioFile
from runner.scenario.modifiers import MODIFIERS
from runner.scenario.reading import Reading, is_empty, language_shape
from runner.scenario.yaml.nodes import Mapping, Node, Scalar

__all__ = ["misplaced_top", "move", "no_list", "only_modifiers", "several", "strangers"]

Entry = tuple[str, Scalar, Node]


def move(key: Scalar, column: int) -> str:
    """``move it 2 spaces right``, to get from where *key* stands to *column* (from 0)."""
    by = column - key.column
    return f"move it {abs(by)} {'space' if abs(by) == 1 else 'spaces'} {'right' if by > 0 else 'left'}"


def no_list(node: Node, key: Scalar, reading: Reading) -> None:
    """``steps`` is not a list."""
    first = next(iter(node.keys.values())) if isinstance(node, Mapping) and len(node) else None
    shown = f"`{first.raw}`" if first is not None else "a step"
    if first is not None and first.raw.startswith("-"):
        word = first.raw.lstrip("- ")
        reading.tell("E121", "no space after the dash", first.span, hint=f"write `- {word}: …`")
        return
    hint = f"write `- {first.raw}: …`" if first is not None else f"write `- {node.raw}`" if isinstance(node, Scalar) else "write a list"
    reading.tell("E206", f"`{key.raw}` must be a list of steps", (first or node).span, label=f"no dash before {shown}", hint=hint)


def several(words: list[Entry], reading: Reading) -> None:
    """Two steps in one item of the list."""
    first, second = words[0][1], words[1][1]
    reading.tell(
        "E206",
        f"two steps in one: `{first.raw}` and `{second.raw}`",
        second.span,
        label="this is a step of its own",
        hint=f"put a dash before it: `- {second.raw}`",
    )


def only_modifiers(node: Mapping, beside: list[Entry], reading: Reading) -> None:
    """An item without a step, only with what stands beside one."""
    if not beside:
        reading.tell("E206", "an empty step", node.span, hint="write a step there, or remove the dash")
        return
    key = beside[0][1]
    reading.tell(
        "E207",
        f"`{key.raw}` belongs to a step",
        key.span,
        label="no step here",
        hint="remove the dash, so that it stands below the step it belongs to",
    )


def strangers(others: list[Entry], word: Entry, reading: Reading) -> bool:
    """Keys beside a step that are neither steps nor modifiers; True when they were meant as the step's parameters."""
    name, key, value = word
    known = _parameters_of(name, reading)
    if is_empty(value) and any(other in known for other, _, _ in others):
        for other, place, _ in others:
            if other in known:
                hint = move(place, key.column + 2)
                reading.tell("E207", f"`{other}` belongs to `{name}`", place.span, label="not indented enough", hint=hint)
            else:
                _stranger(other, place, reading)
        return True
    for other, place, _ in others:
        if other in known:
            reading.tell(
                "E207", f"`{other}` belongs to `{name}`", place.span, label="it stands beside the step", hint=_inside(place, key, value)
            )
        else:
            _stranger(other, place, reading)
    return False


def _inside(place: Scalar, key: Scalar, value: Node) -> str:
    if isinstance(value, Mapping) and value.line > key.line:
        return move(place, value.column)
    return f"write it inside the value of `{key.raw}`"


def _stranger(other: str, place: Scalar, reading: Reading) -> None:
    close = nearest(other, MODIFIERS)
    reading.tell(
        "E208",
        f"unknown key `{other}`",
        place.span,
        label=f"did you mean `{close}`?" if close else "neither a step nor something beside one",
        hint=f"write `{close}`" if close else "if it is a step, begin a new line with `- `",
        notes=(f"beside a step can stand: {', '.join(MODIFIERS)}",),
    )


def _parameters_of(word: str, reading: Reading) -> set[str]:
    return {name for spec in reading.specs(word).values() for name in reading.vocabulary.record(spec).fields}


def misplaced_top(key: Scalar, is_word: bool, reading: Reading) -> bool:
    """A key at the top of a scenario that belongs to a step; True when it was one."""
    top = language_shape(ScenarioFile).record
    if top is not None and key.raw in top.fields:
        return False
    if is_word:
        hint = f"move it below `steps` and write it as `  - {key.raw}: …`"
        reading.tell("E207", f"`{key.raw}` is a step", key.span, label="it stands outside of `steps`", hint=hint)
        return True
    if key.raw in MODIFIERS:
        reading.tell("E207", f"`{key.raw}` belongs to a step", key.span, label=move(key, 4), hint="move it below the step it belongs to")
        return True
    return False
