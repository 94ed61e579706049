"""Values with templates: what they give, which names they ask for and where, what is wrong with them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.clock import ManualClock
from runner.environment.secrets import Secret
from runner.errors import BadScenario, Diagnostic, TemplateFailed
from runner.scenario.model import Expression, Value
from runner.scenario.templates.functions import functions
from runner.scenario.templates.template import Templates, compile_expression, compile_value, constant
from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import Scalar
from runner.source import Source, Span

SCOPE: dict[str, Any] = {
    "name": "Ann",
    "n": 3,
    "flag": True,
    "nothing": None,
    "order": {"id": "A-1", "items": [{"sku": "s1", "price": 1.5}, {"sku": "s2", "price": 2.5}], "odd key": 1, "_links": {"self": "/o"}},
    "password": Secret("QA1", "hunter2-canary"),
}


def value(text: str) -> Value:
    """The compiled value of `v: "text"`."""
    return compile_value(parse(Source("a.yaml", f"v: {text}\n")).root.entries["v"], Templates())


def rendered(template: str, scope: dict[str, Any] | None = None) -> Any:
    """What a template in double quotes (so with single quotes inside) gives."""
    return value(f'"{template}"').render(SCOPE if scope is None else scope)


def failure(template: str, scope: dict[str, Any] | None = None) -> Diagnostic:
    """How a template fails when it is rendered."""
    with pytest.raises(TemplateFailed) as caught:
        rendered(template, scope)
    return caught.value.diagnostic()


def mistakes(text: str) -> list[tuple[str, str, str]]:
    """Code, place and message of what is wrong with a value before anything is rendered."""
    with pytest.raises(BadScenario) as caught:
        value(text)
    return [(one.code, str(one.span).removeprefix("a.yaml:"), one.message) for one in caught.value.diagnostics]


def condition(text: str) -> Expression:
    """The compiled expression of `when: "text"`."""
    node = parse(Source("a.yaml", f'when: "{text}"\n')).root.entries["when"]
    assert isinstance(node, Scalar)
    return compile_expression(node.raw, node.span, Templates())


class TestValues:
    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("{{ name }}", "Ann"),
            ("{{ n }}", 3),
            ("{{ flag }}", True),
            ("{{ nothing }}", None),
            ("{{ order.items }}", SCOPE["order"]["items"]),
            ("{{ order.items[1].sku }}", "s2"),
            ("{{ order.items.0.sku }}", "s1"),
            ("{{ order['odd key'] }}", 1),
            ("{{ order._links.self }}", "/o"),
            ("{{ n + 1 }}", 4),
            ("{{ {'a': {'b': n}} }}", {"a": {"b": 3}}),
            ("{{ [n, name] }}", [3, "Ann"]),
            ("{{ '1234' }}", "1234"),
            ("{{ 'yes' if flag else 'no' }}", "yes"),
            ("{{ name|upper }}", "ANN"),
            ("  {{ n }}  ", "  3  "),
        ],
    )
    def test_an_expression_alone_keeps_its_type(self, template: str, expected: Any) -> None:
        """A text that is exactly one expression gives its value; with anything beside it, blanks too, it is text."""
        found = rendered(template)
        assert (found, type(found)) == (expected, type(expected))

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("Hello {{ name }}!", "Hello Ann!"),
            ("{{ name }}{{ n }}", "Ann3"),
            ("{{ n }}.{{ flag }}.{{ nothing }}", "3.true.null"),
            ("x{{ order.items[0] }}", 'x{"sku": "s1", "price": 1.5}'),
            ("a{# a comment #}b", "ab"),
            ("a {{- name -}} b", "aAnnb"),
            ("{{ '{{' }} and {{ '}}' }}", "{{ and }}"),
            ("}} is no template", "}} is no template"),
            ("{ nor is this }", "{ nor is this }"),
            ("{{ '}}' }}{{ {'a': 1}.a }}", "}}1"),
        ],
    )
    def test_text_with_expressions_is_text(self, template: str, expected: str) -> None:
        """Values within a text are written as JSON writes them; texts as they are."""
        assert rendered(template) == expected

    def test_a_value_without_templates_is_static(self) -> None:
        """What has no template is data: the same object each time."""
        plain = value("{a: [1, text, 1.10], b: {c: }}")
        assert plain.static
        assert plain.render({}) is plain.render({})
        assert plain.render({}) == {"a": [1, "text", 1.1], "b": {"c": None}}

    def test_a_comment_alone_leaves_a_static_text(self) -> None:
        """A comment is taken out when the file is read."""
        assert (value('"a{# x #}"').static, value('"a{# x #}"').render({})) == (True, "a")

    def test_templates_anywhere_in_a_tree_are_rendered(self) -> None:
        """Lists and objects are made anew with their templates filled in."""
        tree = value('{to: ["{{ name }}", b], deep: {n: "{{ n }}", fixed: 1}}')
        assert not tree.static
        assert tree.render(SCOPE) == {"to": ["Ann", "b"], "deep": {"n": 3, "fixed": 1}}
        assert list(tree.render(SCOPE)) == ["to", "deep"]

    def test_rendering_leaves_the_scope_alone(self) -> None:
        """Rendering twice gives equal and separate trees."""
        tree = value('{to: ["{{ name }}"]}')
        first = tree.render(SCOPE)
        first["to"].append("changed")
        assert tree.render(SCOPE) == {"to": ["Ann"]}

    def test_a_value_knows_its_span(self) -> None:
        """The span of a value is its node's."""
        assert str(value('"{{ name }}"').span) == "a.yaml:1:4"

    def test_a_constant_is_never_a_template(self) -> None:
        """Rows of a table and texts of a server are data, whatever stands in them."""
        data = constant("{{ 7*7 }}", Span(Source("a.csv", ""), 1, 1, 1, 1))
        assert (data.static, data.render({}), data.names) == (True, "{{ 7*7 }}", ())

    @pytest.mark.parametrize(
        "template", ["{{ answer }}", "{{ answer ~ '' }}", "text {{ answer }}", "{{ answer | upper }}", "{{ [answer][0] }}"]
    )
    def test_text_of_a_server_is_never_evaluated(self, template: str) -> None:
        """A template in a value of the scope arrives as it came."""
        assert "{{ 7*7 }}" in rendered(template, {"answer": "{{ 7*7 }}"})

    def test_the_same_text_is_compiled_once(self) -> None:
        """One run understands each text once, with places of its own for each use."""
        templates = Templates()
        root = parse(Source("a.yaml", 'a: "x {{ nobody }}"\nb: "x {{ nobody }}"\n')).root
        first, second = (compile_value(node, templates) for node in root.entries.values())
        assert templates.text("x {{ nobody }}") is templates.text("x {{ nobody }}")
        assert [str(one.names[0].span) for one in (first, second)] == ["a.yaml:1:10", "a.yaml:2:10"]

    def test_a_mistake_is_told_at_each_place(self) -> None:
        """A text that is wrong is wrong wherever it stands."""
        assert [place for _, place, _ in mistakes('["{{ 1 + }}", "{{ 1 + }}"]')] == ["1:11", "1:24"]


