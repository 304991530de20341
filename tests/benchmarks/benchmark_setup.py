"""What is measured of the running program: over which journal, what is typed into it, what it costs.

DATABASE is the URL of a journal that is full already; without it a new one has SCALE messages (20 000).
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from services.database.engine import Database
from services.database.migrations import migrate
from services.database.timezone_lock import keep_zone
from services.demo import demo_data
from services.messages.message_tables import message
from tests.helpers.reference_messages import MOSCOW

NEWEST = select(message.c.name_key, message.c.phone).order_by(message.c.place.desc()).limit(20_000)
"""Whom operators look for: those who were written to of late."""
COUNT = select(func.count()).select_from(message)
TICKS = os.sysconf('SC_CLK_TCK')


@contextmanager
def journal(folder: Path) -> Iterator[Database]:
    """Open a journal, and fill it if it is empty; a new one lies in `folder`."""
    url = os.environ.get('DATABASE') or f'sqlite:///{folder}/journal.sqlite3'
    migrate(url)
    with closing(Database(url)) as database:
        keep_zone(database, MOSCOW)
        if demo_data.is_empty(database):
            demo_data.fill(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=number('SCALE', 20_000))
        yield database


def count(database: Database) -> int:
    """Count the messages of a journal."""
    found: int = database.read_now(lambda session: session.execute(COUNT).scalar_one())
    return found


def people(database: Database) -> Sequence[tuple[str, str]]:
    """Give the folded name and the phone of those who were written to of late."""
    return database.read_now(lambda session: [(name, phone) for name, phone in session.execute(NEWEST)])


def as_typed(dice: random.Random, people: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Choose what is typed of a name and of a phone: as much as a patient on the telephone says of himself."""
    name, phone = dice.choice(people)
    surname, *given = name.split()
    return dice.choice(
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


def resident(process_id: int) -> float:
    """Give a process's memory in kilobytes."""
    status = Path(f'/proc/{process_id}/status').read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith('VmRSS')))


def cpu(process_id: int) -> float:
    """Give the seconds that a process has computed."""
    spent = Path(f'/proc/{process_id}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(spent[11]) + int(spent[12])) / TICKS


def number(name: str, otherwise: int) -> int:
    """Read a whole number from the environment."""
    return int(os.environ.get(name) or otherwise)
