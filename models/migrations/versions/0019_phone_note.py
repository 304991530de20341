"""Add what senders write with a phone number: an extension or further numbers.

The column is nullable and has no default, so that neither engine rewrites the table.
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0017'


def upgrade() -> None:
    """Add the column."""
    op.add_column('message', sa.Column('phone_note', sa.String))
