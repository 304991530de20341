"""Create the triggers that maintain `total`: for each row on SQLite, for each statement on PostgreSQL.

Each message is counted four times: by day and by month, for its organisation and for all organisations (0).
"""

from alembic import op

revision = '0002'
down_revision = '0001'

SQLITE_COUNT = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    VALUES
        ({row}.organization_id, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        ({row}.organization_id, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks;
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION message_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {changes}
    RETURN NULL;
END $$
"""

# Sorted by key, so that concurrent writers lock the rows in the same order and cannot deadlock.
POSTGRESQL_COUNT = """
    INSERT INTO total AS kept (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT whose, scale, CASE scale WHEN 0 THEN day ELSE day / 100 * 100 END AS period, kind, status,
        sum(messages), sum(kopecks)
    FROM ({rows}) AS changed
    CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS scales (scale)
    CROSS JOIN LATERAL (VALUES (organization_id), (0)) AS owners (whose)
    GROUP BY whose, scale, period, kind, status
    HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
    ORDER BY whose, scale, period, kind, status
    ON CONFLICT (organization_id, scale, period, kind, status)
    DO UPDATE SET messages = kept.messages + excluded.messages, kopecks = kept.kopecks + excluded.kopecks;
"""
ADDED = 'SELECT organization_id, day, kind, status, 1 AS messages, cost AS kopecks FROM added'
REMOVED = 'SELECT organization_id, day, kind, status, -1 AS messages, -cost AS kopecks FROM removed'
COUNTED = ('organization_id', 'day', 'kind', 'status', 'cost')


def upgrade() -> None:
    """Create the triggers."""
    if op.get_bind().dialect.name == 'sqlite':
        add, remove = SQLITE_COUNT.format(row='NEW', sign='+'), SQLITE_COUNT.format(row='OLD', sign='-')
        counted = ', '.join(COUNTED)
        op.execute(f'CREATE TRIGGER message_added AFTER INSERT ON message BEGIN {add} END')
        op.execute(f'CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN {remove} END')
        op.execute(f'CREATE TRIGGER message_changed AFTER UPDATE OF {counted} ON message BEGIN {remove} {add} END')
        return
    for name, event, tables, rows in (
        ('added', 'INSERT', 'NEW TABLE AS added', ADDED),
        ('removed', 'DELETE', 'OLD TABLE AS removed', REMOVED),
        ('changed', 'UPDATE', 'OLD TABLE AS removed NEW TABLE AS added', f'{ADDED} UNION ALL {REMOVED}'),
    ):
        count = POSTGRESQL_COUNT.format(rows=rows)
        op.execute(POSTGRESQL_FUNCTION.format(changes=count).replace('message_counts', f'message_{name}_counts'))
        op.execute(
            f'CREATE TRIGGER message_{name} AFTER {event} ON message REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION message_{name}_counts()'
        )
