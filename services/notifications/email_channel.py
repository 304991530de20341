"""Notifications by e-mail, through an SMTP server."""

import asyncio
import smtplib
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final
from zoneinfo import ZoneInfo

from services import texts
from services.formats import date_and_minute
from services.notifications.notice import Notice, NoticeNotSentError
from services.setting_fields import EmailSecurity

TIMEOUT_SECONDS: Final = 10.0
"""Seconds for each step of the conversation with the server."""


@dataclass(frozen=True)
class EmailServer:
    """An SMTP server, and the account there."""

    host: str
    port: int
    security: EmailSecurity = 'starttls'
    """STARTTLS, TLS from the beginning, or neither; certificates are always verified."""
    login: str = ''
    """Empty if the server needs none."""
    password: str = field(default='', repr=False)


class EmailChannel:
    """Sends notifications to all recipients in one e-mail."""

    name = 'email'

    def __init__(
        self,
        server: EmailServer,
        sender: str,
        recipients: tuple[str, ...],
        zone: ZoneInfo,
        *,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Send through `server` from the address `sender`; times are those of `zone`, `timeout` is in seconds."""
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._zone = zone
        self._timeout = timeout

    async def send(self, notice: Notice) -> None:
        """See Channel."""
        message = self.build_message(notice)
        try:
            await _run_in_daemon_thread(lambda: self._send_blocking(message))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The text of the exception may quote addresses; its type and the server's code say enough.
            code = getattr(error, 'smtp_code', None)
            raise NoticeNotSentError(f'{type(error).__name__}{f" {code}" if code else ""}') from None

    def build_message(self, notice: Notice) -> EmailMessage:
        """Build the e-mail."""
        message = EmailMessage()
        message['Subject'] = texts.NOTICE_SUBJECT.format(text=notice.text)
        message['From'] = Address(texts.JOURNAL_TITLE, addr_spec=self._sender)
        message['To'] = ', '.join(self._recipients)
        message['Date'] = format_datetime(notice.at)
        message['Message-ID'] = make_msgid(domain=self._sender.rpartition('@')[2])
        message['Auto-Submitted'] = 'auto-generated'
        wording = texts.NOTICE_END_BODY if notice.is_end else texts.NOTICE_BODY
        shown = texts.NOTICE_LISTS.get(notice.kind, '') if notice.url else ''
        time = date_and_minute(notice.at, self._zone)
        message.set_content(wording.format(text=notice.text, time=time, list=shown, url=notice.url).strip() + '\n')
        return message

    def _send_blocking(self, message: EmailMessage) -> None:
        server = self._server
        if server.security == 'tls':
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            if server.security == 'starttls':
                smtp.starttls(context=ssl.create_default_context())
            if server.login:
                smtp.login(server.login, server.password)
            smtp.send_message(message)
        finally:
            # The message is accepted by now, or an exception is on its way.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()


async def _run_in_daemon_thread(work: Callable[[], None]) -> None:
    """Run blocking work in a thread that does not delay the end of the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def set_result(error: Exception | None) -> None:
        if done.cancelled():
            return
        if error:
            done.set_exception(error)
        else:
            done.set_result(None)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as raised:
            error = raised
        # The loop is closed if the program has ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(set_result, error)

    threading.Thread(target=run, name='e-mail', daemon=True).start()
    await done
