"""The running program asks a provider for statuses, and goes on after a restart with what was due."""

import shutil
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from models import MessageStatus, ProviderMessageId, StatusPoll
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from tests.helpers.fake_status_provider import LOGIN, PASSWORD, status_server
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, moment, sample_messages

WAIT_SECONDS = 30
WAITING_MESSAGE = select(MESSAGE_TABLE.c.id).where(MESSAGE_TABLE.c.status == MessageStatus.WAITING).limit(1)


def queue_message(session: Session) -> None:
    """Queue a message as a node that has ended since."""
    names = {'provider': 'beeline', 'provider_id': '6666', 'account': ''}
    id, yesterday = session.execute(WAITING_MESSAGE).scalar_one(), moment(1)
    session.add(ProviderMessageId(**names, phone='', message_id=id))
    session.add(StatusPoll(**names, message_id=id, since=yesterday, attempts=3, due_at=yesterday + timedelta(hours=1)))


def test_the_program_asks_for_what_is_due(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / 'journal.db')
    url = fill_journal(f'sqlite:///{tmp_path}/journal.db', sample_messages())
    with closing(Database(url)) as database, status_server() as server:
        database.write_sync(queue_message)
        server.statuses['6666'] = 'rejected', ''
        settings = {
            'JOURNAL_POLL_SOURCE': 'beeline',
            'JOURNAL_POLL_LOGIN': LOGIN,
            'JOURNAL_POLL_KEY': PASSWORD,
            'JOURNAL_POLL_URL': server.url,
        }
        with Program(tmp_path, url, **settings) as program:
            deadline = time.monotonic() + WAIT_SECONDS
            failed = select(MESSAGE_TABLE.c.error_name).where(MESSAGE_TABLE.c.error_code == 'rejected')
            while not database.read_sync(lambda session: session.execute(failed).scalar_one_or_none()):
                assert time.monotonic() < deadline, program.output
                time.sleep(0.05)
            assert server.requested_ids == ['6666']
            assert PASSWORD not in program.output
