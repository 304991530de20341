"""Nobody looks unseen, on each engine and through nginx: hidden searches, views without a search, a changed log."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.database.engine import Database
from tests.helpers.api_requests import message_json
from tests.helpers.attacked_program import Entrance, search
from tests.helpers.audit_tampering import DEFINITIONS, DROPS
from tests.helpers.page_socket import PageSocket

LIST, LOG, CALLS = '/messages', '/access', '/callbacks'
PADDINGS = ('\u200b' * 2_000, ' ' * 10_000, '\u0301' * 2_000, '\u202e' * 2_000)
"""What is no letter of a name, as much as a frame holds."""


def test_no_name_is_so_long_that_the_record_loses_the_phone(entrance: Entrance) -> None:
    searched = []
    for number, padding in enumerate(PADDINGS, 9_260_000_000):
        with PageSocket(entrance.person('clerk'), LIST) as page:
            page.send(page.edit_frame(texts.RECIPIENT, f'о{padding}'))
            page.send(page.edit_frame(texts.PHONE, f'8{number}'))
            page.send(page.event_frame(texts.FIND, 'click'))
            if any('setRows' in frame for frame in page.frames(0.7)):
                searched.append(number)
    assert searched, 'every name was refused'
    for number in searched:
        assert 'clerk' in search(entrance.person('chief'), LOG, ACCESS_SEARCH_TEXT=f'+7 {number}')


def test_a_name_of_more_letters_than_any_is_not_searched(entrance: Entrance) -> None:
    with PageSocket(entrance.person('clerk')) as page:
        before = len(entrance.events())
        page.send(page.edit_frame(texts.RECIPIENT, 'о' * 301))
        page.send(page.event_frame(texts.FIND, 'click'))
        assert not [frame for frame in page.frames(0.5) if 'setRows' in frame]
    assert AuditEvent.SEARCHED not in entrance.events()[before:]


@pytest.mark.parametrize(
    ('typed', 'looked_for'),
    [
        ({'RECIPIENT': 'Bdfyjd'}, 'ИВАНОВ'),
        ({'RECIPIENT': 'семёнов  п'}, 'Семенов'),
        ({'PHONE': '79167654321'}, '8 (916) 765-43-21'),
        ({'RECIPIENT': '112-233-445 95'}, '11223344595'),
    ],
)
def test_a_search_is_found_in_any_notation(entrance: Entrance, typed: dict[str, str], looked_for: str) -> None:
    search(entrance.person('clerk'), LIST, **typed)
    assert 'clerk' in search(entrance.person('chief'), LOG, ACCESS_SEARCH_TEXT=looked_for)


def test_who_has_seen_a_phone_knows_the_call_list(entrance: Entrance) -> None:
    with PageSocket(entrance.person('clerk'), CALLS) as page:
        page.wait_for('555-44-33')
    assert AuditEvent.CALLS_SHOWN in entrance.events()
    found = search(entrance.person('chief'), LOG, ACCESS_SEEN='8 903 555-44-33')
    assert texts.AUDIT_EVENTS[AuditEvent.CALLS_SHOWN] in found


def test_commands_and_programs_are_recorded(entrance: Entrance) -> None:
    before = len(entrance.events())
    token = entrance.program.run('token', 'add', 'mailer').stdout.split()[-1]
    api, headers = entrance.visitor(), {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
    good = message_json()
    batch = [message_json(id='\ud800'), good, {'\ud800': '\ud800'}]
    answer = api.post('/api/v1/messages', content=json.dumps(batch), headers=headers)
    assert [each['outcome'] for each in answer.json()] == ['refused', 'created', 'refused']
    assert api.get(f'/api/v1/messages/{good["id"]}', headers=headers).json()['text'] == good['text']
    assert entrance.program.run('token', 'revoke', 'mailer').returncode == 0
    assert api.get(f'/api/v1/messages/{good["id"]}', headers=headers).status_code == 401
    # The check of the database, and the counts of searches of other tests, may come late.
    others = {AuditEvent.DATABASE_VERIFIED, AuditEvent.RESULT_COUNT}
    assert [each for each in entrance.events()[before:] if each not in others] == [
        AuditEvent.API_TOKEN_CHANGED,
        AuditEvent.API_READ,
        AuditEvent.API_TOKEN_CHANGED,
    ]


def test_a_removed_trigger_is_reported_without_a_traceback(entrance: Entrance) -> None:
    assert entrance.program.run('access', 'verify').returncode == 0
    with closing(Database(entrance.database_url)) as database:

        def drop(session: Session) -> list[str]:
            definitions = list(session.execute(text(DEFINITIONS[database.dialect])).scalars().all())
            for statement in session.execute(text(DROPS[database.dialect])).scalars().all():
                session.execute(text(statement))
            return definitions

        def restore(session: Session) -> None:
            for statement in definitions:
                session.connection().exec_driver_sql(statement)

        definitions = database.write_sync(drop)
        try:
            verified = entrance.program.run('access', 'verify')
        finally:
            database.write_sync(restore)
    assert verified.returncode == 1
    assert 'Traceback' not in verified.stderr + verified.stdout
    assert entrance.program.run('access', 'verify').returncode == 0


def test_no_file_is_readable_by_others(entrance: Entrance) -> None:
    folder: Path = entrance.program.folder
    written = [each for each in folder.rglob('*') if each != entrance.program.log]
    assert written
    assert [each for each in written if each.stat().st_mode & 0o077] == []