class TestItems:
    @pytest.mark.parametrize("name", ["items", "keys", "values", "get", "pop", "copy", "update"])
    def test_keys_come_before_methods(self, name: str) -> None:
        """A key of an object is found, be it called like a method."""
        assert rendered(f"{{{{ thing.{name} }}}}", {"thing": {name: 1}}) == 1
        assert rendered(f"{{{{ thing.{name} | default(0) }}}}", {"thing": {name: 1}}) == 1

    def test_methods_are_called(self) -> None:
        """A method of the list of safe ones can be called."""
        assert rendered("{{ order.get('id', 'x').lower().split('-') }}") == ["a", "1"]

    @pytest.mark.parametrize(
        ("template", "message", "hint", "note"),
        [
            ("{{ order.idd }}", "there is no `idd`", "write `id`", "there is: id, items, odd key, _links"),
            ("{{ order.items[5].sku }}", "there is no [5]", "", "it has 2, the last one is [1]"),
            ("{{ order.items.sku }}", "a list has no `sku`", "say which item: [0].sku", ""),
            ("{{ name.first }}", "text has no part `first`", "", ""),
            ("{{ n.x }}", "a number has no part `x`", "", ""),
            ("{{ nothing.x }}", "nothing has no part `x`", "", ""),
            ("{{ {}.x }}", "there is no `x`", "", "it is empty"),
            ("{{ password.plain }}", "a secret has no part `plain`", "", ""),
            ("{{ password._value }}", "`_value` is not allowed in values", "only keys and positions of values can be asked for", ""),
        ],
    )
    def test_a_missing_part_says_what_there_is(self, template: str, message: str, hint: str, note: str) -> None:
        """What is missing is named, with what is there and what was probably meant."""
        problem = failure(template)
        assert (problem.message, problem.hint, " ".join(problem.notes)) == (message, hint, note)


