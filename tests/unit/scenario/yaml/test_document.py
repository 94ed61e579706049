"""What a YAML file says and where; what is refused, at which line, in which words."""

from __future__ import annotations

import inspect
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import BadScenario, Diagnostic
from runner.scenario.yaml import document
from runner.scenario.yaml.document import Document, Limits, examine, parse, read
from runner.scenario.yaml.nodes import Mapping, Scalar, Sequence, plain
from runner.source import Source


def problems(text: str, **options: object) -> list[Diagnostic]:
    """Everything that is wrong with *text*."""
    return examine(Source("a.yaml", text), **options)[1]  # type: ignore[arg-type]  # options of the function under test


def told(text: str, **options: object) -> list[tuple[str, int]]:
    """Code and line of everything that is wrong with *text*."""
    return [(problem.code, problem.span.line if problem.span else 0) for problem in problems(text, **options)]


class TestTree:
    TEXT = (
        "scenario: Hello\nsteps:\n  - login: {as: agent}\n"
        "  - create:\n      to: 'it''s'\n      text: |\n        one\n        two\n  - send\n"
    )

    def document(self) -> Document:
        return parse(Source("a.yaml", self.TEXT))

    def test_a_file_is_what_yaml_says(self) -> None:
        """The tree as plain data is the data of the file."""
        assert plain(self.document().root) == {
            "scenario": "Hello",
            "steps": [{"login": {"as": "agent"}}, {"create": {"to": "it's", "text": "one\ntwo\n"}}, "send"],
        }

    @pytest.mark.parametrize(
        ("path", "place"),
        [
            (["scenario"], "a.yaml:1:11"),
            (["steps"], "a.yaml:3:3"),
            (["steps", 0, "login"], "a.yaml:3:12"),
            (["steps", 0, "login", "as"], "a.yaml:3:17"),
            (["steps", 1, "create", "to"], "a.yaml:5:11"),
            (["steps", 1, "create", "text"], "a.yaml:6:13"),
            (["steps", 2], "a.yaml:9:5"),
        ],
    )
    def test_every_value_knows_its_place(self, path: list[str | int], place: str) -> None:
        """A path of keys and positions leads to the line and column of the value."""
        assert str(self.document().span(path)) == place

    def test_a_key_knows_its_place(self) -> None:
        """The place of a key is asked for by the same path."""
        assert str(self.document().key_span(["steps", 1, "create", "to"])) == "a.yaml:5:7"

    def test_a_path_that_leads_nowhere_ends_at_the_nearest_key(self) -> None:
        """What is missing is shown at the key of the thing it is missing from."""
        assert str(self.document().span(["steps", 1, "create", "subject", "x"])) == "a.yaml:4:5"

    @pytest.mark.parametrize(
        ("path", "end"), [(["steps", 0, "login"], (3, 23)), (["steps", 1, "create", "to"], (5, 18)), (["scenario"], (1, 16))]
    )
    def test_a_value_ends_behind_its_last_character(self, path: list[str | int], end: tuple[int, int]) -> None:
        """The span of a value reaches to its end, brackets and quotes included."""
        span = self.document().span(path)
        assert (span.end_line, span.end_column) == end

    def test_a_block_ends_with_its_last_value(self) -> None:
        """A list or object without brackets ends where its last value ends, not on the line behind."""
        span = parse(Source("a.yaml", "a:\n  b: 1\n  c: two\n\n\nd: 1\n")).span(["a"])
        assert (span.line, span.end_line, span.end_column) == (2, 3, 9)

    def test_a_key_is_the_text_as_written(self) -> None:
        """Keys are text, also where the word would be a number or truth value elsewhere."""
        assert list(parse(Source("a.yaml", "no: 1\n1: a\n1.10: b\ntrue: c\nnull: d")).root) == ["no", "1", "1.10", "true", "null"]

    def test_an_alias_stands_for_its_value(self) -> None:
        """Anchors and aliases are expanded; the copies are independent."""
        data = plain(parse(Source("a.yaml", "a: &x {b: [1]}\nc: *x\nd: [*x]\n")).root)
        assert data == {"a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}]}
        assert data["a"] is not data["c"]

    def test_a_marked_value_begins_behind_its_mark(self) -> None:
        """The anchor does not belong to the value's place."""
        tree = parse(Source("a.yaml", 'a: &x "b"\nc: &y\n  d: 1\n'))
        assert [str(tree.span([key])) for key in "ac"] == ["a.yaml:1:7", "a.yaml:3:3"]

    def test_an_anchor_may_be_given_anew(self) -> None:
        """An alias stands for the last value so marked above it."""
        assert plain(parse(Source("a.yaml", "a: &x 1\nb: &x 2\nc: *x")).root) == {"a": 1, "b": 2, "c": 2}

    def test_nodes_say_what_they_are(self) -> None:
        """Each node has a word for its kind that testers use."""
        root = parse(Source("a.yaml", "a: x\nb: 1\nc: true\nd:\ne: []\nf: {}")).root
        assert [node.kind for node in root.entries.values()] == ["text", "number", "true or false", "nothing", "list", "object"]
        assert root.kind == "object"

    def test_nodes_can_be_looked_at(self) -> None:
        """A node shows what it holds and where, for whoever debugs."""
        root = parse(Source("a.yaml", "a: x\nb: [1]")).root
        assert [repr(node) for node in (root, *root.entries.values())] == [
            "Mapping(a, b at 1:1)",
            "Scalar('x' at 1:4)",
            "Sequence(1 items at 2:4)",
        ]

    def test_nodes_behave_as_what_they_hold(self) -> None:
        """A mapping and a list can be counted, walked and asked."""
        root = parse(Source("a.yaml", "a: x\nb: [1, 2]")).root
        items = root.get("b")
        assert isinstance(items, Sequence)
        assert (len(root), "a" in root, root.get("z"), [key for key, _, _ in root.items()]) == (2, True, None, ["a", "b"])
        assert (len(items), [node.value for node in items if isinstance(node, Scalar)]) == (2, [1, 2])


class TestBytes:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("start", ["", "\ufeff"])
    def test_line_ends_and_byte_order_mark_change_nothing(self, tmp_path: Path, end: str, start: str) -> None:
        """LF, CRLF and CR end a line alike, a BOM is no text, and the lines are counted right."""
        path = tmp_path / "a.yaml"
        path.write_bytes((start + end.join(["a: 1", "", "b:", "  c: é", "  d: x"])).encode())
        tree = read(path, name="a.yaml")
        assert plain(tree.root) == {"a": 1, "b": {"c": "é", "d": "x"}}
        assert [str(tree.span(["a"])), str(tree.span(["b", "d"]))] == ["a.yaml:1:4", "a.yaml:5:6"]

    def test_mixed_line_ends_are_counted_right(self) -> None:
        """Each of the three ends one line, also in one file."""
        assert str(parse(Source("a.yaml", "a: 1\r\nb: 2\rc: 3\nd: 4")).span(["d"])) == "a.yaml:4:4"

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_latin_1_is_told_by_its_first_byte(self, tmp_path: Path, end: str) -> None:
        """A byte that is not UTF-8 is named with its line."""
        path = tmp_path / "a.yaml"
        path.write_bytes(end.join(["a: 1", "b: ü", "c: caf"]).encode() + b"\xe9" + end.encode())
        with pytest.raises(BadScenario, match="not UTF-8: byte 0xE9 on line 3") as caught:
            read(path, name="a.yaml")
        problem = caught.value.diagnostics[0]
        assert (problem.code, problem.hint, str(problem.span)) == ("E103", "save the file as UTF-8", "a.yaml:3:7")

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf_16_is_refused(self, tmp_path: Path, encoding: str) -> None:
        """UTF-16 and UTF-32 are not read, with or without a mark."""
        path = tmp_path / "a.yaml"
        path.write_bytes("scenario: x\n".encode(encoding))
        with pytest.raises(BadScenario) as caught:
            read(path, name="a.yaml")
        assert caught.value.diagnostics[0].code in ("E103", "E104")

    def test_a_large_file_is_refused_before_it_is_read(self, tmp_path: Path) -> None:
        """50 MB are told by the size alone: the file is sparse and would be read as NULs."""
        path = tmp_path / "a.yaml"
        with path.open("wb") as file:
            file.truncate(50 << 20)
        with pytest.raises(BadScenario, match="too large: 52,428,800 bytes, at most 1,048,576") as caught:
            read(path, name="a.yaml")
        assert caught.value.code == "E102"

    def test_a_large_text_is_refused_before_it_is_parsed(self) -> None:
        """The limit counts bytes, not characters."""
        assert told("a: " + "ü" * 600_000) == [("E102", 0)]

    def test_a_missing_file_is_told_without_python(self, tmp_path: Path) -> None:
        """A path that leads nowhere is said in the system's words."""
        with pytest.raises(BadScenario, match=r"a\.yaml cannot be read: no such file or directory") as caught:
            read(tmp_path / "a.yaml", name="a.yaml")
        assert caught.value.code == "E101"

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        """A folder is named as such."""
        with pytest.raises(BadScenario, match="a folder"):
            read(tmp_path, name="scenarios")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        """A named pipe would block the one who opens it; it is refused before."""
        os.mkfifo(tmp_path / "a.yaml")
        with pytest.raises(BadScenario, match="not a plain file"):
            read(tmp_path / "a.yaml", name="a.yaml")

    @pytest.mark.parametrize(
        ("character", "name"),
        [
            ("\0", "U+0000 (NUL)"),
            ("\x07", "U+0007"),
            ("\x1b", "U+001B (escape)"),
            ("\x7f", "U+007F (delete)"),
            ("\x85", "U+0085 (next line)"),
            ("\x9b", "U+009B"),
            ("\u2028", "U+2028 (line separator)"),
            ("\u202e", "U+202E (right-to-left override)"),
            ("\u2066", "U+2066 (left-to-right isolate)"),
            ("\ufeff", "U+FEFF (zero width no-break space)"),
            ("\ufffe", "U+FFFE"),
            ("\ud83d", "U+D83D"),
        ],
    )
    def test_a_character_that_cannot_be_seen_is_named_with_its_line(self, character: str, name: str) -> None:
        """Controls, separators, bidi overrides and lone surrogates are refused by code point and line."""
        found = problems(f"a: 1\nb: x{character}y\n")
        assert [(one.code, one.message, str(one.span)) for one in found] == [
            ("E104", f"a character that cannot be seen on line 2: {name}", "a.yaml:2:5")
        ]

    @pytest.mark.parametrize("text", ["שלום", "مرحبا", "こんにちは", "👩‍👩‍👧", "é", "\u200f", "ก\u200b", "\t"])
    def test_every_script_and_emoji_is_text(self, text: str) -> None:
        """What people write in mails is text, joiners and direction marks included."""
        assert plain(parse(Source("a.yaml", f'a: "x{text}y"')).root) == {"a": f"x{text}y"}

    def test_a_visible_escape_says_that_it_is_meant(self) -> None:
        """A character that cannot be seen may be written as an escape in double quotes."""
        assert plain(parse(Source("a.yaml", r'a: "\u202E\x07\0"')).root) == {"a": "\u202e\x07\0"}

    def test_many_of_them_are_not_all_told(self) -> None:
        """Twenty of one kind are enough."""
        assert len(problems("a: " + "\x07" * 500)) == 20


class TestLimits:
    def test_an_alias_bomb_is_refused_at_the_alias(self) -> None:
        """A small file that expands without end is stopped by counting, at the line where it passes the limit."""
        lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"{key}: &{key} [{', '.join([f'*{before}'] * 10)}]" for before, key in zip("abcdefgh", "bcdefghi", strict=True)]
        started = time.process_time()
        found = problems("\n".join(lines))
        assert [(one.code, one.message, one.span.line) for one in found if one.span] == [
            ("E112", "the file expands to more than 100,000 values", 5)
        ]
        assert time.process_time() - started < 0.1

    def test_many_aliases_are_refused(self) -> None:
        """More than a hundred aliases are no scenario."""
        assert told("a: &x 1\nb: [" + "*x, " * 101 + "]\n") == [("E112", 2)]

    @pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a [[{x: [*a]}]]", "&a a: 1\nb: &b [*b, *b]"])
    def test_a_value_that_contains_itself_is_refused(self, text: str) -> None:
        """An alias inside the value it stands for is told as such."""
        assert {problem.message for problem in problems(text)} == {"the value contains itself"}

    def test_an_unknown_alias_is_told(self) -> None:
        """An alias without an anchor is most often a text that begins with a star."""
        (problem,) = problems("subject: *important")
        assert (problem.code, problem.hint) == ("E112", 'for the text itself, quote it: "*important"')

    @pytest.mark.parametrize("opener", ["[", "{a: ", "- ", "? "])
    def test_two_hundred_thousand_levels_are_refused(self, opener: str) -> None:
        """Nesting is counted while reading: no recursion, no signal, no waiting."""
        assert told("a: " * (opener == "[") + opener * 200_000)[-1][0] in ("E114", "E117")

    def test_forty_levels_are_read(self) -> None:
        """The deepest file that is allowed is read, one level more is not."""
        assert told("a: " + "[" * 39 + "]" * 39) == []
        assert told("a: " + "[" * 40 + "]" * 40) == [("E114", 1)]

    def test_aliases_do_not_hide_depth(self) -> None:
        """A chain of aliases counts by what it stands for."""
        chain = "".join(f"k{n}: &k{n} {'[' * 15}*k{n - 1}{']' * 15}\n" for n in range(1, 5))
        assert told("k0: &k0 1\n" + chain) == [("E114", 4)]

    def test_many_elements_are_refused(self) -> None:
        """A file of a hundred thousand elements is told by its number."""
        assert told("a: [" + "1," * 100_001 + "]") == [("E115", 1)]

    def test_limits_can_be_set(self) -> None:
        """Whoever reads may allow less."""
        assert told("a: [[1]]", limits=Limits(depth=2)) == [("E114", 1)]

    @pytest.mark.skipif(sys.platform == "win32", reason="the stack of a thread is set otherwise there")
    def test_reading_needs_no_stack(self) -> None:
        """A file at the limit is read with little recursion left."""
        text = "a: " + "[" * 39 + "]" * 39
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(len(inspect.stack()) + 70)
        try:
            assert told(text) == []
        finally:
            sys.setrecursionlimit(before)


