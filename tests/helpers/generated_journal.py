"""Generated messages, inserted as a running program inserts them."""

import random
from functools import partial
from itertools import islice

from services.database.engine import Database
from services.demo import demo_data
from services.ingest import bulk_insert
from services.ingest.message_ingest import ingest_imported_messages
from tests.helpers import reference_messages
from tests.helpers.reference_messages import MOSCOW, NOON

COUNT = 400
"""Messages that `insert_generated_messages` inserts."""


def insert_generated_messages(database: Database) -> None:
    """Insert messages in small batches, with every index and trigger in force; the same messages at every call."""
    rows = demo_data.generate_messages(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    while batch := list(islice(rows, 100)):
        database.write_sync(partial(bulk_insert.insert_rows, rows=batch))


def insert_updated_messages(database: Database) -> None:
    """Ingest 400 random messages and update 150 of them; the same messages at every call."""
    rng = random.Random(7)
    messages = reference_messages.random_messages(400, seed=3)
    changes = [reference_messages.random_update(message, rng) for message in rng.sample(messages, 150)]
    for batch in (messages[:100], messages[100:], changes):
        database.write_sync(partial(ingest_imported_messages, messages=batch, zone=MOSCOW, now=NOON))
