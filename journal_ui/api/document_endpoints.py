"""Handing documents of «Журнал ИЭМК» over, and looking one up again."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, Field

from journal_ui.api.batch_endpoint import ALWAYS, WITH_BODY, Asking, answer, one_or_many, takes, unknown
from journal_ui.api.problem_details import responses
from journal_ui.api.schemas import TIME, Result, Shape, Wrong, moment, shaped
from models import DocumentOperation, DocumentStatus
from services import texts
from services.composition import Services
from services.documents.document_parsing import DocumentField, IncomingDocument, read_document
from services.documents.document_service import OpenedDocument
from services.ingest.message_ingest import Teller
from services.ingest.validation import Refused

STATUSES = {
    'processing': DocumentStatus.PROCESSING,
    'registered': DocumentStatus.REGISTERED,
    'failed': DocumentStatus.FAILED,
}
OPERATIONS = {
    'registration': DocumentOperation.REGISTRATION,
    'change': DocumentOperation.CHANGE,
    'annulment': DocumentOperation.ANNULMENT,
    'request': DocumentOperation.REQUEST,
}
STATUS_NAMES = {status: name for name, status in STATUSES.items()}
OPERATION_NAMES = {operation: name for name, operation in OPERATIONS.items()}
StatusName = Literal['processing', 'registered', 'failed']
OperationName = Literal['registration', 'change', 'annulment', 'request']


class DocumentIn(Shape):
    """A document as it stood at a moment."""

    id: str = Field(description='A UUID of the sender’s own: the same document again changes nothing')
    at: str = Field(description=f'When it came to stand so: the newest that is told decides. {TIME}')
    organization: str = Field(description='Its name; an unknown one joins the dictionary')
    patient_name: str = Field(description='Whose document it is', examples=['Королёв Иван Петрович'])
    snils: str | None = Field(None, description='With its check digits, in any notation', examples=['112-233-445 95'])
    kind: str = Field(description='In words; an unknown one joins the dictionary', examples=['Протокол консультации'])
    operation: str = Field(description=f'{", ".join(OPERATIONS)}; or the Russian word')
    status: str = Field(description=f'{", ".join(STATUSES)}; or the Russian word')
    remd_number: str | None = Field(None, description='Its number in РЭМД')
    doctor: str | None = Field(None, description='Who signed it')
    error_code: str | None = Field(None, description='Of a failed document, and of no other')
    error_text: str | None = Field(None, description='The error in words')


class StepOut(BaseModel):
    """Something that was told of a document."""

    at: datetime
    status: StatusName
    words: str | None


class DocumentOut(BaseModel):
    """A document with all that was told of it."""

    id: UUID
    at: datetime
    organization: str
    patient_name: str
    snils: str | None = Field(description='Eleven digits')
    kind: str
    operation: OperationName
    status: StatusName
    remd_number: str | None
    doctor: str | None
    error_code: str | None
    error_text: str | None
    history: list[StepOut]


def install(api: FastAPI, services: Services, teller: Asking) -> None:
    """Make the addresses of documents; `teller` says who asks."""
    router = APIRouter(tags=['documents'])
    who = Annotated[Teller, Depends(teller)]

    @router.post(
        '/documents',
        summary='Hand over one document, or up to a thousand',
        response_model=Result | list[Result],
        responses=responses(*ALWAYS, *WITH_BODY),
        openapi_extra=takes(one_or_many(DocumentIn)),
    )
    async def hand_over(request: Request, by: who) -> Any:
        """Each of several is answered for itself, in their order; a repeat changes nothing."""
        return await answer(request, by, read, IncomingDocument, services.intake.documents)

    @router.get(
        '/documents/{id}',
        summary='Look a document up, with all that was told of it',
        response_model=DocumentOut,
        responses=responses(*ALWAYS, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def look_up(id: UUID, by: who) -> DocumentOut:
        """A token of one organisation sees the documents of that alone."""
        opened = await services.exchange.details(id)
        if opened is None or by.only not in (None, opened.document.organization):
            raise unknown('no_such_document')
        return _shown(opened)

    api.include_router(router)


def read(value: object) -> IncomingDocument:
    """Read a document.

    Raises:
        Wrong: it cannot be taken.
    """
    told = shaped(DocumentIn, value)
    values = {field: getattr(told, field) or '' for field in DocumentField}
    if operation := OPERATIONS.get(told.operation):
        values[DocumentField.OPERATION] = texts.DOCUMENT_OPERATIONS[operation]
    if status := STATUSES.get(told.status):
        values[DocumentField.STATUS] = texts.DOCUMENT_STATUSES[status]
    try:
        return read_document(values, moment(told.at, DocumentField.AT))
    except Refused as refused:
        raise Wrong(refused.field, refused.reason, refused.sentence()) from None


def _shown(opened: OpenedDocument) -> DocumentOut:
    told = vars(opened.document)
    steps = [{**step._asdict(), 'status': STATUS_NAMES[step.status]} for step in opened.steps]
    names = {'operation': OPERATION_NAMES[told['operation']], 'status': STATUS_NAMES[told['status']]}
    return DocumentOut.model_validate({**told, **names, 'history': steps})
