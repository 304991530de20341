"""Allow share links without a user: launch links, which programs create."""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0037'


def upgrade() -> None:
    """Make the user of a link optional, and index it, because launch links are purged by its absence."""
    with op.batch_alter_table('kept_view') as kept_view:
        kept_view.alter_column('made_by', existing_type=sa.Integer(), nullable=True)
    op.create_index('ix_kept_view_made_by', 'kept_view', ['made_by'])
