"""Fold the stored names again, because brackets, quotes, mixed alphabets and double surnames are now folded.

Folded names and initials are stored with messages and documents. Rows are read in batches by primary key, without
those whose name is certainly folded as before, and only rows with another result are written. Triggers update the
indexes and totals. The functions that fold come from the program, in the attributes of Alembic's configuration,
because what they return now is what every search compares with.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = '0020'
down_revision = '0019'

BATCH_SIZE = 5_000
TABLES = (('message', 'place', 'recipient_name'), ('document', 'number', 'patient_name'))
"""Table, primary key and column of the name."""

# Three Cyrillic words, the first with at most a hyphen, of which the last is a patronymic and the second is none: then
# the second is the given name, as it was before. Anonymized rows have an empty key.
SURELY_UNCHANGED = """
    {key} LIKE '% % %вич' OR {key} LIKE '% % %вна' OR {key} LIKE '% % %чна'
"""
MAYBE_CHANGED = """
    {key} LIKE '% % % %' OR {key} LIKE '_ %' OR {key} LIKE '% %ич %' OR {key} LIKE '% %на %' OR {key} LIKE '% %лы %'
    OR {key} LIKE '% %лу %' OR {key} LIKE '% %ли %' OR {key} LIKE '% %зы %' OR {key} LIKE '% %зи %'
    OR {name} LIKE '%- %' OR {name} LIKE '% -%'
"""
IS_NOT_PLAIN = {'sqlite': "{name} GLOB '*[^А-Яа-яЁё -]*'", 'postgresql': "{name} ~ '[^А-Яа-яЁё -]'"}
SELECT_BATCH = """
    SELECT {number}, {name}, name_key, initials FROM {table}
    WHERE {number} > :last AND name_key <> '' AND ({is_not_plain} OR NOT ({unchanged}) OR {changed})
    ORDER BY {number} LIMIT :size
"""
UPDATE_ROW = 'UPDATE {table} SET name_key = :key, initials = :initials WHERE {number} = :number'
# One statement for each batch, because the triggers of PostgreSQL run once for each statement.
UPDATE_BATCH = """
    UPDATE {table} SET name_key = folded.key, initials = folded.letters
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:keys AS text[]), CAST(:initials AS text[]))
        AS folded (number, key, letters)
    WHERE {table}.{number} = folded.number
"""


def upgrade() -> None:
    """Fold the names of messages and documents again."""
    connection = op.get_bind()
    if connection.dialect.name == 'postgresql':  # other nodes record nothing until all is folded
        connection.execute(sa.text('SELECT next_arrival FROM journal_state FOR UPDATE'))
    fold_name, initials = (context.config.attributes[name] for name in ('fold_name', 'initials'))
    for table, number, name in TABLES:
        _fold_names(connection, table, number, name, lambda text: (key := fold_name(text), initials(key)))


def _fold_names(
    connection: sa.Connection, table: str, number: str, name: str, fold: Callable[[str], tuple[str, str]]
) -> None:
    engine, columns = connection.dialect.name, {'name': name, 'key': 'name_key'}
    select_batch = sa.text(
        SELECT_BATCH.format(
            table=table,
            number=number,
            name=name,
            is_not_plain=IS_NOT_PLAIN[engine].format(**columns),
            unchanged=SURELY_UNCHANGED.format(**columns),
            changed=MAYBE_CHANGED.format(**columns),
        )
    )
    last = -1
    while rows := connection.execute(select_batch, {'last': last, 'size': BATCH_SIZE}).all():
        last = rows[-1][0]
        folded = [(row[0], *fold(row[1]), *row[2:]) for row in rows]
        changed = [row[:3] for row in folded if row[1:3] != row[3:]]
        if changed:
            _write(connection, table, number, changed)


def _write(connection: sa.Connection, table: str, number: str, changed: list[tuple[int, str, str]]) -> None:
    if connection.dialect.name == 'postgresql':
        numbers, keys, letters = (list(column) for column in zip(*changed, strict=True))
        values: Any = {'numbers': numbers, 'keys': keys, 'initials': letters}
        connection.execute(sa.text(UPDATE_BATCH.format(table=table, number=number)), values)
    else:
        values = [{'number': row[0], 'key': row[1], 'initials': row[2]} for row in changed]
        connection.execute(sa.text(UPDATE_ROW.format(table=table, number=number)), values)
