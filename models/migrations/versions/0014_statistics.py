"""Remove misleading statistics of SQLite's query planner from journals that were analysed when they were nearly empty.

With the statistics of two rows SQLite scans the whole full-text index for each range of its keys, so that every merge
of its segments reads all of it: the fuller the journal, the slower each message. From now on
services.database.indexes.index_builder.statistics collects statistics; it leaves out what is removed here.
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
    """Remove the statistics of shadow tables of the full-text index and of small tables."""
    connection = op.get_bind()
    if connection.dialect.name != 'sqlite':
        return
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat1', 'sqlite_stat4')")
    # sqlite_stat4 first, because the condition reads sqlite_stat1.
    for name in sorted(found.scalars(), reverse=True):
        op.execute(f'DELETE FROM {name} WHERE {MISLEADING}')
    # Connections load statistics together with the schema, and the schema again only when its version has changed.
    op.execute('CREATE TABLE schema_changed (id INTEGER)')
    op.execute('DROP TABLE schema_changed')
