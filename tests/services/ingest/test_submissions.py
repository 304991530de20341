"""Messages that programs submit: an id stands for one person and one text, and an identifier for one message."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import (
    IngestOutcome,
    Sender,
    Submission,
    ingest_imported_messages,
    ingest_submissions,
)
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import ProviderReference
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW
from tests.helpers.totals_recount import recounted_totals, stored_totals

MAILER = Sender('mailer')
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
REFERENCE = ProviderReference('smsru', '202611-17')
CHANGES: list[tuple[dict[str, Any], IngestOutcome]] = [
    ({'phone': '+79990000002'}, IngestOutcome.OTHER_PHONE),
    ({'recipient_name': 'Другая Анна Петровна'}, IngestOutcome.OTHER_RECIPIENT),
    ({'text': 'Другой текст'}, IngestOutcome.OTHER_TEXT),
]


def submit(database: Database, *submissions: Submission) -> list[IngestOutcome]:
    pairs = [(submission, MAILER) for submission in submissions]
    return database.write_sync(lambda session: ingest_submissions(session, pairs, zone=MOSCOW, now=NOW))


def import_message(database: Database, message: IncomingMessage) -> IngestOutcome:
    return database.write_sync(lambda session: ingest_imported_messages(session, [message], zone=MOSCOW, now=NOW))[0]


def stored_values(database: Database) -> tuple[str, str, str]:
    """Return the phone, the name and the text of the only message."""
    statement = text('SELECT phone, recipient_name, text FROM message')
    row = database.read_sync(lambda session: session.execute(statement).one())
    return row.phone, row.recipient_name, row.text


@pytest.mark.parametrize(('changes', 'outcome'), CHANGES)
def test_another_recipient_or_text_is_refused_until_it_is_said_to_replace(
    database: Database, changes: dict[str, Any], outcome: IngestOutcome
) -> None:
    message = incoming_message(status=MessageStatus.WAITING)
    other = replace(message, cost=Decimal(9), **changes)
    assert submit(database, Submission(message), Submission(other)) == [IngestOutcome.CREATED, outcome]
    assert submit(database, Submission(other)) == [outcome]
    assert stored_values(database) == (message.phone, message.recipient_name, message.text)
    assert submit(database, Submission(other, replaces=True), Submission(message)) == [IngestOutcome.UPDATED, outcome]
    assert stored_values(database) == (other.phone, other.recipient_name, other.text)
    assert submit(database, Submission(other)) == [IngestOutcome.UNCHANGED]
    assert stored_totals(database) == recounted_totals(database)


def test_the_same_person_in_another_notation_is_an_update(database: Database) -> None:
    message = incoming_message(recipient_name='Королёв Иван Петрович')
    assert submit(database, Submission(message)) == [IngestOutcome.CREATED]
    for name in ('КОРОЛЕВ  Иван Петрович', 'Королев Иван Петрович'):
        assert submit(database, Submission(replace(message, recipient_name=name))) == [IngestOutcome.UPDATED]


def test_a_text_is_added_where_none_was_known_but_not_removed(database: Database) -> None:
    message = incoming_message()
    without = Submission(replace(message, text=''))
    assert submit(database, without, Submission(message)) == [IngestOutcome.CREATED, IngestOutcome.UPDATED]
    assert submit(database, without) == [IngestOutcome.OTHER_TEXT]


def test_a_file_replaces_as_before(database: Database) -> None:
    message = incoming_message()
    submit(database, Submission(message))
    for changes, _ in CHANGES:
        assert import_message(database, replace(message, **changes)) == IngestOutcome.UPDATED


def test_a_correction_that_repeats_an_older_status_corrects_an_imported_message(database: Database) -> None:
    sent = incoming_message()
    assert import_message(database, sent) == IngestOutcome.CREATED
    queued = replace(sent, status=MessageStatus.WAITING, sent_at=None, recipient_name='Другая Анна Петровна')
    assert submit(database, Submission(queued, replaces=True)) == [IngestOutcome.UPDATED]
    row = database.read_sync(lambda session: session.execute(text('SELECT status, recipient_name FROM message')).one())
    assert (row.status, row.recipient_name) == (MessageStatus.SENT, 'Другая Анна Петровна')


def test_an_imported_message_gets_its_identifier_and_keeps_its_status(database: Database) -> None:
    sent = incoming_message()
    import_message(database, sent)
    assert submit(database, Submission(sent, REFERENCE), Submission(sent, REFERENCE)) == [
        IngestOutcome.UPDATED,
        IngestOutcome.UNCHANGED,
    ]
    events = database.read_sync(
        lambda session: session.execute(text('SELECT status, told_by, provider_id FROM message_fact')).all()
    )
    assert [tuple(event) for event in events] == [
        (MessageStatus.SENT, 'file', None),
        (MessageStatus.SENT, 'mailer', '202611-17'),
    ]
    assert submit(database, Submission(incoming_message(), REFERENCE)) == [IngestOutcome.PROVIDER_ID_TAKEN]
