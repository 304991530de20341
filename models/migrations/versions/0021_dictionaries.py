"""Create the dictionary of kinds of messages, and merge organisations whose names differ only in typography.

No message is changed: the rows of merged organisations remain and refer to the current entry of their group. The
functions that fold a name are a copy of services.dictionaries.name_folding as it is at this revision.
"""

import re
import unicodedata
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.column_types import CODE_POINT_TEXT

revision = '0021'
down_revision = '0020'

KINDS = (
    (2, 'Напоминание'),
    (4, 'Прикрепление'),
    (3, 'Напоминание ДС'),
    (1, 'Вакцинация COVID-19'),
)
"""The numbers of models.message.MessageKind, in the order of the manual (docs/manual.md S6)."""
MONTH = 1
"""The value of `total.scale` in the totals by month."""

LATIN_LOOK_ALIKES, CYRILLIC_LOOK_ALIKES = 'abcehkmoptxy', 'авсенкмортху'
TO_CYRILLIC = str.maketrans(LATIN_LOOK_ALIKES, CYRILLIC_LOOK_ALIKES)
TO_LATIN = str.maketrans(CYRILLIC_LOOK_ALIKES, LATIN_LOOK_ALIKES)
LATIN_ONLY, CYRILLIC_ONLY = frozenset('dfgijlnqrsuvwz'), frozenset('бгджзийлфцчшщъыьэюя')

ORGANIZATION = sa.table(
    'organization',
    sa.column('id', sa.Integer),
    sa.column('name', sa.String),
    sa.column('name_key', sa.String),
    sa.column('folded_name', sa.String),
    sa.column('merged_into', sa.Integer),
)
TOTAL = sa.table('total', *(sa.column(name, sa.Integer) for name in ('organization_id', 'scale', 'messages')))


def upgrade() -> None:
    """Create the table of kinds, and fold and merge the organisations."""
    kinds = op.create_table(
        'message_kind',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String, nullable=False, unique=True),
        sa.Column('name_key', CODE_POINT_TEXT, nullable=False),
        sa.Column('folded_name', CODE_POINT_TEXT),
        sa.Column('merged_into', sa.Integer, sa.ForeignKey('message_kind.id')),
        sa.Column('position', sa.Integer, nullable=False),
    )
    op.create_index('message_kind_folded_name', 'message_kind', ['folded_name'], unique=True)
    op.bulk_insert(
        kinds,
        [
            {'id': id, 'name': name, 'name_key': _fold(name), 'folded_name': _fold(name), 'position': position}
            for position, (id, name) in enumerate(KINDS, start=1)
        ],
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("SELECT setval(pg_get_serial_sequence('message_kind', 'id'), (SELECT max(id) FROM message_kind))")
    op.add_column('organization', sa.Column('folded_name', CODE_POINT_TEXT))
    # Alembic would add the foreign key by a statement of its own, which SQLite does not have.
    op.execute('ALTER TABLE organization ADD COLUMN merged_into INTEGER REFERENCES organization (id)')
    _fold_organizations(op.get_bind())
    op.create_index('organization_folded_name', 'organization', ['folded_name'], unique=True)


def _fold_organizations(connection: sa.Connection) -> None:
    """Set the new columns; the name with most messages represents the organisations with one folded name."""
    count = sa.select(TOTAL.c.organization_id, sa.func.sum(TOTAL.c.messages)).where(TOTAL.c.scale == MONTH)
    message_counts: dict[int, Any] = {}
    for id, number in connection.execute(count.group_by(TOTAL.c.organization_id)):
        message_counts[id] = number
    groups: dict[str, list[int]] = defaultdict(list)
    for id, name in connection.execute(sa.select(ORGANIZATION.c.id, ORGANIZATION.c.name).order_by(ORGANIZATION.c.id)):
        groups[_fold(name)].append(id)
    rows = []
    for folded, ids in groups.items():
        # The first one if their counts are equal, because `max` returns the first maximum.
        current = max(ids, key=lambda id: message_counts.get(id, 0))
        for id in ids:
            is_current = id == current
            rows.append(
                {
                    'old_id': id,
                    'new_key': folded,
                    'new_folded': folded if is_current else None,
                    'new_merged': None if is_current else current,
                }
            )
    if rows:
        statement = sa.update(ORGANIZATION).where(ORGANIZATION.c.id == sa.bindparam('old_id'))
        values = {
            'name_key': sa.bindparam('new_key'),
            'folded_name': sa.bindparam('new_folded'),
            'merged_into': sa.bindparam('new_merged', type_=sa.Integer),
        }
        connection.execute(statement.values(values), rows)


def _fold(name: str) -> str:
    lowercase = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', name.replace('№', ' ')).casefold())
    visible = ''.join(letter for letter in lowercase if unicodedata.category(letter) not in {'Cf', 'Mn'})
    words = re.findall(r'[^\W_]+|\+', visible.replace('ё', 'е'))
    return ' '.join(map(_in_one_alphabet, words)) or ' '.join(lowercase.split())


def _in_one_alphabet(word: str) -> str:
    is_latin = LATIN_ONLY.intersection(word) and not CYRILLIC_ONLY.intersection(word)
    return word.translate(TO_LATIN if is_latin else TO_CYRILLIC)
