"""Slips of the pen: which words a person reads, at which place, and what is proposed."""

from __future__ import annotations

import pytest
import yaml

from runner.scenario.yaml.document import examine
from runner.scenario.yaml.nodes import plain
from runner.scenario.yaml.syntax import explain
from runner.source import Source

# text of a file → code, place, message, fix of each mistake
SLIPS: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    ("a: 1\n\tb: 2\n", [("E105", "2:1", "line 2 starts with a tab", "use 2 spaces")]),
    ("steps:\n\t- login\n\t- send\n", [("E105", "2:1", "line 2 starts with a tab", "use 2 spaces")]),
    (
        "to: {{ x }}\nto: 3\n",
        [
            ("E106", "1:5", "a value that begins with `{{` needs quotes", 'write to: "{{ x }}"'),
            ("E110", "2:1", "`to` is given twice: on lines 1 and 2", "keep one of them"),
        ],
    ),
    (
        "to: {{ x.y | default('a') }}\nsubject: Re: hi\n",
        [
            ("E106", "1:5", "a value that begins with `{{` needs quotes", "write to: \"{{ x.y | default('a') }}\""),
            ("E125", "2:12", "a text with a colon needs quotes", 'write subject: "Re: hi"'),
        ],
    ),
    ("a: {to: {{ x }}}\n", [("E106", "1:9", "a value that begins with `{{` needs quotes", 'write a: {to: "{{ x }}"}')]),
    (
        "a: {{ f('x', 'y') }} and more\nb: @x\n",
        [
            ("E106", "1:4", "a value with `{{` needs quotes", "write a: \"{{ f('x', 'y') }} and more\""),
            ("E126", "2:4", "a value cannot begin with @", 'write b: "@x"'),
        ],
    ),
    ("subject: Re: hello # c\nb: 1\n", [("E125", "1:12", "a text with a colon needs quotes", 'write subject: "Re: hello" # c')]),
    ("scenario: x\nsteps\n  - login\n", [("E121", "2:1", "no colon after `steps`", "write `steps:`")]),
    ("scenario:x\nsteps:\n  - login\n", [("E121", "1:9", "no space after the colon", "write scenario: x")]),
    (
        "scenario: x\nsteps:\n  - login: {as: agent}\n   - send\n",
        [("E122", "4:4", "`send` is not in line with what stands above it", "move it 1 space left")],
    ),
    (
        "scenario: x\nsteps:\n  - login\n - send\n",
        [("E122", "4:2", "`send` is not in line with what stands above it", "move it 1 space right")],
    ),
    ('a: "foo\nb: "bar"\nc: 2\n', [("E123", "1:4", "the quote that opens on line 1 is not closed", 'put " at its end')]),
    ('a: "foo\nb: bar\n', [("E123", "1:4", "the quote that opens on line 1 is not closed", 'put " at its end')]),
    ("a: 'it's'\nb: 2\n", [("E128", "1:8", "text behind the closing quote", 'write a: "it\'s"')]),
    ("a: [1, 2\nb: 3\n", [("E124", "1:4", "the `[` on line 1 is not closed", "put `]` at its end")]),
    ("a: {x: 1\nb: 3\n", [("E124", "1:4", "the `{` on line 1 is not closed", "put `}` at its end")]),
    (
        'a: ["x" "y"]\n',
        [("E124", "1:9", "no comma or `]` before this", 'separate the parts with commas; a text with brackets or commas needs "quotes"')],
    ),
    (
        "a: @foo\nb: `x`\nc: %d\n",
        [
            ("E126", "1:4", "a value cannot begin with @", 'write a: "@foo"'),
            ("E126", "2:4", "a value cannot begin with `", 'write b: "`x`"'),
            ("E126", "3:4", "a value cannot begin with %", 'write c: "%d"'),
        ],
    ),
    (
        "a: *important*\nb: *foo bar\n",
        [
            ("E126", "1:4", "a value cannot begin with *", 'write a: "*important*"'),
            ("E128", "2:9", "text behind the value", 'write b: "*foo bar"'),
        ],
    ),
    (
        "a: !important\nb: !x y\n",
        [
            ("E111", "1:4", "tags are not allowed: `!important`", 'delete it; for the text itself, quote it: "!important …"'),
            ("E111", "2:4", "tags are not allowed: `!x`", 'delete it; for the text itself, quote it: "!x …"'),
        ],
    ),
    (
        "a: > text\nb: | x\n",
        [
            ("E126", "1:4", "a value cannot begin with >", 'write a: "> text"'),
            ("E126", "2:4", "a value cannot begin with |", 'write b: "| x"'),
        ],
    ),
    ("a: - x\nb: 1\n", [("E126", "1:4", "a value cannot begin with -", 'write a: "- x"')]),
    ('subject: "Hello" world\n', [("E128", "1:18", "text behind the closing quote", "write subject: '\"Hello\" world'")]),
    ("subject: [Urgent] hello\n", [("E128", "1:19", "text behind the closing `]`", 'write subject: "[Urgent] hello"')]),
    (
        'a: "C:\\Users\\qa"\n',
        [("E127", "1:7", '`\\U` means nothing in "double quotes"', 'write it in single quotes, or double the backslash: "\\\\U"')],
    ),
    ('a: "\\ud83d"\n', [("E127", "1:5", "half a character: this number stands for nothing alone", "write the character itself")]),
    (
        "scenario: x\nsteps:\n  - create:\n      to: a\n     subject: b\n",
        [("E122", "5:6", "`subject` is not in line with what stands above it", "move it 1 space right")],
    ),
    (
        "scenario: x\nsteps:\n  - create:\n      to: a\n        subject: b\n",
        [("E122", "5:9", "`subject` is indented too far", "move it 2 spaces left")],
    ),
    ("scenario: x\n steps: y\n", [("E122", "2:2", "`steps` is indented too far", "move it 1 space left")]),
    ("a:\n  b: 1\n c: 2\n", [("E122", "3:2", "`c` is not in line with what stands above it", "move it 1 space right")]),
    ("? [a]\n: b\n", [("E117", "1:3", "a name must be text; this is a list", 'write `name: value`; a text with brackets needs "quotes"')]),
    (": x\n", [("E117", "1:1", "a colon without a name before it", "write `name: value`")]),
    (
        "a: !!python/object/apply:os.system ['x']\n",
        [
            (
                "E111",
                "1:4",
                "tags are not allowed: `!!python/object/apply:os.system`",
                'delete it; for the text itself, quote it: "!!python/object/apply:os.system …"',
            )
        ],
    ),
    ("%FOO\na: 1\n", [("E126", "1:1", "a line cannot begin with %", 'a text that begins with % needs "quotes"; otherwise delete it')]),
    ("%TAG ! x\n---\na: !b c\n", [("E111", "3:4", "tags are not allowed: `!b`", 'delete it; for the text itself, quote it: "!b …"')]),
    ("a: b\n%x: y\n", [("E126", "2:1", "a line cannot begin with %", 'a text that begins with % needs "quotes"; otherwise delete it')]),
    ("a: 1\nb\n", [("E121", "2:1", "no colon after `b`", "write `b:`")]),
    ("steps:\n- login\n- send\nfoo: [\n", [("E124", "4:6", "the `[` on line 4 is not closed", "put `]` at its end")]),
    ("a: 'x\n", [("E123", "1:4", "the quote that opens on line 1 is not closed", "put ' at its end")]),
    ("key: [a, b]]\n", [("E124", "1:12", "one `]` too many", "delete it")]),
    ("a: }\n", [("E124", "1:4", "`}` has nothing before it", 'delete it; for the text itself, put it in "quotes"')]),
    ("a: ]\n", [("E124", "1:4", "`]` has nothing before it", 'delete it; for the text itself, put it in "quotes"')]),
    ("a: ,x\n", [("E124", "1:4", "`,` has nothing before it", 'delete it; for the text itself, put it in "quotes"')]),
    ("a: b: c: d\n", [("E125", "1:5", "a text with a colon needs quotes", 'write a: "b: c: d"')]),
    ("a: ?x\nb: ? y\n", [("E126", "2:4", "a value cannot begin with ?", 'write b: "? y"')]),
    ("to: Hello {{ x }}: yes\n", [("E106", "1:5", "a value with `{{` needs quotes", 'write to: "Hello {{ x }}: yes"')]),
    ('a: "x\ty"\n\tb: 1\n', [("E105", "2:1", "line 2 starts with a tab", "use 2 spaces")]),
    (
        'steps:\n  - send: {to: "{{ x }}" subject: b}\n',
        [("E124", "2:26", "no comma or `}` before this", 'separate the parts with commas; a text with brackets or commas needs "quotes"')],
    ),
    ("a: {\"x\": 1, 'y': 2\n", [("E124", "1:4", "the `{` on line 1 is not closed", "put `}` at its end")]),
    ("steps:\n  - note: Don't do: this\n", [("E125", "2:19", "a text with a colon needs quotes", 'write - note: "Don\'t do: this"')]),
    ("time: 12:30: now\n", [("E125", "1:12", "a text with a colon needs quotes", 'write time: "12:30: now"')]),
    ("url: http://x: y\n", [("E125", "1:14", "a text with a colon needs quotes", 'write url: "http://x: y"')]),
    ("a:\n- b\n-c\n- d\n", [("E121", "3:1", "no space after the dash", "write - c")]),
    (
        "steps:\n  - login:\n  as: agent\n  - send\n",
        [
            (
                "E122",
                "3:3",
                "`as` stands among the items of a list",
                "write `- ` before it, or move it 2 spaces right, so that it belongs to the item above",
            )
        ],
    ),
    ("scenario: x\nsteps:\n  - name: foo\n  bar\n  - x\n", [("E121", "4:3", "no colon after `bar`", "write `bar:`")]),
]

