"""
The shared words, and who carries them out. What only GWS has stands in :mod:`.own_steps`.
"""

from __future__ import annotations

from runner.plugins import vocabulary as v
from runner.vendors.gws import parameters as p
from runner.vendors.gws.agent_steps import accept, login, logout, not_ready, ready, reject
from runner.vendors.gws.arriving import receive
from runner.vendors.gws.attachment_steps import attach, detach, download, verify_attachments
from runner.vendors.gws.draft_steps import create, edit, reply, reply_all, send
from runner.vendors.gws.finishing import cancel, complete, place_in_queue, transfer
from runner.vendors.gws.watching_steps import expect_event, listen, verify_status

__all__ = ["STEPS"]

STEPS = (
    v.LOGIN.step(login),
    v.LOGOUT.step(logout),
    v.READY.step(ready),
    v.NOT_READY.step(not_ready),
    v.RECEIVE.step(receive),
    v.ACCEPT.step(accept),
    v.REJECT.step(reject),
    v.CREATE.step(create, parameters=p.GwsCreate),
    v.REPLY.step(reply, parameters=p.GwsReply),
    v.REPLY_ALL.step(reply_all, parameters=p.GwsReply),
    v.EDIT.step(edit, refusals=("unauthenticated", "unavailable", "server_error", "forbidden", "not_found", "conflict")),
    v.ATTACH.step(attach),
    v.DETACH.step(detach),
    v.DOWNLOAD.step(download),
    v.SEND.step(send, parameters=p.GwsSend),
    v.CANCEL.step(cancel),
    v.TRANSFER.step(transfer, parameters=p.GwsTransfer),
    v.COMPLETE.step(complete, parameters=p.GwsComplete),
    v.PLACE_IN_QUEUE.step(place_in_queue),
    v.VERIFY_STATUS.step(verify_status),
    v.VERIFY_ATTACHMENTS.step(verify_attachments),
    v.LISTEN.step(listen, refusals=("unauthenticated",)),
    v.EXPECT_EVENT.step(expect_event),
)
