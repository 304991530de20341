"""A medical document on its way between an organisation and the regional card, as «Журнал ИЭМК» has it (spec S3)."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, FOLDED, Enumerated, UtcTime, UuidKey


class DocumentOperation(IntEnum):
    """«Операция», numbered in the order of the Russian words, so that both sort alike."""

    ANNULMENT = 1
    REQUEST = 2
    CHANGE = 3
    REGISTRATION = 4


class DocumentStatus(IntEnum):
    """«Статус», numbered in the order of the Russian words, so that both sort alike."""

    PROCESSING = 1
    REGISTERED = 2
    FAILED = 3


class DocumentKind(SQLModel, table=True):
    """An entry of the dictionary behind «Вид документа»; it grows by what comes in."""

    __tablename__ = 'document_kind'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(FOLDED, nullable=False))
    """The name folded for sorting and for finding as one types."""


class Document(SQLModel, table=True):
    """One row of the journal with what opens under it."""

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    """The order of arrival."""
    id: UUID = Field(sa_column=Column(UuidKey(), nullable=False, unique=True))
    """«Идентификатор», given by whoever hands the document over."""
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """«Дата и время» of the newest that was told of it."""
    organization_id: int = Field(sa_column=Column(Integer, ForeignKey('organization.id'), nullable=False))
    patient_name: str = Field(sa_column=Column(String, nullable=False))
    name_key: str = Field(sa_column=Column(FOLDED, nullable=False))
    """The name's words, folded by services.names and parted by single blanks."""
    initials: str = Field(sa_column=Column(FOLDED, nullable=False))
    """First letters of the given name and the patronymic, folded: «ип»."""
    snils: str | None = Field(sa_column=Column(FOLDED))
    """Eleven digits, whole."""
    kind_id: int = Field(sa_column=Column(Integer, ForeignKey('document_kind.id'), nullable=False))
    operation: DocumentOperation = Field(sa_column=Column(Enumerated(DocumentOperation), nullable=False))
    status: DocumentStatus = Field(sa_column=Column(Enumerated(DocumentStatus), nullable=False))
    remd_number: str | None = Field(sa_column=Column(String))
    """Its number in РЭМД, the federal register of such documents."""
    doctor: str | None = Field(sa_column=Column(String))
    error_code: str | None = Field(sa_column=Column(String))
    error_text: str | None = Field(sa_column=Column(String))


class DocumentStep(SQLModel, table=True):
    """Something that was told of a document: its status from a moment on."""

    __tablename__ = 'document_step'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    document_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    status: DocumentStatus = Field(sa_column=Column(Enumerated(DocumentStatus), nullable=False))
    words: str | None = Field(sa_column=Column(String))
    """What else was said: why it failed."""
