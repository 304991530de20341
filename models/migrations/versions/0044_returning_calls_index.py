"""Add the index of the times at which recipients return to the call list, for pages that follow these returns."""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'


def upgrade() -> None:
    """Create the index; most calls are final and are not in it."""
    op.create_index(
        'call_back_again_at',
        'call_back',
        ['again_at'],
        sqlite_where=sa.text('again_at IS NOT NULL'),
        postgresql_where=sa.text('again_at IS NOT NULL'),
    )
