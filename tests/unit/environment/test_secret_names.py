"""Which names say that their value is a secret."""

from __future__ import annotations

import pytest

from runner.environment.secret_names import SecretNames, is_secret_name, may_hold_secrets

SECRET = """
password Password PASSWORD passwd pwd userPassword user_password new-password passwordHash password2 token access_token accessToken
AccessToken ACCESS_TOKEN id_token csrfToken CSRFToken X-CSRF-TOKEN xsrf csrf secret client_secret clientSecret apiKey api_key
API-Key APIKEY
x-api-key private_key authorization Authorization Proxy-Authorization cookie Set-Cookie jwt passphrase sessionId JSESSIONID
ININ-ICWS-CSRF-Token ININ-ICWS-Session-ID X-egain-session tokens secrets secretValue token_value oauth2Token""".split()  # noqa: SIM905 - words are read more easily as a text
HARMLESS = """
tokenCount token_type tokenUrl passwordPolicy password_expires_in passwordLength secretName cookieName
cookie_domain csrfHeader
X-CSRF-HEADER nextPageToken continuation_token key keyword monkey author authorName session subject passed passenger compass secretary
tokenizer Content-Type WWW-Authenticate id user publicKey key_id bearing cookbook signature""".split()  # noqa: SIM905 - words are read more easily as a text


@pytest.mark.parametrize("name", SECRET)
def test_a_name_that_means_a_secret_is_one(name: str) -> None:
    """However it is spelled."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_that_is_only_about_a_secret_is_none(name: str) -> None:
    """What stands last in a name is what it names."""
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", [n for n in SECRET if "ession" not in n and "SESSION" not in n and n != "jwt"])
def test_the_cheap_question_misses_no_name(name: str) -> None:
    """A body that has a secret name in it is looked at closely."""
    assert may_hold_secrets(f'{{"{name}":"x"}}')


def test_what_is_remembered_has_a_limit() -> None:
    """A server that invents names cannot fill the memory."""
    names = SecretNames()
    for number in range(10_000):
        names[f"name{number}"]

    assert len(names) <= 4096
