"""A small SMTP server that stores what it receives, or refuses it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class SmtpServer:
    """The server and what it has received."""

    port: int = 0
    login: tuple[str, str] | None = None
    """The user name and password that it requires, if any."""
    refusal: str = ''
    """The response to every message, such as `451 try later`; empty to accept them."""
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    """The recipients of the envelopes."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client, by RFC 5321 and RFC 4954."""
        is_signed_in = self.login is None

        def reply(*lines: str) -> None:
            writer.write(''.join(f'{line}\r\n' for line in lines).encode())

        reply('220 test')
        while line := (await reader.readline()).decode().strip():
            command = line.upper()
            if command.startswith('EHLO'):
                reply('250-test', '250 AUTH PLAIN' if self.login else '250 SIZE 100000')
            elif command.startswith('AUTH PLAIN'):
                _, name, password = base64.b64decode(line.split()[2]).decode().split('\0')
                is_signed_in = (name, password) == self.login
                reply('235 welcome' if is_signed_in else '535 wrong')
            elif command.startswith('RCPT') and is_signed_in:
                self.recipients.append(line.partition('<')[2].rstrip('>'))
                reply('250 ok')
            elif command == 'DATA' and is_signed_in:
                reply('354 go on')
                content = await reader.readuntil(b'\r\n.\r\n')
                if not self.refusal:
                    message = message_from_bytes(content[:-5], policy=policy.default)
                    assert isinstance(message, EmailMessage)
                    self.messages.append(message)
                reply(self.refusal or '250 accepted')
            elif command == 'QUIT':
                reply('221 bye')
                break
            else:
                reply('250 ok' if is_signed_in else '530 sign in')
        writer.close()


@asynccontextmanager
async def smtp_server(login: tuple[str, str] | None = None) -> AsyncIterator[SmtpServer]:
    """Run a server on a free port as a context manager."""
    state = SmtpServer(login=login)
    server = await asyncio.start_server(state.talk, '127.0.0.1', 0)
    state.port = server.sockets[0].getsockname()[1]
    async with server:
        yield state