FORBIDDEN = (
    "schema",
    "mapping",
    "NoneType",
    "coroutine",
    "anyOf",
    "traceback",
    "kwargs",
    "token",
    "block",
    "scalar",
    "flow",
    "directive",
    "expected",
)


@pytest.mark.parametrize(("text", "mistakes"), SLIPS, ids=range(len(SLIPS)))
def test_a_slip_is_told_in_plain_words(text: str, mistakes: list[tuple[str, str, str, str]]) -> None:
    """Each slip has its message, its place, and one fix; the mistakes behind it are found too."""
    _, found = examine(Source("a.yaml", text))
    assert [(one.code, str(one.span).removeprefix("a.yaml:"), one.message, one.hint) for one in found] == mistakes


@pytest.mark.parametrize("text", [text for text, _ in SLIPS])
def test_no_message_speaks_the_parsers_language(text: str) -> None:
    """Messages are short, and none has a word that only programmers know."""
    _, found = examine(Source("a.yaml", text))
    for problem in found:
        shown = problem.render()
        words = f"{problem.message} {problem.label} {' '.join(problem.notes)}"
        assert not [word for word in FORBIDDEN if word in words]
        assert len(shown.splitlines()) <= 12
        assert max(map(len, shown.splitlines())) <= 120


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("to: {{ x }}", {"to": "{{ x }}"}),
        ("to: {{ f('a', 'b') }}", {"to": "{{ f('a', 'b') }}"}),
        ("a: {to: {{ x }}, b: 1}", {"a": {"to": "{{ x }}", "b": 1}}),
        ("a: [{{ x }}, 1]", {"a": ["{{ x }}", 1]}),
        ("subject: Re: hello # why", {"subject": "Re: hello"}),
        ("a: @x", {"a": "@x"}),
        ("a:\n\tb: 1\n\tc: 2", {"a": {"b": 1, "c": 2}}),
        ("a:\n\u00a0\u00a0b: 1\n  c: 2", None),
        ("a: 'it's'", {"a": "it's"}),
        ('a: "say "hi""', {"a": 'say "hi"'}),
        ("a: [1, 2\nb: 3", {"a": [1, 2], "b": 3}),
        ("a\nb: 1", None),
        ('a: "x\nb: 1', {"a": "x", "b": 1}),
        ("a:1\nb: 1", {"a": 1, "b": 1}),
    ],
)
def test_what_was_meant_is_read_on(wrong: str, right: object) -> None:
    """Where only one thing can be meant the rest of the file is read as if it stood there; otherwise reading ends."""
    tree, found = examine(Source("a.yaml", wrong))
    assert found
    assert right is None or (tree is not None and plain(tree.root) == right)


def test_a_tab_tells_the_other_lines_too() -> None:
    """A file indented with tabs gets one message that names all lines."""
    _, (problem,) = examine(Source("a.yaml", "a:\n\tb: 1\n\tc:\n\t\td: 2\n"))
    assert problem.notes == ("also lines 3, 4",)


def test_a_tab_inside_a_text_is_no_mistake() -> None:
    """Tabs within a block of text or between words are text."""
    tree, found = examine(Source("a.yaml", "a: |\n  x\n  \ty\nb: 'c\td'\n"))
    assert not found
    assert tree is not None
    assert plain(tree.root) == {"a": "x\n\ty\n", "b": "c\td"}


def test_an_unknown_complaint_has_an_answer() -> None:
    """What no rule knows is told by its line."""
    problem, mended = explain(yaml.YAMLError("what?"), Source("a.yaml", "a: 1"), "a: 1", None)
    assert (problem.code, problem.message, mended) == ("E120", "line 1 cannot be understood", None)


def test_many_slips_are_told() -> None:
    """Reading goes on for twenty slips."""
    _, found = examine(Source("a.yaml", "".join(f"k{n}: @x\n" for n in range(30))))
    assert len(found) == 20
