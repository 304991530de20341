"""The journal, the searches and the resource usage that benchmarks of the running program share.

DATABASE is the URL of a journal with messages; without it, a new one with SCALE messages (20 000) is created.
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from services.database.engine import Database
from services.database.timezone_lock import ensure_time_zone
from services.demo import demo_data
from services.messages.message_tables import message
from services.upgrade.migrations import migrate
from tests.helpers.reference_messages import MOSCOW

RECENT_RECIPIENTS = select(message.c.name_key, message.c.phone).order_by(message.c.place.desc()).limit(20_000)
"""Folded name and phone of the recipients of the newest messages: operators search for these."""
MESSAGE_COUNT = select(func.count()).select_from(message)
CLOCK_TICKS = os.sysconf('SC_CLK_TCK')


@contextmanager
def open_journal(folder: Path) -> Iterator[Database]:
    """Open a journal, and fill it if it is empty; a new one is created in `folder`."""
    url = os.environ.get('DATABASE') or f'sqlite:///{folder}/journal.sqlite3'
    migrate(url)
    with closing(Database(url)) as database:
        ensure_time_zone(database, MOSCOW)
        if demo_data.is_empty(database):
            demo_data.fill_journal(
                database, MOSCOW, today=datetime.now(MOSCOW).date(), count=integer_setting('SCALE', 20_000)
            )
        yield database


def count_messages(database: Database) -> int:
    """Count the messages of a journal."""
    total: int = database.read_sync(lambda session: session.execute(MESSAGE_COUNT).scalar_one())
    return total


def recent_recipients(database: Database) -> Sequence[tuple[str, str]]:
    """Return the folded name and the phone of the recipients of the newest messages."""
    return database.read_sync(lambda session: [(name, phone) for name, phone in session.execute(RECENT_RECIPIENTS)])


def random_search(rng: random.Random, recipients: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return a name and a phone to search for: the parts of them that a patient states on the telephone."""
    name, phone = rng.choice(recipients)
    surname, *given = name.split()
    return rng.choice(
        (
            (name, ''),
            (f'{surname} {given[0]}', ''),
            (f'{surname} {given[0][0]} {given[-1][0]}', ''),
            (surname, phone[-4:]),
            ('', phone[-10:]),
            ('', phone[-4:]),
            ('', ''),
        )
    )


def resident_memory(process_id: int) -> float:
    """Return the resident memory of a process in kilobytes."""
    status = Path(f'/proc/{process_id}/status').read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith('VmRSS')))


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time of a process in seconds."""
    stat_fields = Path(f'/proc/{process_id}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(stat_fields[11]) + int(stat_fields[12])) / CLOCK_TICKS


def integer_setting(name: str, default: int) -> int:
    """Return an environment variable as an integer, or a default if it is not set."""
    return int(os.environ.get(name) or default)
