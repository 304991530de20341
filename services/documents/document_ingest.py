"""Documents coming in, whatever the way: each is recorded once; the newest that was told of it decides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from models import DocumentStatus
from services.documents import anonymized_documents
from services.documents.document_parsing import OPTIONAL, DocumentField, IncomingDocument, as_told, read_row
from services.documents.document_service import Step
from services.documents.document_statements import DOCUMENT, KIND, STEP, STORED
from services.ingest.csv_import.file_import import Format
from services.ingest.ingest_batch import LOCK
from services.ingest.message_ingest import Outcome, Teller
from services.ingest.message_merge import finer
from services.ingest.row_mapping import organization_ids
from services.ingest.status_history import MINUTE
from services.lists import reference_data
from services.names import fold, initials

UPDATE = update(DOCUMENT).where(DOCUMENT.c.id == bindparam('old_id'))


def record(session: Session, documents: Sequence[IncomingDocument]) -> list[Outcome]:
    """Record the documents of a file; see `hand_over`."""
    return hand_over(session, [(document, None) for document in documents])


def hand_over(session: Session, handed: Sequence[tuple[IncomingDocument, Teller | None]]) -> list[Outcome]:
    """Record documents in the session's transaction; say of each, in their order, what became of it.

    The same document again changes nothing, so a batch may be repeated after a lost answer. Whatever the order in which
    it is told, the newest decides, and each status stands in the document's history once.

    Args:
        session: a writing session; see services.database.engine.
        handed: at most some thousands, each with whoever hands it over; None for a file.
    """
    if not handed:
        return []
    session.execute(LOCK)  # writers take turns, so that what is looked up stays true
    batch = _Batch(session, {document.id for document, _ in handed})
    outcomes = [batch.take(document, teller) for document, teller in handed]
    batch.write()
    return outcomes


class _Batch:
    """What one transaction does."""

    def __init__(self, session: Session, ids: Collection[UUID]) -> None:
        self._session = session
        self._known = {row.id: as_told(row) for row in session.execute(STORED.where(DOCUMENT.c.id.in_(ids)))}
        self._stored = set(self._known)
        self._steps: dict[UUID, list[Step]] = defaultdict(list)
        for row in session.execute(select(STEP).where(STEP.c.document_id.in_(ids))):
            self._steps[row.document_id].append(Step(row.at, row.status, row.words))
        self._changed: dict[UUID, IncomingDocument] = {}
        self._told: list[dict[str, Any]] = []

    def take(self, document: IncomingDocument, teller: Teller | None) -> Outcome:
        """Take a document in."""
        old = self._known.get(document.id)
        if old and teller and teller.only not in (None, old.organization):
            return Outcome.FOREIGN
        if old and anonymized_documents.is_blanked(old):
            document = anonymized_documents.without_patient(document)
        document = replace(document, at=finer(old.at if old else None, document.at) or document.at)
        step = Step(document.at, document.status, document.error_text or document.error_code)
        told_before = any(_repeats(step, other) for other in self._steps[document.id])
        if not told_before:
            self._steps[document.id].append(step)
            self._told.append({'document_id': document.id, **step._asdict()})
        new = _moved_on(old, document, told_before=told_before) if old else document
        if new == old:
            return Outcome.UNCHANGED if told_before else Outcome.UPDATED
        self._known[document.id] = self._changed[document.id] = new
        return Outcome.UPDATED if old else Outcome.CREATED

    def write(self) -> None:
        """Write what has changed."""
        connection = self._session.connection()
        rows = values(self._session, self._changed.values())
        if created := [row for row in rows if row['id'] not in self._stored]:
            connection.execute(insert(DOCUMENT), created)
        if updated := [{**row, 'old_id': row['id']} for row in rows if row['id'] in self._stored]:
            connection.execute(UPDATE, updated)
        if self._told:
            connection.execute(insert(STEP), self._told)


def values(session: Session, documents: Iterable[IncomingDocument]) -> list[dict[str, Any]]:
    """Give the columns of documents; what their dictionaries do not have yet joins them."""
    documents = list(documents)
    organizations = organization_ids(session, {document.organization for document in documents})
    kinds = reference_data.ids(session, KIND, {document.kind for document in documents})
    rows = []
    for document in documents:
        row, key = asdict(document), '' if anonymized_documents.is_blanked(document) else fold(document.patient_name)
        row['organization_id'], row['kind_id'] = organizations[row.pop('organization')], kinds[row.pop('kind')]
        rows.append({**row, 'name_key': key, 'initials': initials(key)})
    return rows


def _repeats(step: Step, other: Step) -> bool:
    """Say whether it is the same step, told again: by another perhaps, who says times to the minute."""
    apart = abs((step.at - other.at).total_seconds())
    same_time = apart == 0 or (apart < MINUTE and 0 in (step.at.second, other.at.second))
    return same_time and step.status == other.status and step.words in (None, other.words)


def _moved_on(old: IncomingDocument, new: IncomingDocument, *, told_before: bool) -> IncomingDocument:
    """Give what is known of a document after `new` came in; what the newer does not know is taken from the older."""
    other_status = new.status != old.status
    # At one moment the end of processing comes after it, and what was told first does not come back.
    undone = other_status and new.at == old.at and (told_before or new.status == DocumentStatus.PROCESSING)
    newer, older = (old, new) if new.at < old.at or undone else (new, old)
    return replace(
        newer,
        snils=newer.snils or older.snils,
        remd_number=newer.remd_number or older.remd_number,
        doctor=newer.doctor or older.doctor,
        error_code=newer.error_code or (None if other_status else older.error_code),
        error_text=newer.error_text or (None if other_status else older.error_text),
    )


DOCUMENTS = Format(DocumentField, OPTIONAL, read_row, lambda session, documents, *_: record(session, documents))
"""The documents of a CSV file."""
