"""Anonymized documents: the patient's personal data has been removed, and no later update restores it.

An anonymized document is recognised by its empty folded name; every other document has one. The error's text is free
text and may contain personal data, so it is removed too.
"""

from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session

from services import texts
from services.database.tables import DOCUMENT_STEP_TABLE, DOCUMENT_TABLE
from services.documents.document_parsing import IncomingDocument

ANONYMIZED_NAME: Final = texts.ANONYMIZED
HAS_PERSON: Final = DOCUMENT_TABLE.c.name_key != ''
"""The condition that a document is not anonymized."""


def is_anonymized(document: IncomingDocument) -> bool:
    """Return whether the patient's data has been removed from a document."""
    return document.patient_name == ANONYMIZED_NAME


def anonymize_document(document: IncomingDocument) -> IncomingDocument:
    """Return the document without the patient's data."""
    return replace(document, patient_name=ANONYMIZED_NAME, snils=None, error_text=None)


def count_identified(session: Session, is_chosen: ColumnElement[bool]) -> int:
    """Count the documents that meet a condition and are not anonymized yet."""
    statement = select(func.count()).select_from(DOCUMENT_TABLE).where(is_chosen, HAS_PERSON)
    document_count: int = session.execute(statement).scalar_one()
    return document_count


def anonymize_documents(session: Session, is_chosen: ColumnElement[bool], most: int) -> int:
    """Anonymize at most `most` documents that meet a condition; return their number."""
    ids = session.execute(select(DOCUMENT_TABLE.c.id).where(is_chosen, HAS_PERSON).limit(most)).scalars().all()
    if ids:
        connection = session.connection()
        anonymized_values = {
            'patient_name': ANONYMIZED_NAME,
            'name_key': '',
            'initials': '',
            'snils': None,
            'error_text': None,
        }
        connection.execute(update(DOCUMENT_TABLE).where(DOCUMENT_TABLE.c.id.in_(ids)).values(**anonymized_values))
        connection.execute(
            update(DOCUMENT_STEP_TABLE).where(DOCUMENT_STEP_TABLE.c.document_id.in_(ids)).values(words=None)
        )
    return len(ids)