class TestRules:
    def test_a_key_given_twice_names_both_lines(self) -> None:
        """Two equal keys are refused with the line of each."""
        (problem,) = problems("to: a\nsubject: b\nto: c\n")
        assert (problem.code, problem.message, str(problem.span)) == ("E110", "`to` is given twice: on lines 1 and 3", "a.yaml:3:1")

    def test_a_key_given_often_is_told_once_with_all_lines(self) -> None:
        """One message says all of it."""
        assert [one.message for one in problems("x: 1\ny: 2\nx: 3\n'x': 4\n")] == ["`x` is given 3 times: on lines 1, 3 and 4"]

    def test_each_object_has_keys_of_its_own(self) -> None:
        """The same key in two objects is no mistake."""
        assert told("a: {x: 1}\nb: {x: 1}\nx: 1\n") == []

    @pytest.mark.parametrize(
        "tag",
        [
            "!x",
            "!!str",
            "!!python/none",
            "!!python/object/apply:os.system",
            "!!python/name:os.system",
            "!!python/module:os",
            "!!python/object/new:os.system",
            "!!binary",
            "!!timestamp",
            "!!set",
            "!!omap",
            "!<tag:yaml.org,2002:str>",
            "!",
        ],
    )
    @pytest.mark.parametrize("value", ["x", "[x]", "{a: x}", "'x'"])
    def test_tags_are_refused(self, tag: str, value: str) -> None:
        """No tag is allowed, on whatever it stands."""
        (problem,) = problems(f"a: {tag} {value}\n")
        assert (problem.code, problem.message, str(problem.span)) == ("E111", f"tags are not allowed: `{tag}`", "a.yaml:1:4")

    def test_merge_keys_are_refused(self) -> None:
        """`<<` is not part of YAML 1.2: keys that stand elsewhere are keys that the reader does not see."""
        assert told("a: &a {x: 1}\nb: {<<: *a}\n") == [("E116", 2)]

    def test_a_quoted_merge_key_is_a_name(self) -> None:
        """In quotes it is a name like others."""
        assert told("a: {'<<': 1}") == []

    @pytest.mark.parametrize("text", ["? [a]\n: b", "? {a: 1}\n: b", "{[a]: 1}", "a: {{x: 1}: 2, b: 3}"])
    def test_a_name_must_be_text(self, text: str) -> None:
        """Lists and objects cannot be names."""
        assert {code for code, _ in told(text)} <= {"E117", "E106"}
        assert told(text)

    @pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments\n", "---\n", "--- # x\n...\n", "~", "null"])
    def test_an_empty_file_is_told(self, text: str) -> None:
        """A file without content gets one sentence, and the example of whoever reads it."""
        (problem,) = problems(text, example="scenario: Hello\nsteps: [login]")
        assert (problem.code, problem.message) == (
            "E107",
            "the file holds only comments" if text.startswith("# o") else "the file is empty",
        )
        assert "scenario: Hello" in problem.hint

    @pytest.mark.parametrize(("text", "kind"), [("- a\n- b\n", "list"), ("hello", "text"), ("[]", "list"), ("12", "number")])
    def test_a_file_must_be_names_with_values(self, text: str, kind: str) -> None:
        """A list or a text at the top is told as such."""
        (problem,) = problems(text)
        assert (problem.code, problem.message) == ("E109", f"the file is a {kind}; names with values are expected at the top")

    def test_a_second_document_is_refused(self) -> None:
        """A file holds one document; the line that begins the second is told."""
        assert told("---\na: 1\n---\nb: 2\n") == [("E108", 3)]

    def test_markers_of_one_document_are_allowed(self) -> None:
        """A file may begin with `---` and end with `...`."""
        assert plain(parse(Source("a.yaml", "%YAML 1.2\n---\na: 1\n...\n")).root) == {"a": 1}

    def test_all_mistakes_come_at_once_in_file_order(self) -> None:
        """Mistakes of different kinds are told together, sorted by place."""
        text = "a: !x 1\nb: {{ y }}\nc: 1\nsubject: Re: hi\nc: 2\nd: *e\nf: x\x07\ng: @h\n"
        assert told(text) == [("E111", 1), ("E106", 2), ("E125", 4), ("E110", 5), ("E112", 6), ("E104", 7), ("E126", 8)]

    def test_a_tree_is_there_in_spite_of_slips(self) -> None:
        """Who goes on gets the tree that was probably meant."""
        tree, found = examine(Source("a.yaml", "to: {{ x }}\nsubject: Re: hi\n"))
        assert tree is not None
        assert (plain(tree.root), len(found)) == ({"to": "{{ x }}", "subject": "Re: hi"}, 2)

    def test_parse_raises_all_of_them(self) -> None:
        """Who wants only right files gets every mistake in one error."""
        with pytest.raises(BadScenario) as caught:
            parse(Source("a.yaml", "a: !x 1\na: *b\n"))
        assert [one.code for one in caught.value.diagnostics] == ["E111", "E110", "E112"]


