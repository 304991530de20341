"""The server of Билайн on the loopback interface: it answers `action=status` as the public clients expect it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

LOGIN, PASSWORD = 'userX', 'secret-of-the-account'
PATIENT = 'Королёв Иван, +79990000001'
WRONG_PASSWORD = '<output><errors><error code="-20107">Неверный логин или пароль</error></errors></output>'


def message_xml(sms_id: str, code: str, closed_at: str = '') -> str:
    """Return the MESSAGE of an answer, with a text and a phone, which the journal must not log."""
    close_time = f'<SMS_CLOSE_TIME>{closed_at}</SMS_CLOSE_TIME>' if closed_at else ''
    return f"""
        <MESSAGE SMS_ID="{sms_id}" SMSTYPE="SENDSMS">
            <CREATED>22.11.2026 10:00:05</CREATED>
            <AUL_USERNAME>{LOGIN}</AUL_USERNAME>
            <SMS_TARGET>{PATIENT}</SMS_TARGET>
            <SMS_RES_COUNT>1</SMS_RES_COUNT>
            <SMS_TEXT><![CDATA[ {PATIENT} ]]></SMS_TEXT>
            <SMSSTC_CODE>{escape(code)}</SMSSTC_CODE>
            <SMS_STATUS>Описание статуса</SMS_STATUS>
            <SMS_CLOSED>{int(bool(closed_at))}</SMS_CLOSED>
            {close_time}
        </MESSAGE>"""


class StatusServer:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        self.url = ''
        self.statuses: dict[str, tuple[str, str]] = {}
        """The code of a status and the time of closing, by identifier."""
        self.body: bytes | None = None
        """An answer to every question instead, which may be no XML."""
        self.status = 200
        self.delay = 0.0
        """Seconds until it answers."""
        self.forms: list[dict[str, str]] = []
        self.stopped = threading.Event()

    @property
    def requested_ids(self) -> list[str]:
        """The identifiers that it was asked for, in their order."""
        return [form['sms_id'] for form in self.forms]

    def answer(self, form: dict[str, str]) -> bytes:
        """Note a question, and return the answer."""
        self.forms.append(form)
        self.stopped.wait(self.delay)
        if self.body is not None:
            return self.body
        if form.get('pass') != PASSWORD:
            return WRONG_PASSWORD.encode()
        known = self.statuses.get(form['sms_id'])
        messages = message_xml(form['sms_id'], *known) if known else ''
        return f'<?xml version="1.0" encoding="UTF-8"?><output><MESSAGES>{messages}</MESSAGES></output>'.encode()


@contextmanager
def status_server() -> Iterator[StatusServer]:
    """Run the server."""
    served = StatusServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get('content-length') or 0))
            content = served.answer({name: values[0] for name, values in parse_qs(body.decode()).items()})
            with suppress(OSError):  # the journal does not wait for a late answer
                self.send_response(served.status)
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Print nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    served.url = f'http://127.0.0.1:{server.server_port}/proto/http/'
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield served
    finally:
        served.stopped.set()
        server.shutdown()
        server.server_close()
