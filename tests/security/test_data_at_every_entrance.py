"""Receipts, forgotten people and backups, on each engine and through nginx: nobody reaches what is not theirs."""

import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
from sqlmodel import select

from models import AuditEvent, Draft
from services.database.engine import Database
from tests.helpers.api_requests import ORGANIZATION, assert_problem, message_json
from tests.helpers.attacked_program import Entrance, search
from tests.helpers.database_dump import dump

OTHER_ORGANIZATION = 'ГБУЗ МО «Другая больница»'
NAME, PHONE = 'Щукарь Ждан Львович', '+79995550147'
SENT = {'status': 'sent', 'at': '2026-11-22T10:00:05+03:00', 'provider': 'kannel'}


def test_a_bound_token_takes_nobody_elses_receipts(entrance: Entrance) -> None:
    all_messages = api_client(entrance)
    theirs, own, provider_id = str(uuid4()), str(uuid4()), str(uuid4())
    for id, organization in ((theirs, OTHER_ORGANIZATION), (own, ORGANIZATION)):
        created = all_messages.post('/api/v1/messages', json=message_json(id=id, organization=organization))
        assert created.json()['outcome'] == 'created'
    named = all_messages.post(f'/api/v1/messages/{theirs}/status', json=SENT | {'provider_id': provider_id})
    assert named.status_code == 200
    bound = api_client(entrance, '--organization', ORGANIZATION)
    for taken in (provider_id, provider_id.upper(), provider_id.replace('-', '')):
        refused = bound.post(f'/api/v1/messages/{own}/status', json=SENT | {'provider_id': taken})
        assert assert_problem(refused, 409, 'provider_id_taken', 'provider_id')
    refused = bound.post('/api/v1/messages', json=message_json(id=provider_id))
    assert assert_problem(refused, 409, 'provider_id_taken', 'id')
    assert bound.get(f'/api/v1/messages/{theirs}').status_code == 404
    assert all_messages.get(f'/api/v1/messages/{own}').json()['status'] == 'pending'


def test_a_forgotten_person_is_behind_no_door_and_the_search_for_them_stays_on_record(entrance: Entrance) -> None:
    message = message_json(recipient_name=NAME, phone=PHONE)
    assert api_client(entrance).post('/api/v1/messages', json=message).json()['outcome'] == 'created'
    clerk, chief = entrance.person('clerk'), entrance.person('chief')
    assert message['id'] in search(clerk, '/messages', PHONE=PHONE)
    wait_for_searched_draft(entrance.database_url, PHONE)
    done = entrance.program.run('forget', '--phone', PHONE, '--reason', 'заявление № 7', '--yes')
    assert done.returncode == 0, done.stderr
    assert AuditEvent.PATIENTS_ANONYMIZED in entrance.events()
    with closing(Database(entrance.database_url)) as database:
        stored = dump(database)
    assert PHONE not in stored
    assert 'Щукарь' not in stored
    assert message['id'] not in search(clerk, '/messages', RECIPIENT='Щукарь')
    assert 'clerk' in search(chief, '/access', ACCESS_SEARCH_TEXT=PHONE)


def test_an_encrypted_backup_tells_nothing_and_is_its_owners_alone(entrance: Entrance, tmp_path: Path) -> None:
    key, backup = tmp_path / 'key', tmp_path / 'journal.backup'
    key.write_text('a passphrase of thirty characters')
    key.chmod(0o600)
    entrance.program.environment['JOURNAL_BACKUP_KEY_FILE'] = str(key)
    try:
        done = entrance.program.run('backup', str(backup), '--encrypt')
    finally:
        del entrance.program.environment['JOURNAL_BACKUP_KEY_FILE']
    assert done.returncode == 0, done.stderr
    assert backup.stat().st_mode & 0o077 == 0
    content = backup.read_bytes()
    for known in (b'SQLite format', b'PGDMP', 'Королёв'.encode(), b'+7916'):
        assert known not in content
    assert AuditEvent.DATABASE_COPIED in entrance.events()


def wait_for_searched_draft(database_url: str, phone: str) -> None:
    """Wait until the draft of a search by phone is stored; the program writes drafts a moment later."""
    deadline = time.monotonic() + 30
    with closing(Database(database_url)) as database:
        while not any(
            searched and searched['phone'] == phone
            for searched, _ in database.read_sync(lambda session: session.exec(select(Draft.queries)).all())
        ):
            assert time.monotonic() < deadline, 'the draft is not stored'
            time.sleep(0.05)


def api_client(entrance: Entrance, *options: str) -> httpx.Client:
    """Return a client with a new token."""
    client = entrance.visitor()
    token = entrance.program.run('token', 'add', f'mailer-{uuid4()}', *options).stdout.split()[-1]
    client.headers['Authorization'] = f'Bearer {token}'
    return client
