"""
Login, logout, and who the users are. Source: "LoginPage", "LogoutPage"; the user directory as public clients read it.
"""

from __future__ import annotations

from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import TEXT, conform
from runner.vendors.egain.simulator.errors import WsError, absent
from runner.vendors.egain.simulator.organisation import DISABLED
from runner.vendors.egain.simulator.query import attributes, page_of
from runner.vendors.egain.simulator.views import USER_ATTRIBUTES, user_told

__all__ = ["CSRF", "SESSION", "get_user", "get_users", "list_users", "login", "logout"]

SESSION = "X-egain-session"
CSRF = "X-egain-csrf"


def login(desk: Desk, call: Call) -> Answer:
    """POST /authentication/user/login[?forceLogin=yes]."""
    settings = desk.settings
    force = call.query.get("forceLogin", "").lower() == "yes"
    if "forceLogin" in call.query and not force and settings.login_parameters == "refuse":
        raise WsError(400, "102", "forceLogin can only be yes", details=(("parameter", "forceLogin"),))
    allowed = {"userName": TEXT, "password": TEXT} | ({"username": TEXT} if settings.username_allowed else {})
    tree = conform(call.tree, allowed)
    name, password = tree.get("userName") or tree.get("username", ""), tree.get("password", "")
    if not name or not password:
        missing = "password" if name else "userName"
        raise WsError(settings.incomplete_login_status, "152", f"{missing}: is required", details=(("attribute", missing),))
    person = desk.world.person(name, password)
    user = desk.organisation.named(name)
    if person is None or user is None:
        raise WsError(401, "102", "The user name or password is wrong.")
    if user.may(DISABLED):
        raise WsError(settings.disabled_status, "105", f"User {user.name} is disabled.")
    session = desk.sessions.open(user, force=force)
    headers = {SESSION: session.id}
    if session.csrf:
        headers |= {CSRF: session.csrf, "Set-Cookie": f"{SESSION}={session.id}; Path=/{settings.context_root}; HttpOnly"}
    return Answer(204, headers=headers)


def logout(desk: Desk, call: Call) -> Answer:
    """DELETE /authentication/user/logout."""
    desk.sessions.end(call.session)
    return Answer(204)


def list_users(desk: Desk, call: Call) -> Answer:
    """GET /administration/user?department=NAME or id."""
    wanted, shown_of = call.query.get("department", ""), attributes(call.query, USER_ATTRIBUTES)
    page = page_of(call.query)
    names = {d.name for d in desk.organisation.departments if wanted in {d.name, str(d.id)}}
    if wanted and not names:
        raise WsError(400, "102", f"department {wanted!r} does not exist", details=(("parameter", "department"),))
    found = [u for u in desk.organisation.users if not wanted or names & u.departments]
    shown = page.cut(found)
    if not shown:
        return Answer(204)
    pagination = {"count": len(found), "pagenum": page.number, "pagesize": page.size}
    return Answer(200, "users", {"user": [user_told(desk, u, shown_of) for u in shown], "paginationInfo": pagination})


def get_users(desk: Desk, call: Call) -> Answer:
    """GET /administration/user/{ids}."""
    wanted = attributes(call.query, USER_ATTRIBUTES)
    found = desk.organisation.with_ids(call.ids["ids"].split(","))
    return Answer(200, "users", {"user": [user_told(desk, u, wanted) for u in found]})


def get_user(desk: Desk, call: Call) -> Answer:
    """GET /administration/user/login/{name}: the user of a user name."""
    wanted = attributes(call.query, USER_ATTRIBUTES)
    user = desk.organisation.named(call.ids["name"])
    if user is None:
        raise absent("users", [call.ids["name"]])
    return Answer(200, "users", {"user": [user_told(desk, user, wanted)]})
