"""Remember which data key the database was opened with."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    """Add the digest of the data key; it is set when the database is opened."""
    op.add_column('journal_state', sa.Column('data_key_check', sa.String))
