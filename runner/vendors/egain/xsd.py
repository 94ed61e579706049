"""
The XML Schemas of eGain's documents, written out of ``contract.yaml`` and the rules for namespaces, attributes and repeated elements.

    python -m runner.vendors.egain.xsd            write them to xsd/
    python -m runner.vendors.egain.xsd --check    say whether they are up to date (exit code 1 when not)

As in eGain's own schemas an element has one type wherever it stands at the top of a namespace: what any document puts into it, and required
only what all of them do. ``xsd/egain.xsd`` brings all namespaces together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import yaml
from msgspec import Struct, field

from runner.vendors.egain.namespaces import PREFIXES, attributes_of, namespace_of, namespace_of_root

__all__ = ["FOLDER", "repeated", "schemas"]

HERE = Path(__file__).parent
FOLDER = HERE / "xsd"
_FACETS = ("minLength", "maxLength", "pattern")
_NOTE = "<!-- written by runner/vendors/egain/xsd.py out of contract.yaml -->"


class _Plain(Struct, frozen=True):
    """A text: its base type (``string``, ``integer``), its facets, and the values it may have, if they are known."""

    base: str = "string"
    facets: tuple[tuple[str, str], ...] = ()
    values: tuple[str, ...] = ()


class _Element(Struct):
    """What stands in an element: a text, or attributes and children. A child of another namespace has its type there."""

    plain: _Plain | None = None
    attributes: dict[str, tuple[_Plain, bool]] = field(default_factory=dict)
    children: dict[str, _Child] = field(default_factory=dict)


class _Child(Struct):
    namespace: str
    element: _Element | None
    many: bool
    required: bool


class _Collected:
    """Every element at the top of a namespace, (namespace, name) → what stands in it."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        self._contract = contract
        self.elements: dict[tuple[str, str], _Element] = {}
        self.repeated: set[tuple[str, str]] = set()
        for schema in self._documents():
            name = schema["xml"]["name"]
            self._add(namespace_of_root(name), name, schema)

    def _documents(self) -> Iterator[Mapping[str, Any]]:
        """What comes or goes as XML."""
        named = self._contract["components"]
        for item in self._contract["paths"].values():
            for operation in item.values():
                if not isinstance(operation, dict):
                    continue
                answers = [named["responses"][a["$ref"].rpartition("/")[2]] if "$ref" in a else a for a in operation["responses"].values()]
                for body in (operation.get("requestBody", {}), *answers):
                    told = body.get("content", {}).get("application/xml")
                    if told is not None:
                        yield self._resolved(told["schema"])

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _add(self, namespace: str, name: str, schema: Mapping[str, Any]) -> None:
        made = self._element(name, schema, namespace)
        known = self.elements.get((namespace, name))
        self.elements[namespace, name] = _merged(known, made) if known is not None else made

    def _element(self, name: str, schema: Mapping[str, Any], namespace: str) -> _Element:
        schema = self._resolved(schema)
        choices = [self._resolved(choice) for choice in schema.get("anyOf", ())]
        if choices:
            # of a text and an object the object is what XML has
            objects = [choice for choice in choices if choice["type"] == "object"]
            made = [self._element(name, choice, namespace) for choice in objects]
            return made[0] if len(made) == 1 else _merged(*made)
        if "properties" not in schema:
            return _Element(plain=_plain(schema))
        return self._object(name, schema, namespace)

    def _object(self, name: str, schema: Mapping[str, Any], namespace: str) -> _Element:
        made, required = _Element(), schema.get("required", ())
        for key, told in schema["properties"].items():
            inner = self._resolved(told)
            if key in attributes_of(name) and "properties" not in inner:
                made.attributes[key] = _plain(inner), key in required
                continue
            many = "array" in _types(inner)
            if many:
                self.repeated.add((name, key))
                inner = self._resolved(inner["items"])
            home = namespace_of(name, key, namespace)
            local = home == namespace
            if not local:
                self._add(home, key, inner)
            made.children[key] = _Child(home, self._element(key, inner, home) if local else None, many, key in required)
        return made


def _types(schema: Mapping[str, Any]) -> list[str]:
    told = schema.get("type", "string")
    return [told] if isinstance(told, str) else list(told)


def _plain(schema: Mapping[str, Any]) -> _Plain:
    if "const" in schema or "enum" in schema:
        return _Plain(values=tuple(str(v) for v in schema.get("enum", [schema.get("const")])))
    if _types(schema) == ["integer"]:
        return _Plain("integer")
    facets = ((name, str(schema[name]).removeprefix("^").removesuffix("$")) for name in _FACETS if name in schema)
    return _Plain(facets=tuple(facets))


def _merged(*elements: _Element) -> _Element:
    """What stands in any of them."""
    one, other, *more = elements
    plain = one.plain if other.plain is None else other.plain if one.plain is None else _either(one.plain, other.plain)
    made = _Element(plain)
    for name in dict.fromkeys([*one.attributes, *other.attributes]):
        found = [e.attributes[name] for e in (one, other) if name in e.attributes]
        made.attributes[name] = _either(found[0][0], found[-1][0]), len(found) == 2 and found[0][1] and found[1][1]
    for name in dict.fromkeys([*one.children, *other.children]):
        children = [e.children[name] for e in (one, other) if name in e.children]
        made.children[name] = _both(children[0], children[1]) if len(children) == 2 else _optional(children[0])
    return _merged(made, *more) if more else made


