"""A mail server in the hands of a trial: what it took, and what it answers."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Mailbox:
    """What a mail server took; `answer` is what it says once it has the whole of a message."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []  # recipient and Message-ID of each
        self.answer = "250 taken"
        self.to_rcpt = "250 yes"
        self.kills: int | None = None

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options) -> str:
        if self.to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_rcpt

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:
        self.taken.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)["Message-ID"]))
        if self.kills:
            os.kill(self.kills, signal.SIGKILL)  # it dies with the message delivered and not yet marked
            self.kills = None
        if self.answer == "nothing":
            session.loop.call_soon(server.transport.abort)
        return self.answer

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        server = Controller(self, hostname="127.0.0.1", port=port)
        server.start()
        try:
            yield
        finally:
            server.stop()
