"""ICWS: session in the path, token in a header, cookie named for the session; ids that exist, and requests that succeed."""

from base64 import b64encode

from place import MAILBOX, Caller, password, receive, settings

CONNECTION = {"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings", "applicationName": "peer"}
DRAFT = {
    "__type": "urn:inin.com:interactions.email:createEmailParameters",
    "emailContent": {
        "__type": "urn:inin.com:interactions.email:emailContent",
        "sender": {"displayName": "Shop", "address": MAILBOX},
        "toRecipients": [{"displayName": "Joe", "address": "joe@example.com"}],
        "subject": "Hello",
    },
}
RECORDED = {
    "toParticipants": {"emailAddresses": [{"displayName": "QA", "address": "qa@example.org"}]},
    "ccParticipants": {"emailAddresses": []},
    "replyToAddress": "noreply@example.org",
    "emailSubject": "Call for review",
    "emailBody": "See attachment.",
    "priority": 1,
}
BYTES = {"body": b"hello", "type": "application/octet-stream"}
I = "/icws/{session}/interactions/{interaction}"  # noqa: E741 - as in the paths


class Icws(Caller):
    """Session in the path, token in a header, cookie named for the session."""

    fitting = {}
    session = ""
    known_library = ""

    def login(self):
        body = CONNECTION | {"userID": "agent1", "password": password()}
        answer = self.ask("POST", "/icws/connection", json=body, headers={"Accept-Language": "en-us"})
        self.session = answer.headers["ININ-ICWS-Session-ID"]
        self.headers = {
            "ININ-ICWS-CSRF-Token": answer.headers["ININ-ICWS-CSRF-Token"],
            "Cookie": answer.headers["Set-Cookie"].split(";")[0],
        }
        station = {"__type": "urn:inin.com:connection:stationlessSettings", "supportedMediaTypes": [3], "readyForInteractions": True}
        self.own("PUT", "connection/station", json=station)
        self.own("PUT", "status/user-statuses/agent1", json={"statusId": "Available"})
        self.draft()
        return self.headers, {"session": self.session}

    def known(self, world):
        return {
            "interaction": [one["id"] for one in world["interactions"]],
            "recording": [one["id"] for one in settings()["recordings"]],
            "user": ["agent1", "agent2"],
            "feature": ["connection", "interactions"],
        }

    def own(self, method, path, **more):
        return self.ask(method, f"/icws/{self.session}/{path}", **more)

    # ── what succeeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sound(self, label):
        """What makes a request of an operation succeed; something is made for it first."""
        build = SOUND.get(label)
        return build(self) if build is not None else {}

    def draft(self):
        return self.own("POST", "interactions", json=DRAFT).json()["interactionId"]

    def upload(self):
        path = f"interactions/{self.draft()}/email/attachments/file/upload"
        told = self.own("POST", path, json={"uploadFileName": "a.txt", "isInlineAttachment": False}).json()
        return {"token": told["uploadUri"].rpartition("/")[2]}

    def own_file(self):
        return {"token": self.own("POST", "response-management/file", json={"name": "own.txt"}).json()["url"].rpartition("/")[2]}

    def attached(self):
        """A draft with a file of the library, and the address of its bytes."""
        draft = self.draft()
        self.own("POST", f"interactions/{draft}/email/attachments/response-management/insert", json={"id": self.item("Price list")})
        contents = self.told(draft)["fileAttachments"][0]["downloadUri"]
        return draft, contents

    def told(self, mail):
        """What stands in a mail, as its messages tell it."""
        self.own("PUT", f"messaging/subscriptions/interactions/{mail}/email")
        told = [one["emailContent"] for one in self.messages() if one.get("interactionId") == mail and "emailContent" in one]
        return told[-1]

    def messages(self):
        return self.own("GET", "messaging/messages").json()

    def library(self):
        self.own("PUT", "messaging/subscriptions/response-management")
        added = [one for message in self.messages() for one in message.get("librariesAdded", ())]
        self.known_library = next((one["url"] for one in added), self.known_library)
        return self.known_library

    def item(self, name):
        library = self.own("GET", self.library().partition(f"{self.session}/")[2]).json()
        return next(item["id"] for category in library["categories"] for item in category["items"] if item["name"] == name)

    def with_a_mail_inside(self):
        inner = b"From: bob@example.net\r\nSubject: Inside\r\n\r\nHello\r\n"
        mail = receive(attachments=[{"name": "inner.eml", "type": "message/rfc822", "content": b64encode(inner).decode()}])
        return mail, self.told(mail)["messageAttachments"][0]["messageId"]

    def search(self):
        return {"search": self.own("POST", "agent-quality/search", json={"filters": {}}).json()["requestId"]}

    def recording(self):
        return settings()["recordings"][0]["id"]


def _inserted(peer):
    return {"path": {"interaction": peer.draft()}, "body": {"id": peer.item("Price list"), "isInlineAttachment": False}}


def _removed(peer):
    draft, place = peer.attached()
    return {"path": {"interaction": draft}, "body": {"fileUri": place}}


def _downloaded(peer):
    mail, message = peer.with_a_mail_inside()
    return {"path": {"interaction": mail}, "body": {"messageId": message}}


def _transferred(peer):
    mail = receive()
    peer.own("POST", f"interactions/{mail}/pickup")
    return {"path": {"interaction": mail}, "body": {"target": "agent2"}}


SOUND = {
    "POST /icws/connection": lambda _: {
        "headers": {"Accept-Language": "en-us"},
        "body": CONNECTION | {"userID": "agent2", "password": password("agent2")},
    },
    "POST /icws/{session}/configuration/mail/send-email": lambda _: {
        "body": {"recipients": ["joe@example.com"], "subject": "Hi", "body": "There"},
    },
    "PUT /icws/{session}/recordings/{recording}/send-as-email": lambda peer: {"path": {"recording": peer.recording()}, "body": RECORDED},
    "PUT /icws/{session}/recordings/send-as-email": lambda peer: {
        "body": {"recordings": {"recordingIds": [peer.recording()]}, "parameters": RECORDED},
    },
    "PUT /icws/{session}/response-management": lambda _: {"body": {"name": "agent1", "items": [{"name": "Own", "type": 0, "value": "x"}]}},
    "GET /icws/{session}/response-management/libraries/{library}": lambda peer: {"path": {"library": peer.library().rpartition("/")[2]}},
    "GET /icws/{session}/agent-quality/search/{search}": lambda peer: {"path": peer.search()},
    "DELETE /icws/{session}/agent-quality/search/{search}": lambda peer: {"path": peer.search()},
    "GET /icws/{session}/files/{file}": lambda peer: {"path": {"file": peer.attached()[1].rpartition("/")[2]}},
    f"POST {I}/blind-transfer": _transferred,
    f"POST {I}/park": _transferred,
    f"POST {I}/email/attachments/file/remove": _removed,
    f"POST {I}/email/attachments/message/download": _downloaded,
    f"POST {I}/email/attachments/response-management/insert": _inserted,
    f"POST {I}/email/send": lambda peer: {"path": {"interaction": peer.draft()}},
    **{
        f"{verb} {path}": lambda peer: {"path": peer.upload(), **BYTES}
        for verb in ("PUT", "POST")
        for path in ("/icws/{session}/upload/{token}", "/icws/uploads/{token}")
    },
    **{
        f"{verb} /icws/{{session}}/response-management/files/{{token}}": lambda peer: {"path": peer.own_file(), **BYTES}
        for verb in ("PUT", "POST")
    },
}