class TestNames:
    def test_names_are_listed_in_order_with_their_columns(self) -> None:
        """Each name has its exact place; attributes, filters, keys and helpers are no names."""
        found = value("\"{{ b.a }} {{ a + c | default(name=1) }} {{ unique() }} {{ f | upper }} {{ {'k': v} }}\"").names
        assert [(use.name, use.span.column) for use in found] == [("b", 8), ("a", 18), ("f", 63), ("v", 85)]

    @pytest.mark.parametrize(
        "template", ["{{ x | default(1) }}", "{{ x.y | d(1) }}", "{{ x is defined }}", "{{ x is undefined or x is not defined }}"]
    )
    def test_a_name_that_may_be_missing_is_not_listed(self, template: str) -> None:
        """What is asked for only under default or is defined need not be known."""
        assert value(f'"{template}"').names == ()

    @pytest.mark.parametrize(
        ("yaml", "place"),
        [
            ("v: {{ name }}".replace("{{", "a {{"), "1:9"),
            ("v: '{{ name }}'", "1:8"),
            ("v: 'it''s ''{{ name }}'", "1:16"),
            ('v: "{{ name }}"', "1:8"),
            (r'v: "\t\u00e9\x41\U0001F600{{ name }}"', "1:30"),
            ("v: |\n  one\n    {{ name }}\n", "3:8"),
            ("v: |2\n    {{ name }}\n", "2:8"),
            ("v: |-\n\n\n  é {{ name }}", "4:8"),
            ("v: >\n  one\n  two {{ name }}\n", "3:10"),
            ("v: >\n  one\n\n\n  two\n    more {{ name }}\n", "6:13"),
            ('v: "one\n  two {{ name }}"', "2:10"),
            ('v: "one\n\n  two {{ name }}"', "3:10"),
            ('v: "one\\\n  two {{ name }}"', "2:10"),
            ("v: one\n  two {{ name }}\n", "2:10"),
            ("v: 'one''\n  two {{ name }}'\n", "2:10"),
            ('v: &x "{{ name }}"', "1:11"),
            ("v: [a, '{{ name }}']", "1:12"),
        ],
    )
    def test_a_name_is_found_in_every_way_of_writing_a_text(self, yaml: str, place: str) -> None:
        """Quotes, escapes, blocks and folds do not move a name from its line and column."""
        (use,) = compile_value(parse(Source("a.yaml", yaml)).root.entries["v"], Templates()).names
        assert (use.name, str(use.span)) == ("name", f"a.yaml:{place}")
        assert use.span.source.lines[use.span.line - 1][use.span.column - 1 : use.span.end_column - 1] == "name"

    @given(st.text(max_size=30), st.sampled_from(["'", '"', "|"]))
    def test_a_name_is_found_behind_any_text(self, text: str, style: str) -> None:
        """Whatever stands before it, the span of a name shows the name."""
        before = text.replace("{", "").replace("\r", "")
        quoted = {
            "'": lambda: "'" + before.replace("'", "''").replace("\n", " ") + "{{ name }}'",
            '"': lambda: '"' + "".join(f"\\U{ord(one):08x}" for one in before) + '{{ name }}"',
            "|": lambda: "|\n  " + (before.replace("\n", "\n  ").lstrip() or "x") + "{{ name }}",
        }[style]()
        try:
            node = parse(Source("a.yaml", f"v: {quoted}")).root.entries["v"]
        except BadScenario:
            return
        (use,) = compile_value(node, Templates()).names
        line = use.span.source.lines[use.span.line - 1]
        assert line[use.span.column - 1 : use.span.end_column - 1] == "name"


