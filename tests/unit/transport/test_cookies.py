"""The cookies of one session."""

from __future__ import annotations

import pytest

from runner.transport.cookies import Cookies, Origin

HERE = Origin("gws.example.com", secure=False)


def jar(*lines: str, origin: Origin = HERE, path: str = "/api/v2/me") -> Cookies:
    cookies = Cookies()
    cookies.learn(lines, origin, path)
    return cookies


def test_a_cookie_comes_back() -> None:
    """What the server sets is sent to it again, quotes and all."""
    assert jar('sid="a=b"; Path=/; HttpOnly').header(HERE, "/x") == 'sid="a=b"'


def test_an_address_keeps_cookies_too() -> None:
    """A simulator on 127.0.0.1 has its cookies, and only there."""
    cookies = jar("sid=1; Path=/", origin=Origin("127.0.0.1", secure=False))
    assert cookies.header(Origin("127.0.0.1", secure=False), "/") == "sid=1"
    assert cookies.header(Origin("localhost", secure=False), "/") == ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/api", "s=1"), ("/api/", "s=1"), ("/api/v2", "s=1"), ("/apis", ""), ("/", ""), ("/other", "")],
)
def test_a_path_bounds_a_cookie(path: str, expected: str) -> None:
    """A cookie goes to its path and what lies below, not to what merely begins alike."""
    assert jar("s=1; Path=/api").header(HERE, path) == expected


def test_without_a_path_the_folder_counts() -> None:
    """The default path is the request's, up to its last slash."""
    cookies = jar("s=1", path="/api/v2/me")
    assert (cookies.header(HERE, "/api/v2/other"), cookies.header(HERE, "/api")) == ("s=1", "")


def test_longer_paths_come_first() -> None:
    """Of two cookies with one name the more exact is sent first, and is the one that counts."""
    cookies = jar("s=root; Path=/", "s=api; Path=/api")
    assert cookies.header(HERE, "/api/x") == "s=api; s=root"
    assert cookies.pairs(HERE, "/api/x") == {"s": "api"}


def test_a_new_value_replaces_the_old() -> None:
    """The same name, domain and path is the same cookie."""
    assert jar("s=1; Path=/", "s=2; Path=/").header(HERE, "/") == "s=2"


def test_a_domain_widens_a_cookie() -> None:
    """A cookie for a domain goes to every host in it; one without goes to its own host alone."""
    cookies = jar("wide=1; Domain=.example.com; Path=/", "narrow=1; Path=/")
    assert cookies.header(Origin("icws.example.com", secure=False), "/") == "wide=1"


@pytest.mark.parametrize("domain", ["com", "other.example.com", "ample.com", "example.org"])
def test_a_foreign_domain_is_refused(domain: str) -> None:
    """A server cannot set cookies for others, nor for a whole top-level domain."""
    assert jar(f"s=1; Domain={domain}; Path=/").header(HERE, "/") == ""


def test_a_secure_cookie_needs_https() -> None:
    """A cookie marked Secure goes out by HTTPS only."""
    cookies = jar("s=1; Secure; Path=/", origin=Origin("a.example", secure=True))
    assert cookies.header(Origin("a.example", secure=False), "/") == ""
    assert cookies.header(Origin("a.example", secure=True), "/") == "s=1"


@pytest.mark.parametrize(
    "gone", ["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 01-Jan-1970 00:00:00 GMT"]
)
def test_an_expired_cookie_is_forgotten(gone: str) -> None:
    """A cookie set into the past is removed."""
    assert jar("s=1; Path=/", f"s=; Path=/; {gone}").header(HERE, "/") == ""


@pytest.mark.parametrize("later", ["Max-Age=60", "Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Expires=sometime", "Max-Age=x"])
def test_a_living_cookie_is_kept(later: str) -> None:
    """A cookie that ends in the future is sent; an end that cannot be read is none."""
    assert jar(f"s=1; Path=/; {later}").header(HERE, "/") == "s=1"


@pytest.mark.parametrize("line", ["", "nothing", "=value", ";", "; Path=/", "s=\udcff; Path=/"])
def test_what_is_no_cookie_is_ignored(line: str) -> None:
    """A header without a name sets nothing."""
    assert jar(line).header(HERE, "/") == ""


def test_a_jar_is_bounded() -> None:
    """Beyond 200 cookies the oldest make room."""
    cookies = jar(*(f"c{number}=1; Path=/" for number in range(300)))
    assert len(cookies.pairs(HERE, "/")) == 200


def test_a_jar_can_be_emptied() -> None:
    """Nothing is sent after it was cleared."""
    cookies = jar("s=1; Path=/")
    cookies.clear()
    assert cookies.header(HERE, "/") == ""
