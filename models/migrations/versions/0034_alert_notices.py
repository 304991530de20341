"""Create the tables of notifications about alerts."""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime

revision = '0034'
down_revision = '0031'


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        'alert_state',
        sa.Column('kind', sa.String, primary_key=True),
        sa.Column('began_at', UtcTime, nullable=False),
        sa.Column('seen_at', UtcTime, nullable=False),
    )
    op.create_table(
        'alert_notice',
        sa.Column('number', BIG_KEY, primary_key=True),
        sa.Column('channel', sa.String, nullable=False),
        sa.Column('kind', sa.String, nullable=False),
        sa.Column('is_end', sa.Boolean, nullable=False),
        sa.Column('text', sa.String, nullable=False),
        sa.Column('path', sa.String, nullable=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('attempts', sa.Integer, nullable=False),
        sa.Column('due_at', UtcTime, nullable=False),
    )
