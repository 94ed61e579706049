"""contract.yaml says what the simulator serves: the same resources, and answers of the shapes it promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from runner.plugins.contract import REASONS
from runner.vendors.icws import VENDOR
from runner.vendors.icws.simulator.dispatch import ALL_ROUTES

CONTRACT: dict[str, Any] = yaml.safe_load((files("runner") / VENDOR.contract.removeprefix("runner/")).read_text(encoding="utf-8"))
VERBS = ("get", "put", "post", "delete")
URN = "urn:inin.com:interactions.email:"
SENDER = {"displayName": "Shop", "address": "help@shop.example"}


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """(verb, path) → operation."""
    return {(verb.upper(), path): item[verb] for path, item in CONTRACT["paths"].items() for verb in VERBS if verb in item}


def test_the_contract_and_the_simulator_have_the_same_resources() -> None:
    """Neither has one that the other lacks, with the same feature version."""
    served = {(r.method, "/icws" + r.path): r.feature for r in ALL_ROUTES}
    written = {key: (o["x-feature"]["name"], o["x-feature"]["version"]) for key, o in operations().items()}
    assert served == written


def test_every_operation_has_its_own_name() -> None:
    """No two operations share an operationId."""
    names = [o["operationId"] for o in operations().values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("verb", "path"), [(v, p) for v, p in operations() if "{session}" in p])
def test_every_session_resource_may_answer_400_401_410_and_500(verb: str, path: str) -> None:
    """As every page of the reference has it."""
    assert {"400", "401", "410", "500"} <= operations()[verb, path]["responses"].keys()


def _schema_of(verb: str, path: str, http: int) -> dict[str, Any] | None:
    response = operations()[verb, path]["responses"][str(http)]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {}).get("application/vnd.inin.icws+JSON")
    return None if content is None else content["schema"]


def _template(path: str) -> str:
    """The path of the contract that a path of a request is one of."""
    return next(
        template
        for _, template in sorted(operations(), key=lambda o: o[1].count("{"))
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    )


REQUESTS: list[tuple[str, str, object]] = [
    ("GET", "connection", None),
    ("GET", "connection/version", None),
    ("GET", "connection/features", None),
    ("GET", "connection/features/queues", None),
    ("GET", "connection/features/none", None),
    ("GET", "connection/switchover-status", None),
    ("PUT", "connection/station", {"__type": "urn:inin.com:connection:stationlessSettings"}),
    ("PUT", "connection/station", {}),
    ("GET", "connection/station", None),
    ("POST", "connection/unique-auth-token", {"authTokenSeed": "0f8c2a54-5b0e-4a0c-8f7d-2d1f5b7f9a11"}),
    ("PUT", "messaging/subscriptions/queues/q", {"queueIds": [{"queueType": 1, "queueName": "agent1"}], "attributeNames": ["Eic_State"]}),
    ("PUT", "messaging/subscriptions/response-management", None),
    ("GET", "messaging/messages", None),
    ("POST", "messaging/heartbeat", None),
    ("POST", "interactions", {"__type": URN + "createEmailParameters", "emailContent": {"__type": URN + "emailContent", "sender": SENDER}}),
    ("POST", "interactions", {}),
    ("GET", "interactions/1", None),
    ("POST", "interactions/1/email/send", None),
    ("POST", "interactions/email/resolve-address", {"name": "a"}),
    ("GET", "recordings/b7d2e0c1-1/tags", None),
    ("GET", "recordings/b7d2e0c1-1/attributes", None),
    ("GET", "recordings/b7d2e0c1-1/media-details", None),
    ("GET", "recordings/b7d2e0c1-1/export-uri", None),
    ("GET", "recordings/none/export-uri", None),
    ("POST", "agent-quality/search", {"filters": {}}),
    ("GET", "agent-quality/search/1", None),
    ("GET", "status/user-statuses/agent1", None),
    ("GET", "status/user-statuses/nobody", None),
    ("PUT", "status/user-statuses/agent1", {"statusId": "Available"}),
    ("GET", "activations/users/agent1", None),
    ("POST", "licenses", {"licenseList": ["I3_ACCESS_CLIENT"]}),
    ("PUT", "licenses", {"licenseList": ["I3_ACCESS_CLIENT"]}),
    ("GET", "status/status-messages", None),
    ("GET", "status/status-messages-user-access/agent1", None),
    ("PUT", "activations/users/agent1", {"activations": {"Returns": True}}),
    ("DELETE", "connection", None),
    ("GET", "status/status-messages", None),
]


def test_answers_have_the_shapes_that_the_contract_promises(knock: Callable[..., None]) -> None:
    """Successes and refusals of a whole session; a status that is not written there is a mistake on one side."""

    async def story(door: Any) -> None:
        agent = await door.login()
        for method, path, body in REQUESTS:
            answer = await agent.call(method, path, body)
            template = _template(f"/icws/{agent.id}/{path}")
            schema = _schema_of(method, template, answer.http)
            if schema is None:
                assert answer.body == b"", (method, path)
            else:
                jsonschema.validate(answer.json(), schema | {"components": CONTRACT["components"]})

    knock(story)


def test_every_step_has_its_papers() -> None:
    """Title, description, an example, refusals from the neutral list."""
    for step in VENDOR.steps:
        assert step.title
        assert step.description.endswith(".")
        assert step.example.startswith(f"- {step.name}")
        assert set(step.refusals) <= set(REASONS)


# what must be there before an example runs: the steps that lead to it
DRAFT: list[tuple[str, dict[str, Any]]] = [("create", {"to": "joe@example.com", "text": "Hello"})]
MAIL: list[tuple[str, dict[str, Any]]] = [("ready", {}), ("receive", {"subject": "Where?"}), ("accept", {})]
BEFORE = {
    "icws.insert_from_library": DRAFT,
    "icws.hold": DRAFT,
    "icws.park": MAIL,
    "icws.pickup": MAIL[:2],
    "icws.disconnect": DRAFT,
    "icws.get_attributes": DRAFT,
    "icws.set_attributes": DRAFT,
    "icws.watch": DRAFT,
}


@pytest.mark.parametrize("name", [s.name for s in VENDOR.steps if s.name.startswith("icws.")])
def test_the_example_of_each_step_of_its_own_runs(name: str, play: Callable[..., None]) -> None:
    """What the manual shows works as it stands there."""
    step = next(s for s in VENDOR.steps if s.name == name)
    # text only: YAML 1.1 would read the parameter `on` as a boolean
    (item,) = yaml.load(step.example, Loader=yaml.BaseLoader)  # noqa: S506 - the loader that makes nothing but text
    parameters = {} if isinstance(item, str) else item[name]

    async def story(stage: Any) -> None:
        await stage.act("login")
        for word, given in BEFORE.get(name, []):
            await stage.act(word, given)
        await stage.act(name, parameters)

    play(VENDOR, story)
