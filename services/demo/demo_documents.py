"""Generate the documents of a demonstration: for the same patients as its messages, but fewer."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from models import DocumentOperation, DocumentStatus
from services import texts
from services.database.tables import DOCUMENT_KIND_TABLE, DOCUMENT_STEP_TABLE, DOCUMENT_TABLE
from services.demo.demo_patients import DemoPatients, weighted_table
from services.demo.demo_timestamps import BusyDay
from services.documents import snils
from services.lists import reference_data

MESSAGES_PER_DOCUMENT = 4
MAX_DOCUMENTS = 100_000
OPERATION_WEIGHTS = {
    DocumentOperation.REGISTRATION: 80,
    DocumentOperation.CHANGE: 12,
    DocumentOperation.REQUEST: 6,
    DocumentOperation.ANNULMENT: 2,
}
"""The percentage of documents with each operation."""
FAILED_OF_1024 = 72
PROCESSING_OF_1024 = 400
"""The share among the documents of the last HOURS_OF_PROCESSING hours."""
HOURS_OF_PROCESSING = 12
WITHOUT_SNILS_OF_1024 = 30
DOCTORS = 2000
SECONDS_TO_ANSWER = 1024
BATCH_SIZE = 5_000

DocumentRows = tuple[dict[str, Any], list[dict[str, Any]]]
"""The row of a document and the rows of its steps."""


def count_for(messages: int) -> int:
    """Return the number of documents for a number of messages."""
    return min(messages // MESSAGES_PER_DOCUMENT, MAX_DOCUMENTS)


def fill_documents(
    session: Session,
    busy_days: Iterable[BusyDay],
    organizations: Sequence[int],
    patient_count: int,
    *,
    seed: int,
    now: datetime,
) -> None:
    """Insert a document for each moment, in the session's transaction.

    Args:
        session: a write session; see services.database.engine.
        busy_days: the days and moments at which documents are submitted.
        organizations: the ids of the organizations.
        patient_count: the number of patients; they are the recipients of the messages with the same seed.
        seed: the seed of the random numbers; equal arguments produce equal documents.
        now: the latest time of any event (timezone-aware).
    """
    kinds = reference_data.get_or_create_ids(session, DOCUMENT_KIND_TABLE, texts.DEMO_DOCUMENT_KINDS)
    generated = _generate_documents(
        busy_days, organizations, [kinds[name] for name in texts.DEMO_DOCUMENT_KINDS], patient_count, seed, now
    )
    while batch := list(islice(generated, BATCH_SIZE)):
        session.connection().execute(insert(DOCUMENT_TABLE), [document for document, _ in batch])
        session.connection().execute(insert(DOCUMENT_STEP_TABLE), [step for _, steps in batch for step in steps])


def snils_for(number: int) -> str:
    """Return the СНИЛС of the patient with this number; see services.demo.demo_patients."""
    # Multiples of a prime modulo the range visit every number before one repeats.
    account = snils.LAST_WITHOUT_CHECK_DIGITS + 1 + number * 7_368_787 % (10**9 - snils.LAST_WITHOUT_CHECK_DIGITS - 1)
    return f'{account:09}{snils.check_digits(f"{account:09}")}'


def _generate_documents(
    busy_days: Iterable[BusyDay],
    organizations: Sequence[int],
    kinds: Sequence[int],
    count: int,
    seed: int,
    now: datetime,
) -> Iterator[DocumentRows]:
    patients = DemoPatients(Random(seed).getrandbits(64))  # the same patients as in MessageGenerator
    random = Random(seed + 1)
    kind_slots = weighted_table(kinds, [1 / (rank + 1) for rank in range(len(kinds))], 256)
    operations = weighted_table(list(OPERATION_WEIGHTS), list(OPERATION_WEIGHTS.values()), 256)
    recent = now - timedelta(hours=HOURS_OF_PROCESSING)
    for busy_day in busy_days:
        for moment in busy_day.moments:
            patient_number = random.randrange(count)
            name, name_key, initials, *_ = patients.patient(patient_number)
            submitted_at = datetime.fromtimestamp(moment, UTC)
            answered_at = min(submitted_at + timedelta(seconds=random.randrange(1, SECONDS_TO_ANSWER)), now)
            document = {
                'id': UUID(int=random.getrandbits(128), version=4),
                'organization_id': random.choice(organizations),
                'patient_name': name,
                'name_key': name_key,
                'initials': initials,
                'snils': None if random.getrandbits(10) < WITHOUT_SNILS_OF_1024 else snils_for(patient_number),
                'kind_id': random.choice(kind_slots),
                'operation': random.choice(operations),
                'doctor': patients.patient(patient_number % 97 * 101 % DOCTORS).name,
            }
            yield _with_outcome(document, random, submitted_at, answered_at, may_wait=submitted_at > recent)


def _with_outcome(
    document: dict[str, Any], random: Random, submitted_at: datetime, answered_at: datetime, *, may_wait: bool
) -> DocumentRows:
    """Add a random outcome and the steps to a document."""
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
        {'document_id': document['id'], 'at': moment, 'status': step_status, 'words': words}
        for moment, step_status, words in events
    ]
    return {
        **document,
        'at': at,
        'status': status,
        'remd_number': number,
        'error_code': code,
        'error_text': error,
    }, steps
