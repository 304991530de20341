"""The indexes of the error of failed messages, of the surname, of the day of the appointment, and of the queue.

They are not part of the definition whose checksum services.database.indexes.index_builder compares, so that a database
of an older version gets these and keeps all others. An index that changes needs another name.

All but the last are in the order of the list for one value, and cover what totals need. The last has the few messages
that wait to be sent, in the order in which they were queued.
"""

from datetime import datetime
from typing import Final

DAY_SECONDS: Final = 24 * 60 * 60
DAY_OFFSET_SECONDS: Final = 3 * 60 * 60
"""Days begin at midnight in Moscow. In another zone a search reads a day more than it needs."""
ERROR_KEY: Final = "coalesce(error_code, error_name, '')"
"""An expression for what an error is counted and searched by: its code, else its name; empty if it has neither."""
APPOINTMENT_DAYS: Final = {
    'sqlite': f'(appointment_at + {DAY_OFFSET_SECONDS}) / {DAY_SECONDS}',
    'postgresql': f"((appointment_at AT TIME ZONE 'UTC') + interval '{DAY_OFFSET_SECONDS} seconds')::date"
    " - date '1970-01-01'",
}
"""An expression for the day of the appointment, as `appointment_day` numbers it, by engine."""
SQLITE_REST = "substr({text}, instr({text} || ' ', ' ') + 1)"
SQLITE_WORD = "substr({text}, 1, instr({text} || ' ', ' ') - 1)"
SQLITE_SECOND = SQLITE_REST.format(text='name_key')
SQLITE_WORDS: Final = [
    SQLITE_WORD.format(text=text) for text in ('name_key', SQLITE_SECOND, SQLITE_REST.format(text=SQLITE_SECOND))
]
SURNAME: Final = """CASE WHEN {third} <> '' AND initials = substr({first}, 1, 1) || substr({second}, 1, 1)
    AND (initials <> substr({second}, 1, 1) || substr({third}, 1, 1) OR length({first}) = 1
        OR substr({second}, length({second}) - 1) = 'ич'
        OR substr({second}, length({second}) - 2) IN ('вна', 'чна'))
    THEN {third} ELSE {first} END"""
SURNAMES: Final = {
    'sqlite': SURNAME.format(**dict(zip(('first', 'second', 'third'), SQLITE_WORDS, strict=True))),
    'postgresql': SURNAME.format(
        **{name: f"split_part(name_key, ' ', {n})" for n, name in enumerate(('first', 'second', 'third'), start=1)}
    ),
}
"""An expression for the surname of the recipient by engine: the same as services.name_parts.surnames.surname_of."""
ERROR_INDEX, APPOINTMENT_INDEX, WAITING_INDEX = 'message_error', 'message_appointment', 'message_waiting'
SURNAME_INDEX: Final = 'message_surname'
INDEX_BY_CONDITION: Final = {
    'errors': ERROR_INDEX, 'surnames': SURNAME_INDEX, 'appointment': APPOINTMENT_INDEX, 'waiting': WAITING_INDEX,
}  # fmt: skip
"""The index of each condition that has one; SQLite reads another one unless it is named."""
IS_WAITING: Final = 'status + 0 = 1'
"""The condition of the index of the queue, with which a query uses it; `+ 0` hides the index from all other queries."""
COVERED: Final = 'status, kind, organization_id, cost'


def appointment_day(moment: datetime) -> int:
    """Return the number of the day of an appointment (aware)."""
    return (int(moment.timestamp()) + DAY_OFFSET_SECONDS) // DAY_SECONDS


def create_statements(engine: str) -> dict[str, str]:
    """Return the statement that creates each index, by its name."""
    return {
        ERROR_INDEX: f'CREATE INDEX {ERROR_INDEX} ON message (({ERROR_KEY}), place, {COVERED}) WHERE status = 3',
        SURNAME_INDEX: f'CREATE INDEX {SURNAME_INDEX} ON message (({SURNAMES[engine]}), place, {COVERED})',
        APPOINTMENT_INDEX: f'CREATE INDEX {APPOINTMENT_INDEX} ON message '
        f'(({APPOINTMENT_DAYS[engine]}), place, appointment_at, {COVERED}) WHERE appointment_at IS NOT NULL',
        WAITING_INDEX: f'CREATE INDEX {WAITING_INDEX} ON message (queued_at) WHERE {IS_WAITING}',
    }
