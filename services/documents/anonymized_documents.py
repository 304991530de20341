"""A document whose patient has been removed: nobody finds it by him, and nobody brings him back.

It has no folded name, which no other document lacks. What was told of why it failed is in free words, and goes too.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, SQLModel

from services import texts
from services.documents.document_parsing import IncomingDocument

DOCUMENT = SQLModel.metadata.tables['document']
STEP = SQLModel.metadata.tables['document_step']
NAME: Final = texts.BLANKED


def is_blanked(document: IncomingDocument) -> bool:
    """Say whether the patient has been removed from a document."""
    return document.patient_name == NAME


def without_patient(document: IncomingDocument) -> IncomingDocument:
    """Give a document as it is kept of one that is blanked already."""
    return replace(document, patient_name=NAME, snils=None, error_text=None)


def count(session: Session, before: datetime) -> int:
    """Count the documents that are older than a moment and not blanked yet."""
    found: int = session.execute(select(func.count()).select_from(DOCUMENT).where(*_old(before))).scalar_one()
    return found


def blank(session: Session, before: datetime, most: int) -> int:
    """Remove the patient from some documents that are older than a moment; give how many, at most `most`."""
    ids = session.execute(select(DOCUMENT.c.id).where(*_old(before)).limit(most)).scalars().all()
    if ids:
        connection = session.connection()
        nobody = {'patient_name': NAME, 'name_key': '', 'initials': '', 'snils': None, 'error_text': None}
        connection.execute(update(DOCUMENT).where(DOCUMENT.c.id.in_(ids)).values(**nobody))
        connection.execute(update(STEP).where(STEP.c.document_id.in_(ids)).values(words=None))
    return len(ids)


def _old(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return DOCUMENT.c.at < before, DOCUMENT.c.name_key != ''
