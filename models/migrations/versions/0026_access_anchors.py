"""Create the table of anchors of the audit log; its triggers make it append-only.

services.audit.append_only_triggers has the checksums of the triggers, which `access verify` compares.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, UtcTime

revision = '0026'
down_revision = '0025'

SQLITE = (
    """
    CREATE TRIGGER access_anchor_insert BEFORE INSERT ON access_anchor
    WHEN NEW.number <= (SELECT max(number) FROM access_anchor)
    BEGIN SELECT RAISE(ABORT, 'access_anchor is append-only'); END
    """,
    """
    CREATE TRIGGER access_anchor_update BEFORE UPDATE ON access_anchor
    BEGIN SELECT RAISE(ABORT, 'access_anchor is append-only'); END
    """,
    """
    CREATE TRIGGER access_anchor_delete BEFORE DELETE ON access_anchor
    BEGIN SELECT RAISE(ABORT, 'access_anchor is append-only'); END
    """,
)
POSTGRESQL = """
    CREATE TRIGGER access_anchor_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_append_only()
"""


def upgrade() -> None:
    """Create the table and the triggers."""
    op.create_table(
        'access_anchor',
        sa.Column('number', BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column('hash', sa.String, nullable=False),
        sa.Column('at', UtcTime, nullable=False),
        sa.Column('mac', sa.String, nullable=False),
    )
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else (POSTGRESQL,):
        op.execute(statement)
