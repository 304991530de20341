"""Add the index that tells which change of a message is its last one."""

from alembic import op

revision = '0035'
down_revision = '0034'


def upgrade() -> None:
    """Add the index; the table of changes has had 100 000 rows at most."""
    op.create_index('change_of_message', 'change', ['message_id', 'number'])
