"""Record the conditions of searches in a table of their own, and let an audit record lose nothing but its description.

services.audit.append_only_triggers has the checksums of the triggers, which `access verify` compares.
"""

import sqlalchemy as sa
from alembic import op

from models.column_types import BIG_KEY, CODE_POINT_TEXT

revision = '0025'
down_revision = '0023'

SQLITE = (
    'DROP TRIGGER access_record_UPDATE',
    """
    CREATE TRIGGER access_record_UPDATE BEFORE UPDATE ON access_record
    WHEN NOT (
        OLD.version = 1 AND NEW.what = '' AND NEW.words = ''
        AND NEW.number IS OLD.number AND NEW.at IS OLD.at AND NEW.account_id IS OLD.account_id
        AND NEW.name IS OLD.name AND NEW.address IS OLD.address AND NEW.act IS OLD.act
        AND NEW.section IS OLD.section AND NEW.about IS OLD.about AND NEW.found IS OLD.found
        AND NEW.continues IS OLD.continues AND NEW.previous IS OLD.previous AND NEW.hash IS OLD.hash
        AND NEW.version IS OLD.version
        AND EXISTS (SELECT 1 FROM access_condition WHERE kind = 201 AND value = CAST(OLD.number AS TEXT))
    )
    BEGIN SELECT RAISE(ABORT, 'access_record is append-only'); END
    """,
    """
    CREATE TRIGGER access_condition_insert BEFORE INSERT ON access_condition
    WHEN EXISTS (SELECT 1 FROM access_condition WHERE number = NEW.number AND position = NEW.position)
        OR (NEW.value IS NOT NULL AND NEW.number <= (SELECT number FROM access_head WHERE id = 1))
    BEGIN SELECT RAISE(ABORT, 'access_condition is append-only'); END
    """,
    """
    CREATE TRIGGER access_condition_update BEFORE UPDATE ON access_condition
    WHEN NOT (
        NEW.value IS NULL AND NEW.digest IS NOT NULL AND NEW.digest IS OLD.digest
        AND NEW.number IS OLD.number AND NEW.position IS OLD.position AND NEW.kind IS OLD.kind
    )
    BEGIN SELECT RAISE(ABORT, 'access_condition is append-only'); END
    """,
    """
    CREATE TRIGGER access_condition_delete BEFORE DELETE ON access_condition
    BEGIN SELECT RAISE(ABORT, 'access_condition is append-only'); END
    """,
    """
    CREATE TRIGGER access_head_insert BEFORE INSERT ON access_head
    BEGIN SELECT RAISE(ABORT, 'access_head only goes up'); END
    """,
    """
    CREATE TRIGGER access_head_update BEFORE UPDATE ON access_head
    WHEN NEW.id IS NOT OLD.id OR NEW.number <= OLD.number
    BEGIN SELECT RAISE(ABORT, 'access_head only goes up'); END
    """,
    """
    CREATE TRIGGER access_head_delete BEFORE DELETE ON access_head
    BEGIN SELECT RAISE(ABORT, 'access_head only goes up'); END
    """,
)
POSTGRESQL = (
    'DROP TRIGGER access_record_append_only ON access_record',
    """
    CREATE FUNCTION access_record_loses_description() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.version = 1 AND NEW.what = '' AND NEW.words = ''
            AND (to_jsonb(NEW) - 'what' - 'words') = (to_jsonb(OLD) - 'what' - 'words')
            AND EXISTS (SELECT 1 FROM access_condition WHERE kind = 201 AND value = OLD.number::text)
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'access_record is append-only';
    END $$
    """,
    """
    CREATE FUNCTION access_condition_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.value IS NULL OR NEW.number > (SELECT number FROM access_head WHERE id = 1) THEN RETURN NEW; END IF;
        ELSIF NEW.value IS NULL AND NEW.digest IS NOT NULL
            AND (to_jsonb(NEW) - 'value') = (to_jsonb(OLD) - 'value')
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'access_condition is append-only';
    END $$
    """,
    """
    CREATE FUNCTION access_head_goes_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.id = OLD.id AND NEW.number > OLD.number THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'access_head only goes up';
    END $$
    """,
    """
    CREATE FUNCTION access_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """,
    """
    CREATE TRIGGER access_record_update BEFORE UPDATE ON access_record
    FOR EACH ROW EXECUTE FUNCTION access_record_loses_description()
    """,
    """
    CREATE TRIGGER access_record_append_only BEFORE DELETE OR TRUNCATE ON access_record
    FOR EACH STATEMENT EXECUTE FUNCTION access_record_is_append_only()
    """,
    """
    CREATE TRIGGER access_condition_change BEFORE INSERT OR UPDATE ON access_condition
    FOR EACH ROW EXECUTE FUNCTION access_condition_stays()
    """,
    """
    CREATE TRIGGER access_condition_append_only BEFORE DELETE OR TRUNCATE ON access_condition
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_append_only()
    """,
    """
    CREATE TRIGGER access_head_update BEFORE UPDATE ON access_head
    FOR EACH ROW EXECUTE FUNCTION access_head_goes_up()
    """,
    """
    CREATE TRIGGER access_head_append_only BEFORE INSERT OR DELETE OR TRUNCATE ON access_head
    FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_append_only()
    """,
)


def upgrade() -> None:
    """Create the table, its indexes and the triggers; existing records get version 1 without being rewritten."""
    op.add_column('access_record', sa.Column('version', sa.SmallInteger, nullable=False, server_default='1'))
    op.create_table(
        'access_condition',
        sa.Column('number', BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column('position', sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column('kind', sa.SmallInteger, nullable=False),
        sa.Column('value', CODE_POINT_TEXT),
        sa.Column('digest', CODE_POINT_TEXT),
        sqlite_with_rowid=False,
    )
    readings = sa.text('kind > 100')
    op.create_index(
        'access_condition_by_value',
        'access_condition',
        ['kind', 'value', 'number'],
        sqlite_where=readings,
        postgresql_where=readings,
    )
    personal = sa.text('digest IS NOT NULL')
    op.create_index(
        'access_condition_by_digest',
        'access_condition',
        ['digest', 'number'],
        sqlite_where=personal,
        postgresql_where=personal,
    )
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL:
        op.execute(statement)
