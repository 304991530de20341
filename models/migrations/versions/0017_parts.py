"""Add the number of SMS parts of a message, as its sender reports it, and the part that a receipt is about."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    """Add the columns; a nullable column without a default rewrites no row on either engine."""
    op.add_column('message', sa.Column('parts', sa.SmallInteger))
    op.add_column('message_fact', sa.Column('part', sa.SmallInteger))
