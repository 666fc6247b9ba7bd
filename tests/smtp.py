"""A real mail server on a free port, which keeps what it is given and can be told to misbehave."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.district_plan.processes import free_port


@dataclass
class Letter:
    to: str
    message: EmailMessage

    @property
    def id(self) -> str:
        return self.message["Message-ID"]


class Sink:
    """What arrived, and how it is answered.

    `answer_to`: what the server says to an address. `after_data`: what it says to a letter that it has; "drop" breaks the
    line instead. `pause`: seconds before it says anything to a letter.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.answer_to: dict[str, str] = {}
        self.after_data: Callable[[Letter], str | None] = lambda letter: None
        self.pause = 0.0
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> "Sink":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(letter.id for letter in self.letters)

    # The names are those that aiosmtpd calls.

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answer_to:
            return self.answer_to[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        letter = Letter(to=envelope.rcpt_tos[0], message=parsed)
        self.letters.append(letter)
        await asyncio.sleep(self.pause)
        answer = self.after_data(letter)
        if answer == "drop":
            server.transport.abort()
            return "451 too late"
        return answer or "250 kept"
