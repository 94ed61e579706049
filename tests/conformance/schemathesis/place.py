"""Where the simulator is that Schemathesis asks, and what its control API does: PEER_VENDOR, PEER_URL, PEER_CONTROL name it."""

import os

import requests

VENDOR, URL, CONTROL = (os.environ[f"PEER_{name}"] for name in ("VENDOR", "URL", "CONTROL"))
MAILBOX = "help@shop.example"
CUSTOMER = "kim@mail.example"


def password(user="agent1"):
    """The password of one of the simulator's people."""
    people = requests.get(f"{CONTROL}/people", timeout=10).json()["people"]
    return next(person["credentials"]["password"] for person in people if person["credentials"]["user"] == user)


def world():
    """The simulator's state."""
    return requests.get(f"{CONTROL}/world", timeout=10).json()


def settings():
    """Its settings."""
    return requests.get(f"{CONTROL}/settings", timeout=10).json()["settings"]


def receive(**more):
    """A customer's mail arrives; gives its id."""
    mail = {"from": CUSTOMER, "to": MAILBOX, "subject": "A mail", "text": "Where is it?"} | more
    answer = requests.post(f"{CONTROL}/receive", json=mail, timeout=10)
    answer.raise_for_status()
    return answer.json()["id"]


class Caller:
    """Requests of a vendor's own, with the headers of its login."""

    headers = {}

    def ask(self, method, path, **more):
        """An answer that must be good."""
        answer = requests.request(method, f"{URL}{path}", headers=self.headers | more.pop("headers", {}), timeout=10, **more)
        answer.raise_for_status()
        return answer