class TestUndefined:
    def test_an_unknown_name_is_told_with_what_is_known(self) -> None:
        """A name that is not there stops the value: its column, what is known, what was meant."""
        problem = failure("Hello {{ nmae }}", {"name": 1, "agent": 2, "unique": 3})
        assert (problem.code, problem.message, str(problem.span)) == ("E301", "`nmae` is not known here", "a.yaml:1:14")
        assert (problem.hint, problem.notes) == ("write `name`", ("known here: agent, name",))

    def test_the_rendered_message_shows_the_line(self) -> None:
        """A person reads code, place, line, caret, fix and what is known."""
        assert failure("{{ nmae }}", {"name": 1}).render().splitlines() == [
            "error[E301]: `nmae` is not known here",
            "  --> a.yaml:1:8",
            "   |",
            ' 1 | v: "{{ nmae }}"',
            "   |        ^^^^",
            "   = fix: write `name`",
            "   = known here: name",
        ]

    def test_many_known_names_are_not_all_told(self) -> None:
        """Twelve names are shown, the rest counted."""
        assert failure("{{ x }}", {f"name{n:02}": 1 for n in range(20)}).notes[0].endswith("name11 and 8 more")

    def test_nothing_known_is_told(self) -> None:
        """An empty scope is said to be empty."""
        assert failure("{{ x }}", {}).notes == ("nothing is known here but the helpers",)

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("{{ x | default('d') }}", "d"),
            ("{{ order.x | default('d') }}", "d"),
            ("{{ x.y.z | d }}", ""),
            ("{{ x | default(order.id) }}", "A-1"),
            ("{{ '' | default('d') }}", ""),
            ("{{ '' | default('d', true) }}", "d"),
            ("{{ name | default('d') }}", "Ann"),
            ("{{ x is defined }}", False),
            ("{{ x is undefined }}", True),
            ("{{ order.x is defined }}", False),
            ("{{ [name, order.x] is defined }}", False),
            ("{{ name is defined }}", True),
            ("{{ true or x }}", True),
            ("{{ false and x }}", False),
            ("{{ 1 if true else x }}", 1),
            ("{{ 'x' if false }}", ""),
        ],
    )
    def test_what_may_be_missing_is_not_missed(self, template: str, expected: Any) -> None:
        """default, is defined and what is not reached do not fail."""
        assert rendered(template) == expected


class TestMistakes:
    @pytest.mark.parametrize(
        ("template", "code", "column", "message"),
        [
            ("{{ }}", "E310", 5, "nothing stands between the braces"),
            ("{{ name", "E310", 5, "the `{{` is not closed"),
            ("{# name", "E310", 5, "the `{#` is not closed"),
            ("{{ 1 + }}", "E310", 10, "the expression ends too early"),
            ("{{ (1 }}", "E310", 9, "the expression ends too early"),
            ("{{ 1) }}", "E310", 9, "`)` does not fit here"),
            ("{{ [1, }}", "E310", 10, "the expression ends too early"),
            ("{{ a b }}", "E310", 10, "`b` does not fit here"),
            ("{{ a = 1 }}", "E310", 10, "`=` does not fit here"),
            ("{{ a && b }}", "E310", 10, "`&` does not fit here"),
            ("{{ a ? b : c }}", "E310", 10, "`?` does not fit here"),
            ("{{ $a }}", "E310", 8, "`$` does not fit here"),
            ("{{ 'abc }}", "E310", 8, "the quote is not closed"),
            ("{{ a..b }}", "E310", 10, "`.` does not fit here"),
            ("{{ a. }}", "E310", 9, "`.` does not fit here"),
            ("{{ | upper }}", "E310", 8, "`|` does not fit here"),
            ("{{ a | }}", "E310", 10, "the expression ends too early"),
            ("{{ a | uper }}", "E312", 12, "there is no filter `uper`"),
            ("{{ a | format(1) }}", "E312", 12, "there is no filter `format`"),
            ("{{ a is nubmer }}", "E312", 10, "there is no test `is nubmer`"),
            ("{{ foo(1) }}", "E303", 8, "`foo` is not a helper"),
            ("{{ range(3) }}", "E303", 8, "`range` is not a helper"),
            ("{{ a.format(1) }}", "E303", 10, "`format` is not allowed in values"),
            ("{{ f(*a) }}", "E303", 9, "`*` and `**` are not allowed here"),
            ("{{ unique }}", "E305", 8, "`unique` is a helper"),
            ("{{ fake }}", "E305", 8, "`fake` is a helper"),
            ("{{ unique ~ 'x' }}", "E305", 8, "`unique` is a helper"),
            ("{{ " + "9" * 5000 + " }}", "E310", 8, "a number in the expression is too large"),
            ("{{ '" + r"\\ud83d" + "' }}", "E310", 8, "half a character: `\\uD800` to `\\uDFFF` stand for nothing alone"),
            ("{% if a %}x{% endif %}", "E311", 5, "statements are not allowed in values"),
            ("{% for a in b %}", "E311", 5, "statements are not allowed in values"),
            ("x {%- set a = 1 %}", "E311", 7, "statements are not allowed in values"),
        ],
    )
    def test_a_wrong_expression_is_told_at_its_column(self, template: str, code: str, column: int, message: str) -> None:
        """What cannot be read is told in plain words with the caret inside the expression, before anything runs."""
        assert mistakes(f'"{template}"') == [(code, f"1:{column}", message)]

    def test_a_template_in_a_key_is_refused(self) -> None:
        """Names are never computed."""
        assert mistakes('{"{{ a }}": 1, b: "{{ 1 + }}"}') == [
            ("E313", "1:5", "a name cannot be computed"),
            ("E310", "1:28", "the expression ends too early"),
        ]

    def test_all_mistakes_of_a_value_come_at_once(self) -> None:
        """A tree of values tells all of its mistakes."""
        assert [code for code, _, _ in mistakes('["{{ }}", {a: "{% x %}"}, "{{ a | uper }}"]')] == ["E310", "E311", "E312"]

    @pytest.mark.parametrize(
        "template",
        ["{{ 'a', 'b' }}", "{{ a }} {{ b", "{{ {'a': 1 }}", "{{ }} }}", "{{ - }}", "{{-}}", "{{ a[ }}", "{{ a[1:2:3:4] }}", "{{ not }}"],
    )
    def test_odd_expressions_have_an_answer(self, template: str) -> None:
        """Whatever is wrong, it is a message and no traceback."""
        assert mistakes(f'"{template}"')

    @pytest.mark.parametrize(("brackets", "fine"), [(19, True), (21, False), (5000, False)])
    def test_deep_expressions_are_refused(self, brackets: int, fine: bool) -> None:
        """Brackets are counted before anything recurses."""
        template = f'"{{{{ {"(" * brackets}1{")" * brackets} }}}}"'
        if fine:
            assert value(template).render({}) == 1
        else:
            assert mistakes(template)[0][0] == "E310"

    @pytest.mark.parametrize(
        "sign", ["not ", "-", "+", "1+", "1~", "a.", "a|upper|", "1 if 1 else ", "1<", "[", "a if ", "a and ", "{'a':", "a[", "f("]
    )
    @pytest.mark.parametrize("times", [150, 5000])
    def test_long_expressions_are_read_or_refused(self, sign: str, times: int) -> None:
        """No expression is long enough to exhaust the stack, on the way in or when it is carried out."""
        with contextlib.suppress(BadScenario, TemplateFailed):
            value(f'"{{{{ {sign * times}1 }}}}"').render({"a": "x"})


