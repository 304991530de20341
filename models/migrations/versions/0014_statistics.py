"""Remove misleading statistics of SQLite's query planner from databases that were analysed when they were nearly empty.

With the statistics of two rows, SQLite scans the whole full-text index for each range of its keys. Every merge of index
segments then reads the whole index, so that each insert becomes slower as the database grows. New statistics are
collected by services.database.indexes.planner_statistics, which omits the tables whose statistics are removed here.
"""

from alembic import op

revision = '0014'
down_revision = '0013'

SMALLEST = 100_000
"""Statistics of tables with fewer rows mislead as soon as the table has grown."""

MISLEADING = f"""
    EXISTS (
        SELECT 1 FROM sqlite_master AS virtual
        WHERE virtual.type = 'table' AND virtual.rootpage = 0
            AND substr(tbl, 1, length(virtual.name) + 1) = virtual.name || '_'
    )
    OR tbl IN (SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS INTEGER)) < {SMALLEST})
"""


def upgrade() -> None:
    """Delete the statistics of small tables and of the shadow tables of the full-text index."""
    connection = op.get_bind()
    if connection.dialect.name != 'sqlite':
        return
    tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat1', 'sqlite_stat4')")
    # sqlite_stat4 first, because the condition reads sqlite_stat1.
    for name in sorted(tables.scalars(), reverse=True):
        op.execute(f'DELETE FROM {name} WHERE {MISLEADING}')
    # Connections reload statistics only together with the schema, and the schema only after its version has changed.
    op.execute('CREATE TABLE schema_changed (id INTEGER)')
    op.execute('DROP TABLE schema_changed')
