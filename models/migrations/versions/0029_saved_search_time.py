"""Add when a search was saved, so that `purge` can delete old searches for a person."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from models.column_types import UtcTime

revision = '0029'
down_revision = '0028'


def upgrade() -> None:
    """Add the column; searches that exist already count from now on, because nobody knows how old they are."""
    op.add_column('named_search', sa.Column('saved_at', UtcTime()))
    searches = sa.table('named_search', sa.column('saved_at', UtcTime()))
    op.execute(searches.update().values(saved_at=datetime.now(UTC)))