class TestFailures:
    @pytest.mark.parametrize(
        ("template", "message"),
        [
            ("{{ n + name }}", "`+` needs two numbers, not a number and text"),
            ("{{ name - 1 }}", "`-` needs two numbers, not text and a number"),
            ("{{ n / 0 }}", "division by 0"),
            ("{{ n % 0 }}", "division by 0"),
            ("{{ n // 0.0 }}", "division by 0"),
            ("{{ n < name }}", "`<` cannot compare a number with text"),
            ("{{ n in 5 }}", "`in` cannot compare a number with a number"),
            ("{{ name % n }}", "`%` cannot fill in texts"),
            ("{{ -name }}", "`-` needs two numbers, not a number and text"),
            ("{{ name * 1.5 }}", "`*` needs two numbers, not text and a number"),
            ("{{ (-8) ** 0.5 }}", "the result is not a number"),
            ("{{ 0 ** -1 }}", "division by 0"),
            ("{{ 1e308 * 10 }}", "the result is not a number"),
            ("{{ 2.0 ** 5000 }}", "the number is too large"),
            ("{{ n | upper | round }}", "`round` takes a number; it was given text"),
            ("{{ n | join(',') }}", "`join` takes a list; it was given a number"),
            ("{{ [1, 'a'] | sort }}", "`sort` takes a list; it was given a list"),
            ("{{ name | date }}", "`date` needs a time like 2030-01-02T09:00:00Z"),
            ("{{ name is odd }}", "`is odd` cannot be asked of text"),
            ("{{ [] | first }}", "it is empty"),
            ("{{ n.upper() }}", "a number has no `upper`"),
            ("{{ name[1.5] }}", "text has no parts"),
            ("{{ name['a':] }}", "[…:…] takes whole numbers"),
            ("{{ n[1:] }}", "[…:…] takes a part of a list or text, not of a number"),
            ("{{ {n: 1} }}", "a key must be text, not a number"),
            ("{{ file ~ 'x' }}", "a file's bytes cannot be written as text"),
            ("x {{ file }}", "a file's bytes cannot be written as text"),
        ],
    )
    def test_what_cannot_be_computed_is_told_in_plain_words(self, template: str, message: str) -> None:
        """Values of the wrong kind are named by their kind."""
        problem = failure(template, SCOPE | {"file": b"\x00"})
        assert (problem.message, problem.code[:2], problem.span is not None) == (message, "E3", True)

    def test_the_failing_part_of_a_long_text_is_shown(self) -> None:
        """Of several expressions the caret stands at the one that failed."""
        problem = failure("{{ name }} {{ n }} {{ n + name }}")
        assert problem.span is not None
        assert (problem.span.column, problem.span.end_column) == (27, 35)


