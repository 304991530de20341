"""Create the tables of the call list: claims by operators, and outcomes of calls."""

import sqlalchemy as sa
from alembic import op

from models.column_types import CODE_POINT_TEXT, UtcTime, UuidKey

revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        'call_claim',
        sa.Column('name_key', CODE_POINT_TEXT, primary_key=True),
        sa.Column('phone', CODE_POINT_TEXT, primary_key=True),
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
