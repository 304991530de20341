"""The documents of a demonstration: of the same patients as its messages, fewer than these."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from models import DocumentOperation, DocumentStatus
from services import texts
from services.demo.demo_patients import People, slots
from services.demo.demo_timestamps import BusyDay
from services.documents import snils
from services.lists import reference_data

DOCUMENT = SQLModel.metadata.tables['document']
KIND = SQLModel.metadata.tables['document_kind']
STEP = SQLModel.metadata.tables['document_step']

MESSAGES_A_DOCUMENT = 4
MOST = 100_000
OPERATIONS = {
    DocumentOperation.REGISTRATION: 80,
    DocumentOperation.CHANGE: 12,
    DocumentOperation.REQUEST: 6,
    DocumentOperation.ANNULMENT: 2,
}
"""Of a hundred documents, how many are of each operation."""
FAILED_OF_1024 = 72
PROCESSING_OF_1024 = 400
"""Of the documents of the last hours."""
HOURS_OF_PROCESSING = 12
WITHOUT_SNILS_OF_1024 = 30
DOCTORS = 2000
SECONDS_TO_ANSWER = 1024
BATCH = 5_000

Rows = tuple[dict[str, Any], list[dict[str, Any]]]
"""A document, and its steps."""


def count_for(messages: int) -> int:
    """Say how many documents go with so many messages."""
    return min(messages // MESSAGES_A_DOCUMENT, MOST)


def fill(
    session: Session, busy: Iterable[BusyDay], organizations: Sequence[int], people: int, *, seed: int, now: datetime
) -> None:
    """Make a document for each moment, in the session's transaction.

    Args:
        session: a writing session; see services.database.engine.
        busy: when documents are exchanged.
        organizations: ids.
        people: how many patients there are; they are the recipients of the messages of the same seed.
        seed: the same one with the same other arguments gives the same documents.
        now: nothing happens after this moment (aware).
    """
    kinds = reference_data.ids(session, KIND, texts.DEMO_DOCUMENT_KINDS)
    made = _made(busy, organizations, [kinds[name] for name in texts.DEMO_DOCUMENT_KINDS], people, seed, now)
    while batch := list(islice(made, BATCH)):
        session.connection().execute(insert(DOCUMENT), [document for document, _ in batch])
        session.connection().execute(insert(STEP), [step for _, steps in batch for step in steps])


def snils_of(number: int) -> str:
    """Give the СНИЛС of a person of services.demo.demo_patients by his number."""
    # Stepping by a prime goes once through all numbers before one comes again.
    account = snils.LAST_UNCHECKED + 1 + number * 7_368_787 % (10**9 - snils.LAST_UNCHECKED - 1)
    return f'{account:09}{snils.check_digits(f"{account:09}")}'


def _made(
    busy: Iterable[BusyDay], organizations: Sequence[int], kinds: Sequence[int], count: int, seed: int, now: datetime
) -> Iterator[Rows]:
    people = People(Random(seed).getrandbits(64))  # as MessageMaker has them
    random = Random(seed + 1)
    kind_slots = slots(kinds, [1 / (rank + 1) for rank in range(len(kinds))], 256)
    operations = slots(list(OPERATIONS), list(OPERATIONS.values()), 256)
    recent = now - timedelta(hours=HOURS_OF_PROCESSING)
    for each in busy:
        for moment in each.moments:
            person = random.randrange(count)
            name, name_key, initials, *_ = people.person(person)
            taken = datetime.fromtimestamp(moment, UTC)
            answered = min(taken + timedelta(seconds=random.randrange(1, SECONDS_TO_ANSWER)), now)
            document = {
                'id': UUID(int=random.getrandbits(128), version=4),
                'organization_id': random.choice(organizations),
                'patient_name': name,
                'name_key': name_key,
                'initials': initials,
                'snils': None if random.getrandbits(10) < WITHOUT_SNILS_OF_1024 else snils_of(person),
                'kind_id': random.choice(kind_slots),
                'operation': random.choice(operations),
                'doctor': people.person(person % 97 * 101 % DOCTORS).name,
            }
            yield _answered(document, random, taken, answered, waits=taken > recent)


def _answered(document: dict[str, Any], random: Random, taken: datetime, answered: datetime, *, waits: bool) -> Rows:
    """Say what became of a document."""
    dice, code, error, number = random.getrandbits(10), None, None, None
    status, at = DocumentStatus.REGISTERED, answered
    if dice < FAILED_OF_1024:
        status = DocumentStatus.FAILED
        code, error = random.choice(texts.DEMO_DOCUMENT_ERRORS)
    elif waits and dice < FAILED_OF_1024 + PROCESSING_OF_1024:
        status, at = DocumentStatus.PROCESSING, taken
    else:
        number = texts.DEMO_REMD_NUMBER.format(year=at.year % 100, month=at.month, number=random.randrange(10**9))
    told: list[tuple[datetime, DocumentStatus, str | None]] = [(taken, DocumentStatus.PROCESSING, None)]
    if status is not DocumentStatus.PROCESSING:
        told.append((answered, status, error))
    steps = [
        {'document_id': document['id'], 'at': moment, 'status': each, 'words': words} for moment, each, words in told
    ]
    return {
        **document,
        'at': at,
        'status': status,
        'remd_number': number,
        'error_code': code,
        'error_text': error,
    }, steps
