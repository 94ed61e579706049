"""
What Schemathesis is told about a simulator: how one is logged in there, and which ids there are.

Loaded by Schemathesis in an environment of its own; nothing of ours can be imported here. PEER_VENDOR, PEER_URL, PEER_CONTROL name the
simulator. Every tenth case keeps the session that Schemathesis made up, every fourth its ids, and a third of the bodies
get values that exist in place of those made up.
"""

import base64
import os
from itertools import count

import requests
import schemathesis

VENDOR, URL, CONTROL = (os.environ[f"PEER_{name}"] for name in ("VENDOR", "URL", "CONTROL"))
MAILBOX = {"icws": "help@shop.example", "egain": "help@shop.example", "gws": "help@shop.example"}[VENDOR]
REFRESH = 25


def password():
    people = requests.get(f"{CONTROL}/people", timeout=10).json()["people"]
    return next(person["credentials"]["password"] for person in people if person["credentials"]["user"] == "agent1")


class Icws:
    """Session in the path, token in a header, cookie named for the session."""

    fitting = {}

    def login(self):
        body = {
            "__type": "urn:inin.com:connection:icAuthConnectionRequestSettings",
            "applicationName": "peer",
            "userID": "agent1",
            "password": password(),
        }
        answer = requests.post(f"{URL}/icws/connection", json=body, headers={"Accept-Language": "en-us"}, timeout=10)
        answer.raise_for_status()
        session = answer.headers["ININ-ICWS-Session-ID"]
        headers = {"ININ-ICWS-CSRF-Token": answer.headers["ININ-ICWS-CSRF-Token"], "Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        station = {
            "__type": "urn:inin.com:connection:stationlessSettings",
            "supportedMediaTypes": [3],
            "readyForInteractions": True,
        }
        requests.put(f"{URL}/icws/{session}/connection/station", json=station, headers=headers, timeout=10).raise_for_status()
        status = requests.put(
            f"{URL}/icws/{session}/status/user-statuses/agent1", json={"statusId": "Available"}, headers=headers, timeout=10
        )
        status.raise_for_status()
        draft = {
            "__type": "urn:inin.com:interactions.email:createEmailParameters",
            "emailContent": {
                "__type": "urn:inin.com:interactions.email:emailContent",
                "sender": {"displayName": "Shop", "address": MAILBOX},
                "toRecipients": [{"displayName": "Joe", "address": "joe@example.com"}],
                "subject": "Hello",
            },
        }
        requests.post(f"{URL}/icws/{session}/interactions", json=draft, headers=headers, timeout=10).raise_for_status()
        return headers, {"session": session}

    def known(self, world):
        settings = requests.get(f"{CONTROL}/settings", timeout=10).json()["settings"]
        return {
            "interaction": [one["id"] for one in world["interactions"]],
            "recording": [one["id"] for one in settings["recordings"]],
            "user": ["agent1", "agent2"],
            "feature": ["connection", "interactions"],
        }


class Egain:
    """One header."""

    fitting = {
        "department": {"name": "Service"},
        "type": {"value": "email", "subtype": {"value": "compose"}},
        "payload": {"email": {"emailAddresses": {"from": MAILBOX, "to": {"address": ["kim@mail.example"]}, "cc": None, "bcc": None}}},
        "subject": "Hello",
        "dueDate": "2099-01-01T00:00:00.000Z",
        "priority": 3,
        "attachments": None,
        "customAttributes": None,
        "queue": None,
        "case": None,
    }

    def login(self):
        body = {"userName": "agent1", "password": password()}
        answer = requests.post(f"{URL}/ws/v12/authentication/user/login?forceLogin=yes", json=body, timeout=10)
        answer.raise_for_status()
        return {"X-egain-session": answer.headers["X-egain-session"]}, {}

    def known(self, world):
        found = {"ids": [], "id": []}
        for kind in ("activities", "cases", "customers"):
            ids = [str(one["id"]) for one in world.get(kind, []) if isinstance(one, dict)]
            found[kind] = ids
            found["ids"] += ids
            found["id"] += ids
        return found


class Gws:
    """A cookie, a token in a header, and Basic credentials for a session that was lost."""

    fitting = {"queueName": "Outbound-email"}

    def login(self):
        pair = base64.b64encode(f"agent1:{password()}".encode()).decode()
        session = requests.Session()
        answer = session.get(f"{URL}/me", headers={"Authorization": f"Basic {pair}"}, timeout=10)
        answer.raise_for_status()
        cookie = f"JSESSIONID={session.cookies['JSESSIONID']}"
        headers = {answer.headers["X-CSRF-HEADER"]: answer.headers[answer.headers["X-CSRF-HEADER"]], "Cookie": cookie}
        start = {"operationName": "StartContactCenterSession", "channels": ["email"]}
        requests.post(f"{URL}/me", json=start, headers=headers, timeout=10).raise_for_status()
        ready = {"operationName": "Ready"}
        requests.post(f"{URL}/me/channels/email", json=ready, headers=headers, timeout=10).raise_for_status()
        return headers, {}

    def known(self, world):
        return {"id": [one["id"] for one in world["interactions"]], "channel": ["email"], "workbin": ["draft"]}


vendor = {"icws": Icws, "egain": Egain, "gws": Gws}[VENDOR]()
number = count()
state = {"login": None, "known": {}}


def refreshed(now):
    """Log in where nobody is, have mail, and know what there is."""
    if state["login"] is None:
        state["login"] = vendor.login()
    if now % REFRESH == 0 or not state["known"]:
        mail = {"from": "kim@mail.example", "to": MAILBOX, "subject": f"Mail {now}", "text": "Where is it?"}
        requests.post(f"{CONTROL}/receive", json=mail, timeout=10).raise_for_status()
        state["known"] = vendor.known(requests.get(f"{CONTROL}/world", timeout=10).json())
    return state["login"]


def fitted(body, fitting):
    """The body with values that exist in place of those made up; None takes one out."""
    changed = dict(body)
    for name, value in fitting.items():
        if name not in changed:
            continue
        if value is None:
            del changed[name]
        elif isinstance(value, dict) and isinstance(changed[name], dict):
            changed[name] = fitted(changed[name], value)
        else:
            changed[name] = value
    return changed


@schemathesis.hook
def before_call(context, case, kwargs):
    """Be somebody, somewhere that exists."""
    now = next(number)
    headers, path = refreshed(now)
    if now % 10 != 9:
        case.cookies = {}
        case.headers.pop("Authorization", None)
        for name, value in headers.items():
            case.headers[name] = value
        for name, value in path.items():
            if name in case.path_parameters:
                case.path_parameters[name] = value
    if now % 4 != 3:
        for name in case.path_parameters:
            ids = state["known"].get(name)
            if ids:
                case.path_parameters[name] = ids[now % len(ids)]
    if now % 3 == 0 and isinstance(case.body, dict):
        case.body = fitted(case.body, vendor.fitting)
    kwargs.setdefault("allow_redirects", False)


@schemathesis.hook
def after_call(context, case, response):
    """A session that has ended, by a logout among the cases, is opened anew."""
    gone = response.status_code == 401
    ended = case.method.upper() == "DELETE" and case.operation.path.endswith(("/connection", "/logout"))
    ended = ended or b"EndContactCenterSession" in (response.request.body or b"")
    if gone or ended:
        state["login"] = None
