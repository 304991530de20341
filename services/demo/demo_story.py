"""The story of a demonstration: an organisation has changed the wording of its reminders, and the operator rejects it.

The main page of the demonstration asks about it, so that a visitor has a first question with an answer.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select

from models import MessageChannel, MessageKind, MessageStatus
from services import formats, texts
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.demo.demo_data import SEED, organization_names
from services.demo.demo_messages import APPOINTMENT_TIMES, error_names
from services.demo.demo_patients import DemoPatients
from services.ingest.message_ingest import Sender, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_query import MessageQuery

SENDER: Final = Sender(texts.DEMO_SENDER)
"""The mailing system of the demonstration."""
STORY_ERROR: Final = '238'
"""The operator lets only agreed wordings pass."""
STORY_QUERY: Final = MessageQuery(statuses=frozenset({MessageStatus.FAILED}), errors=frozenset({STORY_ERROR}))
"""The query that finds the messages of the story."""
STORY_SIZE: Final = 24
STORY_LENGTH: Final = timedelta(minutes=50)
"""All of it happened within the last hour, so that it raises an alert, and the alert ends by itself."""
TIME_TO_FAIL: Final = timedelta(seconds=7)
STORY_IDS: Final = tuple(UUID(int=Random(number).getrandbits(128), version=4) for number in range(STORY_SIZE))
"""The codes of the messages, the same in every demonstration."""


def add_story(database: Database, zone: tzinfo, now: datetime) -> None:
    """Add the messages of the story, which ends now, unless the journal has them; blocks.

    Args:
        database: the database of a demonstration.
        zone: the time zone of the journal's days.
        now: the current time (aware).
    """
    known = select(MESSAGE_TABLE.c.id).where(MESSAGE_TABLE.c.id == STORY_IDS[0])
    if database.read_sync(lambda session: session.execute(known).first()):
        return
    messages = [(message, SENDER) for message in _messages(zone, now)]
    database.write_sync(partial(ingest_messages, messages=messages, zone=zone, now=now))


def _messages(zone: tzinfo, now: datetime) -> Iterator[IncomingMessage]:
    random = Random(SEED)
    patients = DemoPatients(random.getrandbits(64))
    organization = organization_names()[0]
    for position, id in enumerate(reversed(STORY_IDS)):
        patient = patients.patient(random.randrange(1000))
        queued_at = now - STORY_LENGTH + position * STORY_LENGTH / STORY_SIZE
        day = queued_at.astimezone(zone).date() + timedelta(days=random.randrange(1, 4))
        appointment_at = datetime.combine(day, random.choice(APPOINTMENT_TIMES), zone)
        yield IncomingMessage(
            id=id,
            recipient_name=patient.name,
            phone=patient.phone,
            appointment_at=appointment_at.astimezone(UTC),
            organization=organization,
            kind=texts.KINDS[MessageKind.REMINDER],
            status=MessageStatus.FAILED,
            queued_at=queued_at,
            attempted_at=queued_at + TIME_TO_FAIL,
            sent_at=None,
            cost=Decimal(0),
            text=texts.DEMO_STORY_TEXT.format(
                given=patient.given, day=formats.day(day), time=f'{appointment_at:%H:%M}', organization=organization
            ),
            error_code=STORY_ERROR,
            error_name=error_names()[STORY_ERROR],
            sender=texts.DEMO_SENDER_NAMES[MessageChannel.SMS][0],
            channel=MessageChannel.SMS,
        )