def _either(one: _Plain, other: _Plain) -> _Plain:
    if one == other:
        return one
    values = tuple(dict.fromkeys(one.values + other.values)) if one.values and other.values else ()
    return _Plain(values=values)


def _both(one: _Child, other: _Child) -> _Child:
    element = _merged(one.element, other.element) if one.element is not None and other.element is not None else one.element
    return _Child(one.namespace, element, one.many or other.many, one.required and other.required)


def _optional(child: _Child) -> _Child:
    return _Child(child.namespace, child.element, child.many, required=False)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def repeated(contract: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """(parent, element) for every element that the contract has a list of."""
    return frozenset(_Collected(contract).repeated)


def schemas(contract: Mapping[str, Any]) -> dict[str, str]:
    """File name → XML Schema, one for each namespace, and ``egain.xsd`` that imports them all."""
    elements = _Collected(contract).elements
    return {"egain.xsd": _file("", _imports(PREFIXES)), **{_name(ns): _schema(ns, elements) for ns in PREFIXES}}


def _name(namespace: str) -> str:
    """``…/gen/interaction/activity`` → ``activity.xsd``"""
    return f"{namespace.rpartition('/')[2]}.xsd"


def _imports(namespaces: Iterable[str]) -> list[str]:
    return [f'  <xs:import namespace="{ns}" schemaLocation="{_name(ns)}"/>' for ns in namespaces]


def _file(attributes: str, lines: list[str]) -> str:
    head = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{attributes}>'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', _NOTE, head, *lines, "</xs:schema>", ""])


def _schema(namespace: str, elements: Mapping[tuple[str, str], _Element]) -> str:
    own = {name: element for (ns, name), element in elements.items() if ns == namespace}
    others = sorted({ns for element in own.values() for ns in _strangers(element)})
    declared = "".join(f' xmlns:{PREFIXES[ns]}="{ns}"' for ns in others)
    lines = _imports(others)
    for name in sorted(own):
        lines += _written(f"name={quoteattr(name)}", own[name], "  ")
    return _file(f'{declared} targetNamespace="{namespace}" elementFormDefault="qualified"', lines)


def _strangers(element: _Element) -> Iterator[str]:
    """The namespaces of children that have their types there."""
    for child in element.children.values():
        if child.element is None:
            yield child.namespace
        else:
            yield from _strangers(child.element)


def _written(head: str, element: _Element, indent: str) -> list[str]:
    if element.plain is not None and not element.attributes and not element.children:
        return _of_plain(f"xs:element {head}", element.plain, indent)
    lines = [f"{indent}<xs:element {head}>", f"{indent}  <xs:complexType>"]
    if element.children:
        # a group in any order cannot hold elements that repeat; they stand in the order of the contract
        group = "xs:sequence" if any(child.many for child in element.children.values()) else "xs:all"
        lines.append(f"{indent}    <{group}>")
        for name, child in element.children.items():
            lines += _of_child(name, child, f"{indent}      ")
        lines.append(f"{indent}    </{group}>")
    for name, (plain, required) in element.attributes.items():
        use = ' use="required"' if required else ""
        lines += _of_plain(f"xs:attribute name={quoteattr(name)}{use}", plain, f"{indent}    ")
    return [*lines, f"{indent}  </xs:complexType>", f"{indent}</xs:element>"]


def _of_child(name: str, child: _Child, indent: str) -> list[str]:
    times = ("" if child.required else ' minOccurs="0"') + (' maxOccurs="unbounded"' if child.many else "")
    if child.element is None:
        return [f"{indent}<xs:element ref={quoteattr(f'{PREFIXES[child.namespace]}:{name}')}{times}/>"]
    return _written(f"name={quoteattr(name)}{times}", child.element, indent)


def _of_plain(head: str, plain: _Plain, indent: str) -> list[str]:
    facets = [f"{indent}      <xs:{name} value={quoteattr(value)}/>" for name, value in plain.facets]
    facets += [f"{indent}      <xs:enumeration value={quoteattr(value)}/>" for value in plain.values]
    if not facets:
        return [f'{indent}<{head} type="xs:{plain.base}"/>']
    kind = head.partition(" ")[0]
    inside = [f"{indent}  <xs:simpleType>", f'{indent}    <xs:restriction base="xs:{plain.base}">', *facets]
    return [f"{indent}<{head}>", *inside, f"{indent}    </xs:restriction>", f"{indent}  </xs:simpleType>", f"{indent}</{kind}>"]


def main(arguments: list[str]) -> int:
    """Write the schemas, or compare them."""
    made = schemas(yaml.safe_load((HERE / "contract.yaml").read_text(encoding="utf-8")))
    if "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name, text in made.items():
            (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        return 0
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.xsd")}
    if there == made:
        return 0
    sys.stderr.write("runner/vendors/egain/xsd is not what runner/vendors/egain/xsd.py writes; run it\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
