"""
What Schemathesis is told about a simulator: how one is logged in there, which ids there are, and what succeeds.

Loaded by Schemathesis in an environment of its own; nothing of ours can be imported here but what stands in this folder. The first case of
every operation, and one in forty after it, is sound: as its vendor wants it, about something that was made for it. Of the others every
tenth keeps the session that Schemathesis made up, every fourth its ids, and a third of the bodies get values that exist in place of those
made up.
"""

from collections import Counter
from itertools import count

import requests
import schemathesis
from peer_egain import Egain
from peer_gws import Gws
from peer_icws import Icws
from place import VENDOR, receive, world

REFRESH = 25
SOUND_ONE_IN = 40

vendor = {"icws": Icws, "egain": Egain, "gws": Gws}[VENDOR]()
number = count()
asked = Counter()
state = {"login": None, "known": {}}


def refreshed(now):
    """Log in where nobody is, have mail, and know what there is."""
    if state["login"] is None:
        state["login"] = vendor.login()
    if now % REFRESH == 0 or not state["known"]:
        receive(subject=f"Mail {now}")
        state["known"] = vendor.known(world())
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


def as_somebody(case, headers, path):
    """With the session that is open."""
    case.cookies = {}
    case.headers.pop("Authorization", None)
    for name, value in headers.items():
        case.headers[name] = value
    for name, value in path.items():
        if name in case.path_parameters:
            case.path_parameters[name] = value


def about_what_exists(case, now):
    for name in case.path_parameters:
        ids = state["known"].get(name)
        if ids:
            case.path_parameters[name] = ids[now % len(ids)]


def make_sound(case, label, now):
    """Nothing that was made up stays, but a body of which nothing better is known."""
    told = vendor.sound(label)
    headers, path = state["login"]
    case.headers = dict(told.get("headers", {}))
    case.query = told.get("query", {})
    as_somebody(case, headers, path)
    about_what_exists(case, now)
    for name, value in told.get("path", {}).items():
        case.path_parameters[name] = value
    if "body" in told:
        case.body = told["body"]
        case.media_type = told.get("type", "application/json")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Be somebody, somewhere that exists."""
    now = next(number)
    label = f"{case.method.upper()} {case.operation.path}"
    asked[label] += 1
    headers, path = refreshed(now)
    kwargs.setdefault("allow_redirects", False)
    if asked[label] % SOUND_ONE_IN == 1:
        try:
            make_sound(case, label, now)
        except requests.RequestException as failed:
            raise RuntimeError(f"what {label} is about cannot be made: {failed}") from failed
        return
    if now % 10 != 9:
        as_somebody(case, headers, path)
    if now % 4 != 3:
        about_what_exists(case, now)
    if now % 3 == 0 and isinstance(case.body, dict):
        case.body = fitted(case.body, vendor.fitting)


@schemathesis.hook
def after_call(context, case, response):
    """A session that has ended, by a logout among the cases, is opened anew."""
    gone = response.status_code == 401
    ended = case.method.upper() == "DELETE" and case.operation.path.endswith(("/connection", "/logout"))
    ended = ended or b"EndContactCenterSession" in (response.request.body or b"")
    if gone or ended:
        state["login"] = None
