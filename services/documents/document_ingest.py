"""Ingest of documents from every source: each document is recorded once, and its most recent status wins."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from models import DocumentStatus
from services import texts
from services.accounts.api_corrections import program_actor, record_corrections
from services.audit.hash_chain import Actor
from services.database.tables import DOCUMENT_KIND_TABLE, DOCUMENT_STEP_TABLE, DOCUMENT_TABLE, ORGANIZATION_TABLE
from services.dictionaries.entry_resolution import EntryResolver
from services.documents import anonymized_documents
from services.documents.document_parsing import (
    OPTIONAL_COLUMNS,
    DocumentField,
    IncomingDocument,
    document_from_row,
    parse_document_row,
)
from services.documents.document_service import DocumentStatusEvent
from services.documents.document_statements import STORED_DOCUMENTS
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.ingest_batch import WRITER_LOCK
from services.ingest.message_ingest import IngestOutcome, Sender
from services.ingest.message_merge import more_precise
from services.ingest.status_history import SECONDS_PER_MINUTE
from services.ingest.table_files.spreadsheet_losses import restore_attributes
from services.lists import reference_data
from services.names import fold_name, initials

TEXTS_OF_FILES = ('patient_name', 'remd_number', 'doctor', 'error_code', 'error_text')
"""Attributes of a document that a spreadsheet may impoverish, besides its time."""
UPDATE_DOCUMENT = update(DOCUMENT_TABLE).where(DOCUMENT_TABLE.c.id == bindparam('old_id'))


@dataclass(frozen=True)
class SubmittedDocument:
    """A document as a program submits it."""

    document: IncomingDocument
    replaces: bool = False
    """Whether it may replace the patient of the stored document with its id."""
    address: str = ''
    """The IP address of the program, for the audit log."""

    @property
    def organization(self) -> str:
        """The name of the organisation whose document it is."""
        return self.document.organization


def ingest_imported_documents(session: Session, documents: Sequence[IncomingDocument]) -> list[IngestOutcome]:
    """Record the documents of a file, which may replace anything; see `ingest_documents`."""
    return ingest_documents(session, [(SubmittedDocument(document), None) for document in documents])


def ingest_documents(
    session: Session,
    documents: Sequence[tuple[SubmittedDocument, Sender | None]],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[IngestOutcome]:
    """Record documents in the session's transaction; return the outcome of each, in their order.

    A repeated document changes nothing, so a batch may be repeated if its response was lost. Documents may be out of
    order; the most recent status wins, and the document's history has each status once.

    Args:
        session: a writing session; see services.database.engine.
        documents: at most some thousands, each with its sender; None for a file.
        now: returns the current time (aware), for the audit log.
    """
    if not documents:
        return []
    session.execute(WRITER_LOCK)  # no other writer may change what is read from here on
    batch = _DocumentBatch(session, [submitted.document for submitted, _ in documents])
    outcomes = [batch.apply_submitted(submitted, sender) for submitted, sender in documents]
    batch.write()
    what = texts.ACCESS_PATIENT_CORRECTED
    record_corrections(session, batch.corrected, now(), section=texts.DOCUMENTS_TITLE, what=what)
    return outcomes


class _DocumentBatch:
    """The work of one transaction."""

    def __init__(self, session: Session, incoming: Sequence[IncomingDocument]) -> None:
        ids = {document.id for document in incoming}
        self._session = session
        self._organizations = EntryResolver(
            session, ORGANIZATION_TABLE, (document.organization for document in incoming)
        )
        self._current: dict[UUID, IncomingDocument] = {}
        for row in session.execute(STORED_DOCUMENTS.where(DOCUMENT_TABLE.c.id.in_(ids))):
            self._current[row.id] = document_from_row(row)
            self._organizations.add_stored(row.id, row.organization_id, row.organization)
        self._stored_ids = set(self._current)
        self._events: dict[UUID, list[DocumentStatusEvent]] = defaultdict(list)
        for row in session.execute(select(DOCUMENT_STEP_TABLE).where(DOCUMENT_STEP_TABLE.c.document_id.in_(ids))):
            self._events[row.document_id].append(DocumentStatusEvent(row.at, row.status, row.words))
        self._changed_documents: dict[UUID, IncomingDocument] = {}
        self._new_events: list[dict[str, Any]] = []
        self.corrected: dict[Actor, set[UUID]] = defaultdict(set)
        """The documents whose patient a program has replaced."""

    def apply_submitted(self, submitted: SubmittedDocument, sender: Sender | None) -> IngestOutcome:
        """Apply a document, unless the stored one belongs to another organisation or patient."""
        document = submitted.document
        old = self._current.get(document.id)
        if old is None or sender is None:
            return self._apply_document(document, sender)
        if not sender.may_act_for(old.organization):
            return IngestOutcome.OTHER_ORGANIZATION
        is_replaced = _has_another_patient(old, document)
        if is_replaced and not submitted.replaces:
            return IngestOutcome.OTHER_RECIPIENT
        outcome = self._apply_document(document, sender)
        if is_replaced and outcome is IngestOutcome.UPDATED:
            self.corrected[program_actor(sender.name, submitted.address)].add(document.id)
        return outcome

    def _apply_document(self, document: IncomingDocument, sender: Sender | None) -> IngestOutcome:
        old = self._current.get(document.id)
        organization = self._organizations.current_name(document.id, document.organization)
        document = replace(document, organization=organization)
        if old and anonymized_documents.is_anonymized(old):
            document = anonymized_documents.anonymize_document(document)
        if old and sender is None:
            document = restore_attributes(old, document, TEXTS_OF_FILES)
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
        """Write all changes."""
        connection = self._session.connection()
        rows = self._rows()
        if created := [row for row in rows if row['id'] not in self._stored_ids]:
            connection.execute(insert(DOCUMENT_TABLE), created)
        if updated := [{**row, 'old_id': row['id']} for row in rows if row['id'] in self._stored_ids]:
            connection.execute(UPDATE_DOCUMENT, updated)
        if self._new_events:
            connection.execute(insert(DOCUMENT_STEP_TABLE), self._new_events)

    def _rows(self) -> list[dict[str, Any]]:
        """Return the values of the changed documents by column; unknown organisations and kinds are inserted."""
        changed = self._changed_documents
        organization_ids = self._organizations.get_or_create_row_ids(
            {id: document.organization for id, document in changed.items()}
        )
        kind_ids = reference_data.get_or_create_ids(
            self._session, DOCUMENT_KIND_TABLE, {document.kind for document in changed.values()}
        )
        rows = []
        for id, document in changed.items():
            row = asdict(document)
            del row['organization']
            row['organization_id'] = organization_ids[id]
            row['kind_id'] = kind_ids[row.pop('kind')]
            row['name_key'] = '' if anonymized_documents.is_anonymized(document) else fold_name(document.patient_name)
            row['initials'] = initials(row['name_key'])
            rows.append(row)
        return rows


def _has_another_patient(old: IncomingDocument, new: IncomingDocument) -> bool:
    """Return whether two documents are those of different patients: by their СНИЛС if both are known, else by name.

    Whether an anonymized document had another patient cannot be known.
    """
    if anonymized_documents.is_anonymized(old):
        return False
    if old.snils and new.snils:
        return old.snils != new.snils
    return fold_name(old.patient_name) != fold_name(new.patient_name)


def _is_duplicate(event: DocumentStatusEvent, other: DocumentStatusEvent) -> bool:
    """Return whether both report the same status event; one of them may have its time without seconds."""
    difference = abs((event.at - other.at).total_seconds())
    same_time = difference == 0 or (difference < SECONDS_PER_MINUTE and 0 in (event.at.second, other.at.second))
    return same_time and event.status == other.status and event.words in (None, other.words)


def _merge_document(old: IncomingDocument, new: IncomingDocument, *, already_recorded: bool) -> IncomingDocument:
    """Merge `new` into `old`: the more recent one wins, and values it does not know are taken from the other."""
    other_status = new.status != old.status
    # At the same time, the end of processing follows its start, and a repeated status does not replace a later one.
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
    section=texts.DOCUMENTS_TITLE,
)
"""A file of documents."""
