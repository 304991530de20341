"""Add when a recipient who was not reached returns to the call list, and whether a call was undone."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0031'
down_revision = '0029'


def upgrade() -> None:
    """Add the columns: existing calls do not return, and none was undone."""
    op.add_column('call_back', sa.Column('again_at', UtcTime()))
    op.add_column('call_back_reopened', sa.Column('is_undone', sa.Boolean(), nullable=False, server_default=sa.false()))
