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
from services.demo.demo_patients import DemoPatients, weighted_table
from services.demo.demo_timestamps import BusyDay
from services.documents import snils
from services.lists import reference_data

DOCUMENT_TABLE = SQLModel.metadata.tables['document']
DOCUMENT_KIND_TABLE = SQLModel.metadata.tables['document_kind']
DOCUMENT_STEP_TABLE = SQLModel.metadata.tables['document_step']

MESSAGES_PER_DOCUMENT = 4
MAX_DOCUMENTS = 100_000
OPERATION_WEIGHTS = {
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
BATCH_SIZE = 5_000

DocumentRows = tuple[dict[str, Any], list[dict[str, Any]]]
"""A document, and its steps."""


def count_for(messages: int) -> int:
    """Say how many documents go with so many messages."""
    return min(messages // MESSAGES_PER_DOCUMENT, MAX_DOCUMENTS)


def fill_documents(
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
    kinds = reference_data.get_or_create_ids(session, DOCUMENT_KIND_TABLE, texts.DEMO_DOCUMENT_KINDS)
    generated = _generate_documents(
        busy, organizations, [kinds[name] for name in texts.DEMO_DOCUMENT_KINDS], people, seed, now
    )
    while batch := list(islice(generated, BATCH_SIZE)):
        session.connection().execute(insert(DOCUMENT_TABLE), [document for document, _ in batch])
        session.connection().execute(insert(DOCUMENT_STEP_TABLE), [step for _, steps in batch for step in steps])


def snils_for(number: int) -> str:
    """Give the СНИЛС of a person of services.demo.demo_patients by his number."""
    # Stepping by a prime goes once through all numbers before one comes again.
    account = snils.LAST_WITHOUT_CHECK_DIGITS + 1 + number * 7_368_787 % (10**9 - snils.LAST_WITHOUT_CHECK_DIGITS - 1)
    return f'{account:09}{snils.check_digits(f"{account:09}")}'


def _generate_documents(
    busy: Iterable[BusyDay], organizations: Sequence[int], kinds: Sequence[int], count: int, seed: int, now: datetime
) -> Iterator[DocumentRows]:
    people = DemoPatients(Random(seed).getrandbits(64))  # as MessageMaker has them
    random = Random(seed + 1)
    kind_slots = weighted_table(kinds, [1 / (rank + 1) for rank in range(len(kinds))], 256)
    operations = weighted_table(list(OPERATION_WEIGHTS), list(OPERATION_WEIGHTS.values()), 256)
    recent = now - timedelta(hours=HOURS_OF_PROCESSING)
    for each in busy:
        for moment in each.moments:
            person = random.randrange(count)
            name, name_key, initials, *_ = people.patient(person)
            submitted_at = datetime.fromtimestamp(moment, UTC)
            answered_at = min(submitted_at + timedelta(seconds=random.randrange(1, SECONDS_TO_ANSWER)), now)
            document = {
                'id': UUID(int=random.getrandbits(128), version=4),
                'organization_id': random.choice(organizations),
                'patient_name': name,
                'name_key': name_key,
                'initials': initials,
                'snils': None if random.getrandbits(10) < WITHOUT_SNILS_OF_1024 else snils_for(person),
                'kind_id': random.choice(kind_slots),
                'operation': random.choice(operations),
                'doctor': people.patient(person % 97 * 101 % DOCTORS).name,
            }
            yield _with_outcome(document, random, submitted_at, answered_at, may_wait=submitted_at > recent)


def _with_outcome(
    document: dict[str, Any], random: Random, submitted_at: datetime, answered_at: datetime, *, may_wait: bool
) -> DocumentRows:
    """Say what became of a document."""
    dice, code, error, number = random.getrandbits(10), None, None, None
    status, at = DocumentStatus.REGISTERED, answered_at
    if dice < FAILED_OF_1024:
        status = DocumentStatus.FAILED
        code, error = random.choice(texts.DEMO_DOCUMENT_ERRORS)
    elif may_wait and dice < FAILED_OF_1024 + PROCESSING_OF_1024:
        status, at = DocumentStatus.PROCESSING, submitted_at
    else:
        number = texts.DEMO_REMD_NUMBER.format(year=at.year % 100, month=at.month, number=random.randrange(10**9))
    events: list[tuple[datetime, DocumentStatus, str | None]] = [(submitted_at, DocumentStatus.PROCESSING, None)]
    if status is not DocumentStatus.PROCESSING:
        events.append((answered_at, status, error))
    steps = [
        {'document_id': document['id'], 'at': moment, 'status': each, 'words': words} for moment, each, words in events
    ]
    return {
        **document,
        'at': at,
        'status': status,
        'remd_number': number,
        'error_code': code,
        'error_text': error,
    }, steps
