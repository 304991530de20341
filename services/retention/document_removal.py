"""Anonymize documents."""

from functools import partial

from sqlalchemy import ColumnElement
from sqlmodel import Session

from services.documents.anonymized_documents import anonymize_documents, count_identified
from services.retention.removal import BATCH_SIZE, Removal


def document_removal(is_chosen: ColumnElement[bool]) -> Removal:
    """Return the removal of the patients in documents that meet a condition."""

    def anonymize_batch(session: Session) -> int | None:
        return anonymize_documents(session, is_chosen, BATCH_SIZE) or None

    return Removal('documents', partial(count_identified, is_chosen=is_chosen), anonymize_batch)