class TestExpressions:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("n == 3 and name != 'x'", True),
            ("not flag", False),
            ("n in [1, 2, 3]", True),
            ("n not in [1]", True),
            ("1 < n <= 3", True),
            ("3 < n < x", False),
            ("true", True),
            ("order.items | length == 2", True),
            ("order.items | selectattr('price', '>', 2) | map(attribute='sku') | first == 's2'", True),
        ],
    )
    def test_a_condition_is_an_expression_without_braces(self, text: str, expected: Any) -> None:
        """when, until and stop_if hold an expression."""
        assert condition(text).evaluate(SCOPE) is expected

    def test_a_condition_knows_its_text_and_names(self) -> None:
        """What a condition asks for is told with its columns."""
        one = condition("n == 3 and status")
        assert (one.text, str(one.span)) == ("n == 3 and status", "a.yaml:1:7")
        assert [(use.name, use.span.column) for use in one.names] == [("n", 8), ("status", 19)]

    @pytest.mark.parametrize(
        ("text", "code", "hint"),
        [
            ("{{ n == 3 }}", "E311", "write n == 3"),
            ("", "E310", "write a condition, for example: status == 'sent'"),
            ("n = 3", "E310", "to compare, write =="),
        ],
    )
    def test_a_wrong_condition_says_what_to_write(self, text: str, code: str, hint: str) -> None:
        """Braces are not wanted, nothing is no condition."""
        with pytest.raises(BadScenario) as caught:
            condition(text)
        assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].hint) == (code, hint)

    def test_a_condition_fails_at_its_name(self) -> None:
        """An unknown name in a condition is told at its column."""
        with pytest.raises(TemplateFailed, match="`staus` is not known here") as caught:
            condition("1 == staus").evaluate({"status": 1})
        assert str(caught.value.span) == "a.yaml:1:13"


