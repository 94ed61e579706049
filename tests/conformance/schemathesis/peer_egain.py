"""eGain: one header, ids that exist, and for every operation a request that succeeds."""

from place import CUSTOMER, MAILBOX, URL, Caller, password, receive

V12 = "/ws/v12"
A = f"{V12}/interaction/activity"
CASE = f"{V12}/interaction/case"
PERSON = f"{V12}/interaction/customer"
USER = f"{V12}/administration/user"
MAIL = {
    "department": {"name": "Service"},
    "type": {"value": "email", "subtype": {"value": "compose"}},
    "subject": "Hello",
    "payload": {"email": {"emailAddresses": {"from": MAILBOX, "to": {"address": [CUSTOMER]}}}},
}


class Egain(Caller):
    """One header."""

    fitting = MAIL | {
        "payload": {"email": {"emailAddresses": {"from": MAILBOX, "to": {"address": [CUSTOMER]}, "cc": None, "bcc": None}}},
        "dueDate": "2099-01-01T00:00:00.000Z",
        "priority": 3,
        "attachments": None,
        "customAttributes": None,
        "queue": None,
        "case": None,
    }
    made = 0

    def login(self):
        body = {"userName": "agent1", "password": password()}
        answer = self.ask("POST", f"{V12}/authentication/user/login?forceLogin=yes", json=body, headers={"X-egain-session": ""})
        self.headers = {"X-egain-session": answer.headers["X-egain-session"], "Accept": "application/json"}
        return {"X-egain-session": answer.headers["X-egain-session"]}, {}

    def known(self, world):
        found = {"ids": [], "id": []}
        for kind in ("activities", "cases", "customers"):
            ids = [str(one["id"]) for one in world.get(kind, []) if isinstance(one, dict)]
            found[kind] = ids
            found["ids"] += ids
            found["id"] += ids
        return found

    # ── what succeeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sound(self, label):
        """What makes a request of an operation succeed: its ``path``, ``query`` and ``body``; something is made for it first."""
        build = SOUND.get(label.replace("/v20/authentication", "/v12/authentication").replace("/v20/admin", "/v12/admin"))
        return build(self) if build is not None else {}

    def mail(self):
        return str(receive(attachments=[{"name": "a.txt", "type": "text/plain", "content": "aGVsbG8="}]))

    def told(self, path, kind):
        return self.ask("GET", path).json()[kind][0]

    def in_hand(self, **more):
        """A mail that is the agent's, as changes want it."""
        id = self.mail()
        self.ask("PUT", f"{A}/pick", json={"activity": [{"id": id}]})
        return {"activity": [{"id": id, "lastModified": {"date": self.told(f"{A}/{id}", "activity")["lastModified"]["date"]}, **more}]}

    def case(self):
        return str(self.told(f"{A}/{self.mail()}", "activity")["case"]["id"])

    def customer(self):
        return self.told(f"{PERSON}?email={CUSTOMER}", "customer")

    def file(self):
        id = self.mail()
        return {"id": id, "aid": self.told(f"{A}/{id}/attachment", "attachment")["id"]}

    def fetched(self):
        file = self.file()
        place = self.told(f"{A}/{file['id']}/attachment/{file['aid']}?$attribute=contentUrl", "attachment")["contentUrl"]
        return dict(zip(("token", "name"), place.split("/")[-2:], strict=True))

    def noted(self):
        id = self.mail()
        self.ask("POST", f"{A}/{id}/note", json={"content": "Called back."})
        return id

    def colleague(self):
        return str(self.told(f"{USER}/login/agent2", "user")["id"])

    def stranger(self):
        self.made += 1
        point = {"type": {"value": "email", "email": {"emailAddress": f"new{self.made}@mail.example"}}}
        person = {"firstName": "Nora", "contactPoints": {"contactPoint": [point]}}
        return {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [person]}}

    def pointed(self):
        point = self.customer()["contactPersons"]["contactPerson"][0]["contactPoints"]["contactPoint"][0]["id"]
        given = {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": point}]}}]}}
        return {"activity": [{"id": self.mail(), "customer": given}]}

    def edited_case(self):
        id = self.case()
        return {"case": [{"id": id, "lastModified": self.told(f"{CASE}/{id}", "case")["lastModified"], "subject": "Refund"}]}

    def edited_customer(self):
        known = self.customer()
        return {"customer": [{"id": known["id"], "lastModified": known["lastModified"], "pin": "4711"}]}


def _ids(peer):
    return {"activity": [{"id": peer.mail()}]}


_BATCH = {"request": [{"method": "GET", "url": f"{URL}{USER}/login/agent2"}]}
SOUND = {
    f"POST {V12}/authentication/user/login": lambda _: {
        "query": {"forceLogin": "yes"},
        "body": {"userName": "agent2", "password": password("agent2")},
    },
    f"POST {A}/send": lambda _: {"body": MAIL},
    f"POST {A}": lambda _: {"body": MAIL},
    f"GET {A}": lambda _: {"query": {"status": "open"}},
    f"PUT {A}": lambda peer: {"body": peer.in_hand(priority="3")},
    f"GET {A}/attributes": lambda _: {"query": {"$attribute": "all"}},
    f"PUT {A}/complete": lambda peer: {"body": peer.in_hand()},
    f"PUT {A}/pull": lambda peer: {"path": {}} if peer.mail() else {},
    f"PUT {A}/pick": lambda peer: {"body": _ids(peer)},
    f"PUT {A}/transfer": lambda peer: {"query": {"user": peer.colleague()}, "body": _ids(peer)},
    "PUT /ws/v19/interaction/activity/mask": lambda peer: {"body": _ids(peer)},
    f"PUT {A}/changecustomer": lambda peer: {"body": peer.pointed()},
    f"GET {A}/{{ids}}": lambda peer: {"path": {"ids": peer.mail()}, "query": {"$attribute": "all"}},
    f"PUT {A}/{{ids}}/changecase": lambda peer: {"path": {"ids": peer.mail()}, "body": {"subject": "Refund"}},
    f"GET {A}/{{id}}/note": lambda peer: {"path": {"id": peer.noted()}},
    f"POST {A}/{{id}}/note": lambda peer: {"path": {"id": peer.mail()}, "body": {"content": "Called back."}},
    f"GET {A}/{{id}}/attachment": lambda peer: {"path": {"id": peer.mail()}},
    f"GET {A}/{{id}}/attachment/{{aid}}": lambda peer: {"path": peer.file(), "query": {"$attribute": "contentUrl"}},
    f"GET {CASE}": lambda _: {"query": {"email": CUSTOMER}},
    f"PUT {CASE}": lambda peer: {"body": peer.edited_case()},
    f"GET {CASE}/{{ids}}": lambda peer: {"path": {"ids": peer.case()}},
    f"PUT {CASE}/{{id}}/changecustomer": lambda peer: {"path": {"id": peer.case()}, "body": {"customer": {"id": peer.customer()["id"]}}},
    f"POST {CASE}/{{id}}/note": lambda peer: {"path": {"id": peer.case()}, "body": {"content": "Called back."}},
    "POST /ws/v20/interaction/case/lookup": lambda _: {"body": {"email": CUSTOMER}},
    f"GET {PERSON}": lambda _: {"query": {"email": CUSTOMER}},
    f"POST {PERSON}": lambda peer: {"body": peer.stranger()},
    f"PUT {PERSON}": lambda peer: {"body": peer.edited_customer()},
    f"GET {PERSON}/{{ids}}": lambda peer: {"path": {"ids": str(peer.customer()["id"])}},
    f"GET {USER}": lambda _: {"query": {"department": "Service"}},
    f"GET {USER}/{{ids}}": lambda peer: {"path": {"ids": peer.colleague()}},
    f"GET {USER}/login/{{name}}": lambda _: {"path": {"name": "agent2"}},
    f"POST {V12}/composite": lambda _: {"body": _BATCH},
    "POST /ws/v20/composite": lambda _: {"body": _BATCH},
    "GET /temp/{token}/{name}": lambda peer: {"path": peer.fetched()},
}
