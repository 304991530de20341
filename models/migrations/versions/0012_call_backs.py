"""Calls about messages that did not get through: who has taken whom, and what came of it."""

import sqlalchemy as sa
from alembic import op

from models.column_types import FOLDED, UtcTime, UuidKey

revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        'call_claim',
        sa.Column('name_key', FOLDED, primary_key=True),
        sa.Column('phone', FOLDED, primary_key=True),
        sa.Column('claimed_by', sa.String, nullable=False),
        sa.Column('claimed_at', UtcTime, nullable=False),
    )
    op.create_table(
        'call_back',
        sa.Column('message_id', UuidKey, primary_key=True),
        sa.Column('done_by', sa.String, nullable=False),
        sa.Column('done_at', UtcTime, nullable=False),
        sa.Column('outcome', sa.SmallInteger, nullable=False),
        sa.Column('note', sa.String, nullable=False),
    )
