"""The socket of an open page: only its own page, only frames that a page sends, at a bounded size and rate."""

import time
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from journal_ui.security.socket_frames import MAX_FRAME_BYTES
from services import texts
from tests.helpers.attacked_program import SignIn
from tests.helpers.page_socket import PageSocket, open_socket
from tests.helpers.program import Program

FORGED = 'one\n2026-01-01 00:00:00,000 CRITICAL services [-] forged\r\x1b[2J'
HOSTILE_FRAMES = (
    '', '0', '2', '2probe', '4', '40', '40{"token":1}', '40/admin,', '42', '42[]', '42["event"]', '42["event",1]',
    '42["event",{}]', '42["disconnect",{}]', '42["connect",{}]', '421["event",{}]', '43[]', '44{}', '45', '451-[]',
    '461-["event",{"_placeholder":true,"num":0}]', '42{"a":1}', '42["event",' + '[' * 5000, '5', '6', '9', 'b', 'bAAAA',
    b'\x04binary', '[]', '\U0001f600', '42["handshake",{}]',
)  # fmt: skip


def latency(client: httpx.Client, seconds: float) -> float:
    """Return the longest time that the program takes for a small request, during some seconds."""
    longest, end = 0.0, time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        assert client.get('/healthz').status_code == 200
        longest = max(longest, time.monotonic() - began)
    return longest


def test_a_stranger_gets_no_socket(stranger: httpx.Client, sign_in: SignIn, journal: Program) -> None:
    before = journal.output
    page = stranger.get('/login')
    assert page.status_code == 200
    assert '<script' not in page.text
    assert 'client_id' not in page.text
    own = PageSocket(sign_in('clerk')).id
    for query in ({}, {'tab_id': ''}, {'next_message_id': 'x'}, {'implicit_handshake': '1'}, {'document_id': ''}):
        with pytest.raises(InvalidStatus):
            open_socket(stranger, own, **query)
    with pytest.raises(InvalidStatus):
        open_socket(stranger, 'no page')
    # A page that this node does not know is told to reload, and nothing else.
    with open_socket(stranger, str(uuid4())) as socket:
        socket.recv(5)
        socket.send(f'42["log",{{"client_id":"{own}","level":"error","message":"forged"}}]')
        assert 'Implicit handshake failed' in str(socket.recv(5))
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    assert journal.output == before


def test_a_page_writes_nothing_into_the_log(sign_in: SignIn, journal: Program) -> None:
    before = journal.output
    with PageSocket(sign_in('clerk')) as socket:
        for level in ('debug', 'info', 'warning', 'error', 'critical', None):
            socket.emit('log', level=level, message=FORGED)
        socket.send(socket.event_frame(texts.FIND, 'click'))
        socket.wait_for('setRows')
    assert journal.output == before


def test_what_no_page_sends_closes_the_socket_and_leaves_no_trace(sign_in: SignIn, journal: Program) -> None:
    before, client = journal.output, sign_in('clerk')
    page = PageSocket(client)
    own = f'"client_id":"{page.id}"'
    frames = (
        *HOSTILE_FRAMES,
        f'42["event",{{{own}}}]',
        f'42["event",{{{own},"id":"1","listener_id":"x"}}]',
        f'42["event",{{{own},"id":1,"listener_id":[],"args":[]}}]',
        f'42["event",{{{own},"id":1,"listener_id":"x","args":["{{"]}}]',
        f'42["event",{{{own},"id":1,"listener_id":"x","args":[1]}}]',
        f'42["ack",{{{own},"next_message_id":"x"}}]',
        f'42["ack",{{{own},"next_message_id":-1}}]',
        f'42["javascript_response",{{{own},"request_id":[]}}]',
    )
    for frame in frames:
        with page:
            page.send(frame)
            assert page.close_code() == 1008, frame
    with page:
        for _ in range(100):
            page.send(f'42["event",{{{own},"id":4,"listener_id":"unknown","args":[]}}]')
        page.send(page.event_frame(texts.FIND, 'click'))
        page.wait_for('setRows')
    assert journal.output == before


