"""GWS: a cookie, a token in a header, and Basic credentials for a session that was lost."""

import base64

import requests
from place import URL, Caller, password


class Gws(Caller):
    """A cookie, a token in a header, and Basic credentials for a session that was lost."""

    fitting = {"queueName": "Outbound-email"}

    def login(self):
        pair = base64.b64encode(f"agent1:{password()}".encode()).decode()
        session = requests.Session()
        answer = session.get(f"{URL}/me", headers={"Authorization": f"Basic {pair}"}, timeout=10)
        answer.raise_for_status()
        cookie = f"JSESSIONID={session.cookies['JSESSIONID']}"
        self.headers = {answer.headers["X-CSRF-HEADER"]: answer.headers[answer.headers["X-CSRF-HEADER"]], "Cookie": cookie}
        self.ask("POST", "/me", json={"operationName": "StartContactCenterSession", "channels": ["email"]})
        self.ask("POST", "/me/channels/email", json={"operationName": "Ready"})
        return self.headers, {}

    def known(self, world):
        return {"id": [one["id"] for one in world["interactions"]], "channel": ["email"], "workbin": ["draft"]}

    def sound(self, label):
        """What makes a request of an operation succeed; something is made for it first."""
        build = SOUND.get(label)
        return build(self) if build is not None else {}

    def draft(self, collection):
        """A new draft's id, in either dialect."""
        name = "queueUri" if collection == "emails" else "queueName"
        create = {"operationName": "Create", name: "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"}
        before = set(self.mine(collection))
        self.ask("POST", f"/me/{collection}", json=create)
        return next(id for id in self.mine(collection) if id not in before)

    def mine(self, collection):
        return [one["id"] for one in self.ask("GET", f"/me/{collection}?fields=*").json()[collection]]

    def document(self, collection):
        id = self.draft(collection)
        told = self.ask("POST", f"/me/{collection}/{id}/attachments", files={"attachment": ("a.txt", b"hello")}).json()
        return {"id": id, "document": told["documentId"]}


SOUND = {
    "POST /me/workbins/{workbin}": lambda peer: {
        "path": {"workbin": "draft"},
        "body": {"operationName": "AddEmail", "id": peer.draft("emails")},
    },
    "POST /me/emails/{id}": lambda peer: {"path": {"id": peer.draft("emails")}, "body": {"operationName": "Cancel"}},
    "POST /me/interactions/{id}": lambda peer: {"path": {"id": peer.draft("interactions")}, "body": {"operationName": "Cancel"}},
    "GET /emails/{id}/attachments/{document}": lambda peer: {"path": peer.document("emails")},
    **{
        f"POST /me/{name}/{{id}}/attachments": lambda peer, name=name: {
            "path": {"id": peer.draft(name)},
            "body": {"attachment": b"hello"},
            "type": "multipart/form-data",
        }
        for name in ("emails", "interactions")
    },
    **{
        f"{verb} /me/{name}/{{id}}/attachments/{{document}}": lambda peer, name=name: {"path": peer.document(name)}
        for name in ("emails", "interactions")
        for verb in ("GET", "DELETE")
    },
}
