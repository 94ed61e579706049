"""Which operation a request is, what it may answer, and that the documents of all vendors can be read."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from runner.errors import BrokenPlugin
from runner.plugins.contract import Vendor
from runner.plugins.openapi import ApiDocument, load_document
from runner.plugins.registry import Registry

OK = {"200": {"description": "Fine."}}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/mails": {"get": {"responses": OK}, "parameters": []},
        "/mails/new": {"post": {"responses": OK}},
        "/mails/{id}": {"get": {"responses": OK}},
        "/mails/{id}/files/{file}": {"get": {"responses": OK}},
        "/{session}/mails": {
            "get": {
                "responses": {
                    "200": {"$ref": "#/components/responses/Mails"},
                    "4XX": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                    "default": {"content": {"*/*": {}}},
                }
            }
        },
    },
    "components": {
        "responses": {"Mails": {"content": {"Application/vnd.x+JSON": {"schema": {"$ref": "#/components/schemas/a~1b"}}}}},
        "schemas": {"a/b": {"type": "array"}},
    },
}


def named(method: str, path: str) -> str | None:
    operation = ApiDocument(DOCUMENT).operation(method, path)
    return operation.name if operation is not None else None


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/mails", "GET /mails"),
        ("GET", "/mails/", "GET /mails"),
        ("POST", "/mails/new", "POST /mails/new"),
        ("GET", "/mails/17", "GET /mails/{id}"),
        ("GET", "/mails/new/files/x.pdf", "GET /mails/{id}/files/{file}"),
        ("GET", "/81723/mails", "GET /{session}/mails"),
        ("GET", "/mails/mails", "GET /mails/{id}"),
        ("DELETE", "/mails", None),
        ("GET", "/mails/17/files", None),
        ("GET", "/", None),
    ],
)
def test_a_request_is_an_operation(method: str, path: str, name: str | None) -> None:
    """Words go before parameters, and where a word leads nowhere the parameter is tried."""
    assert named(method, path) == name


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/mails/17/notes", "/mails/{id}/notes"),
        ("/mails/17/notes/8a2", "/mails/{id}/notes/{…}"),
        ("/a8f3/tasks", "/{session}/tasks"),
        ("/mails/17/joe%40example.com", "/mails/{id}/{…}"),
    ],
)
def test_an_unknown_path_is_told_without_ids(path: str, told: str) -> None:
    """As the document has it for as long as it goes, then words; whatever could be somebody's is left out."""
    assert ApiDocument(DOCUMENT).nearest_path(path) == told


def test_a_status_is_looked_up_itself_then_its_hundred_then_the_default() -> None:
    """As OpenAPI has it; media types are compared without regard to case, and may be a pattern."""
    document = ApiDocument(DOCUMENT)
    operation = document.operation("GET", "/1/mails")
    assert operation is not None
    answers = [document.answer(operation, http) for http in (200, 404, 500)]
    assert [list(answer.contents) if answer else None for answer in answers] == [["application/vnd.x+json"], ["text/plain"], ["*/*"]]
    assert [bool(answer and answer.content("text/plain")[0]) for answer in answers] == [False, True, True]


def test_a_status_that_nobody_wrote_down() -> None:
    """There is no answer with it."""
    document = ApiDocument(DOCUMENT)
    operation = document.operation("GET", "/mails")
    assert operation is not None
    assert document.answer(operation, 201) is None


@pytest.mark.parametrize("name", ["icws", "egain", "gws"])
def test_the_document_of_each_vendor_can_be_used_to_the_last_answer(name: str) -> None:
    """It is found inside the package, every reference leads somewhere, every schema compiles."""
    vendor = Registry.load().vendor(name)
    document = load_document(vendor)
    assert document is not None
    assert vendor.contract == f"runner/vendors/{name}/contract.yaml"
    assert all(document.answer(one, int(status)) is not None for one in document.operations() for status in one.told)


@pytest.mark.parametrize(
    "contract", ["runner/vendors/nobody/contract.yaml", "no_such_package/a.yaml", "runner/py.typed", "runner/__init__.py"]
)
def test_a_document_that_cannot_be_used(contract: str) -> None:
    """The plugin is blamed by name."""

    async def nothing(context: object) -> Any:
        return None

    vendor = Vendor(name="acme", title="Acme", steps=(), open=nothing, contract=contract)
    with pytest.raises(BrokenPlugin, match="Acme's API") as caught:
        load_document(vendor)
    assert caught.value.plugin == "acme"
    assert load_document(replace(vendor, contract="")) is None
