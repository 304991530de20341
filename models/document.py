"""Medical documents sent by organisations to the regional health record, shown by «Журнал ИЭМК» (S3)."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, UtcTime, UuidKey


class DocumentOperation(IntEnum):
    """«Операция». Numbered in the alphabetical order of the labels, so that sorting by number sorts by label."""

    ANNULMENT = 1
    REQUEST = 2
    CHANGE = 3
    REGISTRATION = 4


class DocumentStatus(IntEnum):
    """«Статус». Numbered in the alphabetical order of the labels, so that sorting by number sorts by label."""

    PROCESSING = 1
    REGISTERED = 2
    FAILED = 3


class DocumentKind(SQLModel, table=True):
    """A kind of documents, as listed in «Вид документа»; unknown kinds are added when documents arrive."""

    __tablename__ = 'document_kind'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The folded name, used for sorting and autocompletion."""


class Document(SQLModel, table=True):
    """A document: one row of the list, with its details."""

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    """The sequence number of arrival."""
    id: UUID = Field(sa_column=Column(UuidKey(), nullable=False, unique=True))
    """«Идентификатор», assigned by the sending system."""
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """«Дата и время» of the most recent event."""
    organization_id: int = Field(sa_column=Column(Integer, ForeignKey('organization.id'), nullable=False))
    patient_name: str = Field(sa_column=Column(String, nullable=False))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The words of the name, folded by services.names and separated by single spaces."""
    initials: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The first letters of the given name and the patronymic, folded: «ип»."""
    snils: str | None = Field(sa_column=Column(CODE_POINT_TEXT))
    """All eleven digits."""
    kind_id: int = Field(sa_column=Column(Integer, ForeignKey('document_kind.id'), nullable=False))
    operation: DocumentOperation = Field(sa_column=Column(IntEnumType(DocumentOperation), nullable=False))
    status: DocumentStatus = Field(sa_column=Column(IntEnumType(DocumentStatus), nullable=False))
    remd_number: str | None = Field(sa_column=Column(String))
    """The number in РЭМД, the federal register of medical documents."""
    doctor: str | None = Field(sa_column=Column(String))
    error_code: str | None = Field(sa_column=Column(String))
    error_text: str | None = Field(sa_column=Column(String))


class DocumentEvent(SQLModel, table=True):
    """An event in the status history of a document."""

    __tablename__ = 'document_step'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    document_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    status: DocumentStatus = Field(sa_column=Column(IntEnumType(DocumentStatus), nullable=False))
    words: str | None = Field(sa_column=Column(String))
    """The reported comment, such as the reason of a failure."""