class TestProperties:
    VALUES = st.recursive(
        st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3),
        max_leaves=12,
    )

    @given(st.dictionaries(st.text(min_size=1, max_size=6), VALUES, max_size=4))
    def test_json_is_read_as_json(self, data: dict[str, object]) -> None:
        """YAML 1.2 holds JSON: what JSON writes (in ASCII) is read back as it was."""
        import json

        text = json.dumps(data)
        if "\\ud" not in text:  # the C parser knows no pairs of escapes
            assert plain(parse(Source("a.yaml", text)).root) == data

    @given(st.text(max_size=80))
    def test_no_text_ends_in_a_traceback(self, text: str) -> None:
        """Whatever the text, there is a tree or a message, never another error."""
        tree, found = examine(Source("a.yaml", text))
        assert (tree is not None and isinstance(tree.root, Mapping)) or found

    @given(
        st.lists(
            st.sampled_from(
                [
                    "a",
                    "b: ",
                    "- ",
                    "{",
                    "}",
                    "[",
                    "]",
                    "'",
                    '"',
                    ": ",
                    "\n",
                    "\n  ",
                    "\t",
                    "#",
                    "&a ",
                    "*a",
                    "!",
                    "|",
                    ">",
                    "{{ x }}",
                    "@",
                    ",",
                    "? ",
                    "%",
                    "\\",
                ]
            ),
            max_size=25,
        )
    )
    def test_no_mixture_of_signs_ends_in_a_traceback(self, parts: list[str]) -> None:
        """YAML's own signs in any order give a tree or messages with a place inside the file."""
        source = Source("a.yaml", "".join(parts))
        _, found = examine(source)
        for problem in found:
            problem.render()
            assert problem.span is None or 1 <= problem.span.line <= len(source.lines)

    @given(st.lists(st.sampled_from(["a: 1", "b:", "  - x", "  c: [1, 2]", "  d: {e: f}", "g: 'x y'", "h: |", "    text"]), max_size=8))
    def test_the_slow_parser_agrees_with_the_fast_one(self, lines: list[str]) -> None:
        """Where PyYAML has no C, the same is read and the same places are told."""
        source = Source("a.yaml", "\n".join(lines))
        fast, told_fast = examine(source)
        slow, told_slow = examine(source, events=document.slow_events)
        assert bool(told_fast) == bool(told_slow)
        if fast and slow and not told_fast:
            assert (plain(fast.root), fast.span(["a"])) == (plain(slow.root), slow.span(["a"]))


def test_a_missing_c_parser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libyaml files are read all the same, and a warning says that it is slow."""
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    with pytest.warns(RuntimeWarning, match="without its C parser"):
        assert plain(parse(Source("a.yaml", "a: [1]")).root) == {"a": [1]}


def test_the_slow_parser_refuses_half_characters() -> None:
    """A lone surrogate as an escape is refused by both parsers."""
    source = Source("a.yaml", r'a: "\ud83d"')
    assert [one.code for one in examine(source)[1]] == ["E127"]
    assert [one.code for one in examine(source, events=document.slow_events)[1]] == ["E127"]
