"""Create the table of the balance last reported by a provider, so that it survives a restart."""

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        'provider_balance',
        sa.Column('provider', sa.String, primary_key=True),
        sa.Column('amount', sa.BigInteger, nullable=False),
        sa.Column('as_of', UtcTime, nullable=False),
    )
