"""Add the name under which a message was sent, and its channel, as its sender reports them.

The columns are nullable and have no default, so that neither engine rewrites the table.
"""

import sqlalchemy as sa
from alembic import op

revision = '0041'
down_revision = '0040'


def upgrade() -> None:
    """Add the columns."""
    op.add_column('message', sa.Column('sender', sa.String))
    op.add_column('message', sa.Column('channel', sa.SmallInteger))