class TestSecrets:
    @pytest.mark.parametrize(
        ("template", "plain"),
        [
            ("{{ password }}", "hunter2-canary"),
            ("{{ creds.password }}", "hunter2-canary"),
            ("Basic {{ password }}", "Basic hunter2-canary"),
            ("{{ 'user:' ~ password }}", "user:hunter2-canary"),
            ("{{ 'user:' + password }}", "user:hunter2-canary"),
            ("{{ password | upper }}", "HUNTER2-CANARY"),
            ("{{ ('u:' ~ password) | base64 }}", "dTpodW50ZXIyLWNhbmFyeQ=="),
            ("{{ name | replace('A', password) }}", "hunter2-canarynn"),
            ("{{ password.upper() }}", "HUNTER2-CANARY"),
            ("{{ password[0:7] }}", "hunter2"),
            ("{{ creds | json }}", '{"password": "hunter2-canary"}'),
            ("x {{ creds }}", 'x {"password": "hunter2-canary"}'),
            ("{{ [password, 'x'] | join('-') }}", "hunter2-canary-x"),
            ("{{ password if flag else '' }}", "hunter2-canary"),
            ("{{ missing | default(password) }}", "hunter2-canary"),
            ("{{ creds | string }}", '{"password": "hunter2-canary"}'),
        ],
    )
    def test_what_a_secret_becomes_is_a_secret(self, template: str, plain: str) -> None:
        """A secret alone stays one, and every text made with one is one again."""
        found = rendered(template, SCOPE | {"creds": {"password": SCOPE["password"]}})
        assert isinstance(found, Secret)
        assert (found.plain(), found.name, str(found)) == (plain, "QA1", "***")

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("{{ password == 'hunter2-canary' }}", True),
            ("{{ password | length }}", 14),
            ("{{ 'x' in password }}", False),
            ("{{ not password }}", False),
            ("{{ password is string }}", True),
        ],
    )
    def test_a_secret_is_compared_by_its_text(self, template: str, expected: Any) -> None:
        """Comparing and counting look at the text and give away no more than the answer."""
        assert rendered(template) == expected

    @pytest.mark.parametrize(
        "template",
        [
            "{{ password | list }}",
            "{{ password.split('-') }}",
            "{{ password.plain() }}",
            "{{ password._value }}",
            "{{ password.name }}",
            "{{ password + 1 }}",
            "{{ password | round }}",
            "{{ password - 1 }}",
            "{{ password | date }}",
            "{{ password.x }}",
            "{{ password < 1 }}",
            "{{ password is odd }}",
            "{{ {password: 1} }}",
            "{{ [1, password] | sum }}",
            "{{ order[password] }}",
            "{{ unknown ~ password }}",
            "{{ password % 'x' }}",
            "{{ name.index(password) }}",
            "{{ password * 9999999 }}",
            "x {{ password }} {{ unknown }}",
            "{{ password | map('upper') }}",
            "{{ order.get(password).x }}",
            "{{ now(password) }}",
            "{{ read(password) }}",
            "{{ random_number(password) }}",
        ],
    )
    def test_no_error_shows_a_secret(self, template: str) -> None:
        """Whatever goes wrong with a secret, no message, hint or note has its text."""
        scope = SCOPE | helpers()
        try:
            found = rendered(template, scope)
        except (TemplateFailed, BadScenario) as failed:
            problems = failed.diagnostics if isinstance(failed, BadScenario) else [failed.diagnostic()]
            shown = " ".join(problem.render() for problem in problems) + repr(failed) + str(failed.__cause__) + str(failed.args)
        else:
            shown = repr(found)
        assert "canary" not in shown.lower()


def helpers() -> dict[str, Any]:
    """The helpers as the engine gives them."""
    return functions(
        random=Random(1), clock=ManualClock(), read=lambda path: path, env={}, secret=lambda name: Secret(name, "canary-" + name)
    )


def test_helpers_come_with_the_scope() -> None:
    """A helper is a name of the scope; a secret helper gives the Secret itself."""
    scope = SCOPE | helpers()
    assert rendered("{{ now('+1h') }}", scope) == "2030-01-02T10:00:00Z"
    assert rendered("{{ secret('X') }}", scope) == Secret("X", "canary-X")
    assert rendered("ORD {{ unique('a') ~ 1 }}", scope).startswith("ORD a")
    assert rendered("{{ fake.first_name | length > 0 }}", scope)


def test_a_helper_that_is_not_there_is_told() -> None:
    """Without helpers in the scope a call says so."""
    assert failure("{{ unique() }}", {}).message == "there is no helper `unique` here"


@pytest.mark.parametrize("module", ["runner.scenario.templates.template", "runner.scenario.yaml.document"])
def test_jinja2_is_loaded_only_when_a_value_needs_it(module: str) -> None:
    """Files with plain values, paths and simple calls are read and rendered without Jinja2."""
    code = (
        f"import sys; import {module}; from runner.source import Source; from runner.scenario.yaml.document import parse;"
        "from runner.scenario.templates.template import Templates, compile_value;"
        "t = Templates(); tree = parse(Source('a', 'a: x {{ b.c[0] }}\\nd: \"{{ unique(1) }}\"'));"
        "assert compile_value(tree.root.entries['a'], t).render({'b': {'c': [1]}}) == 'x 1';"
        "compile_value(tree.root, t);"
        "loaded = {'jinja2', 'aiohttp', 'jsonschema', 'rich', 'pytest'} & set(sys.modules); assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("value", ["abc", "", "12 items", "nan", "1e999"])
@pytest.mark.parametrize("name", ["int", "float"])
def test_a_text_that_is_no_number_is_none(name: str, value: str) -> None:
    """It does not become 0, which a check would take for a count; who wants another number says which."""
    with pytest.raises(TemplateFailed, match=f"`{name}` was given a text that is no number") as caught:
        rendered(f"{{{{ value | {name} }}}}", {"value": value})
    assert caught.value.hint == f"say what it then is: value | {name}(0)"
    assert rendered(f"{{{{ value | {name}(7) }}}}", {"value": value}) == 7
