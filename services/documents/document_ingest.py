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
from services.documents.document_parsing import (
    OPTIONAL_COLUMNS,
    DocumentField,
    IncomingDocument,
    document_from_row,
    parse_document_row,
)
from services.documents.document_service import DocumentStatusEvent
from services.documents.document_statements import (
    DOCUMENT_KIND_TABLE,
    DOCUMENT_STEP_TABLE,
    DOCUMENT_TABLE,
    STORED_DOCUMENTS,
)
from services.ingest.csv_import.file_import import ImportFormat
from services.ingest.ingest_batch import WRITER_LOCK
from services.ingest.message_ingest import IngestOutcome, Sender
from services.ingest.message_merge import more_precise
from services.ingest.row_mapping import get_or_create_organization_ids
from services.ingest.status_history import SECONDS_PER_MINUTE
from services.lists import reference_data
from services.names import fold, initials

UPDATE_DOCUMENT = update(DOCUMENT_TABLE).where(DOCUMENT_TABLE.c.id == bindparam('old_id'))


def ingest_imported_documents(session: Session, documents: Sequence[IncomingDocument]) -> list[IngestOutcome]:
    """Record the documents of a file; see `hand_over`."""
    return ingest_documents(session, [(document, None) for document in documents])


def ingest_documents(
    session: Session, documents: Sequence[tuple[IncomingDocument, Sender | None]]
) -> list[IngestOutcome]:
    """Record documents in the session's transaction; say of each, in their order, what became of it.

    The same document again changes nothing, so a batch may be repeated after a lost answer. Whatever the order in which
    it is told, the newest decides, and each status stands in the document's history once.

    Args:
        session: a writing session; see services.database.engine.
        handed: at most some thousands, each with whoever hands it over; None for a file.
    """
    if not documents:
        return []
    session.execute(WRITER_LOCK)  # writers take turns, so that what is looked up stays true
    batch = _DocumentBatch(session, {document.id for document, _ in documents})
    outcomes = [batch.apply_document(document, sender) for document, sender in documents]
    batch.write()
    return outcomes


class _DocumentBatch:
    """What one transaction does."""

    def __init__(self, session: Session, ids: Collection[UUID]) -> None:
        self._session = session
        self._current = {
            row.id: document_from_row(row)
            for row in session.execute(STORED_DOCUMENTS.where(DOCUMENT_TABLE.c.id.in_(ids)))
        }
        self._stored_ids = set(self._current)
        self._events: dict[UUID, list[DocumentStatusEvent]] = defaultdict(list)
        for row in session.execute(select(DOCUMENT_STEP_TABLE).where(DOCUMENT_STEP_TABLE.c.document_id.in_(ids))):
            self._events[row.document_id].append(DocumentStatusEvent(row.at, row.status, row.words))
        self._changed_documents: dict[UUID, IncomingDocument] = {}
        self._new_events: list[dict[str, Any]] = []

    def apply_document(self, document: IncomingDocument, sender: Sender | None) -> IngestOutcome:
        """Take a document in."""
        old = self._current.get(document.id)
        if old and sender and sender.organization not in (None, old.organization):
            return IngestOutcome.OTHER_ORGANIZATION
        if old and anonymized_documents.is_anonymized(old):
            document = anonymized_documents.anonymize_document(document)
        document = replace(document, at=more_precise(old.at if old else None, document.at) or document.at)
        event = DocumentStatusEvent(document.at, document.status, document.error_text or document.error_code)
        already_recorded = any(_is_duplicate(event, other) for other in self._events[document.id])
        if not already_recorded:
            self._events[document.id].append(event)
            self._new_events.append({'document_id': document.id, **event._asdict()})
        new = _merge_document(old, document, already_recorded=already_recorded) if old else document
        if new == old:
            return IngestOutcome.UNCHANGED if already_recorded else IngestOutcome.UPDATED
        self._current[document.id] = self._changed_documents[document.id] = new
        return IngestOutcome.UPDATED if old else IngestOutcome.CREATED

    def write(self) -> None:
        """Write what has changed."""
        connection = self._session.connection()
        rows = document_values(self._session, self._changed_documents.values())
        if created := [row for row in rows if row['id'] not in self._stored_ids]:
            connection.execute(insert(DOCUMENT_TABLE), created)
        if updated := [{**row, 'old_id': row['id']} for row in rows if row['id'] in self._stored_ids]:
            connection.execute(UPDATE_DOCUMENT, updated)
        if self._new_events:
            connection.execute(insert(DOCUMENT_STEP_TABLE), self._new_events)


def document_values(session: Session, documents: Iterable[IncomingDocument]) -> list[dict[str, Any]]:
    """Give the columns of documents; what their dictionaries do not have yet joins them."""
    documents = list(documents)
    organizations = get_or_create_organization_ids(session, {document.organization for document in documents})
    kinds = reference_data.get_or_create_ids(session, DOCUMENT_KIND_TABLE, {document.kind for document in documents})
    rows = []
    for document in documents:
        row, key = asdict(document), '' if anonymized_documents.is_anonymized(document) else fold(document.patient_name)
        row['organization_id'], row['kind_id'] = organizations[row.pop('organization')], kinds[row.pop('kind')]
        rows.append({**row, 'name_key': key, 'initials': initials(key)})
    return rows


def _is_duplicate(event: DocumentStatusEvent, other: DocumentStatusEvent) -> bool:
    """Say whether it is the same step, told again: by another perhaps, who says times to the minute."""
    difference = abs((event.at - other.at).total_seconds())
    same_time = difference == 0 or (difference < SECONDS_PER_MINUTE and 0 in (event.at.second, other.at.second))
    return same_time and event.status == other.status and event.words in (None, other.words)


def _merge_document(old: IncomingDocument, new: IncomingDocument, *, already_recorded: bool) -> IncomingDocument:
    """Give what is known of a document after `new` came in; what the newer does not know is taken from the older."""
    other_status = new.status != old.status
    # At one moment the end of processing comes after it, and what was told first does not come back.
    would_undo = other_status and new.at == old.at and (already_recorded or new.status == DocumentStatus.PROCESSING)
    newer, older = (old, new) if new.at < old.at or would_undo else (new, old)
    return replace(
        newer,
        snils=newer.snils or older.snils,
        remd_number=newer.remd_number or older.remd_number,
        doctor=newer.doctor or older.doctor,
        error_code=newer.error_code or (None if other_status else older.error_code),
        error_text=newer.error_text or (None if other_status else older.error_text),
    )


DOCUMENT_FORMAT = ImportFormat(
    DocumentField,
    OPTIONAL_COLUMNS,
    parse_document_row,
    lambda session, documents, *_: ingest_imported_documents(session, documents),
)
"""The documents of a CSV file."""
