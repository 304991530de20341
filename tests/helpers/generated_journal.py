"""Generated messages, inserted as a running program inserts them."""

from functools import partial
from itertools import islice

from services.database.engine import Database
from services.demo import demo_data
from services.ingest import bulk_insert
from tests.helpers.reference_messages import MOSCOW, NOON

COUNT = 400
"""Messages that `insert_generated_messages` inserts."""


def insert_generated_messages(database: Database) -> None:
    """Insert messages in small batches, with every index and trigger in force; the same messages at every call."""
    rows = demo_data.generate_messages(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    while batch := list(islice(rows, 100)):
        database.write_sync(partial(bulk_insert.insert_rows, rows=batch))