@pytest.mark.parametrize('name', ['event', 'ack', 'javascript_response', 'log', 'handshake'])
def test_a_socket_acts_for_its_own_page_only(sign_in: SignIn, journal: Program, name: str) -> None:
    with PageSocket(sign_in('chief')) as victim, PageSocket(sign_in('clerk')) as attacker:
        frame = victim.event_frame(texts.FIND, 'click')
        payload = {'next_message_id': 10**6, 'request_id': '1', 'level': 'error', 'message': 'x', 'tab_id': 'tab'}
        attacker.send(frame) if name == 'event' else attacker.emit(name, **{**payload, 'client_id': victim.id})
        assert attacker.close_code() == 1008
        assert not [each for each in victim.frames(0.5) if 'setRows' in each]
        victim.send(frame)
        victim.wait_for('setRows')


def test_a_large_frame_closes_the_socket_and_delays_nobody(sign_in: SignIn, journal: Program) -> None:
    client = sign_in('clerk')
    for text in ('a' + '\u0301' * 120_000, 'x' * MAX_FRAME_BYTES):
        with PageSocket(client) as socket:
            socket.send(socket.event_frame(texts.ORGANIZATION_FILTER, 'filter', text))
            assert socket.close_code() == 1009
    with PageSocket(client) as socket:
        for unit in ('\u0301', '\u0345\u0301\u0323', '\ufdfa', '1 ', '(', ' ', 'а '):
            text = 'а' + unit * (4_000 // len(unit.encode()))
            socket.send(socket.event_frame(texts.ORGANIZATION_FILTER, 'filter', text))
            for label in (texts.RECIPIENT, texts.PHONE):
                socket.send(socket.edit_frame(label, text))
        assert latency(sign_in('chief'), 1.0) < 0.5
        socket.send(socket.edit_frame(texts.RECIPIENT, ''))


def test_a_flood_of_frames_delays_nobody(sign_in: SignIn, journal: Program) -> None:
    before, other = journal.output, sign_in('chief')
    with PageSocket(sign_in('clerk')) as socket:
        frame = socket.event_frame(texts.ORGANIZATION_FILTER, 'filter', 'а' * 3000)
        for _ in range(2_000):
            socket.send(frame)
        assert latency(other, 2.0) < 1.0
    assert journal.output == before


# Sessions that have ended


def rows_arrive(socket: PageSocket, seconds: float) -> bool:
    """Search again and again for some seconds; return whether rows arrive in the last part of the time."""
    deadline, frames = time.monotonic() + seconds, []
    while time.monotonic() < deadline:
        socket.send(socket.event_frame(texts.FIND, 'click'))
        frames = socket.frames(0.1)
    return any('setRows' in frame for frame in frames)


def test_a_session_that_was_ended_here_gets_nothing_more(sign_in: SignIn, journal: Program) -> None:
    client = sign_in('clerk')
    with PageSocket(client) as socket:
        socket.send(socket.event_frame(texts.FIND, 'click'))
        socket.wait_for('setRows')
        client.post('/logout')
        for _ in range(5):
            socket.send(socket.event_frame(texts.FIND, 'click'))
        frames = socket.frames(3)
        assert not [frame for frame in frames if 'setRows' in frame]
        assert [frame for frame in frames if frame.startswith('42["open"')], 'the page was not told where to go'


def test_a_person_who_was_blocked_elsewhere_gets_nothing_more(sign_in: SignIn, journal: Program) -> None:
    with PageSocket(sign_in('clerk')) as socket:
        assert rows_arrive(socket, 0.5)
        assert journal.run('user', 'block', 'clerk').returncode == 0
        time.sleep(0.3)  # a session is known to be active for a quarter of a second
        socket.frames(0.05)
        try:
            for _ in range(5):
                socket.send(socket.event_frame(texts.FIND, 'click'))
            assert not [frame for frame in socket.frames(3) if 'setRows' in frame]
        finally:
            assert journal.run('user', 'unblock', 'clerk').returncode == 0
