"""Endpoints for documents of «Журнал ИЭМК»: submit documents, read one."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, Field, WithJsonSchema

from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    Report,
    SenderDependency,
    describe_refusals,
    not_found_problem,
    one_or_many_schema,
    only_own_items,
    process_batch,
    request_body_schema,
)
from journal_ui.api.ingest.refusals import describe_document_refusal
from journal_ui.api.problem_details import error_responses
from journal_ui.api.read_audit import AuditedReader, ReaderDependency
from journal_ui.api.schemas import (
    TIME_DESCRIPTION,
    InvalidItemError,
    Result,
    StrictModel,
    TimeText,
    UuidText,
    parse_datetime,
    validate_model,
)
from journal_ui.security.client_ip import client_ip
from models import DocumentOperation, DocumentStatus
from services import texts
from services.composition import Services
from services.documents.document_ingest import SubmittedDocument
from services.documents.document_parsing import DocumentField, parse_document_fields
from services.documents.document_service import DocumentDetails
from services.ingest.message_ingest import Sender
from services.ingest.validation import InvalidValueError

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
DocumentStatusText = Annotated[str, WithJsonSchema({'type': 'string', 'enum': list(STATUSES)})]
OperationText = Annotated[str, WithJsonSchema({'type': 'string', 'enum': list(OPERATIONS)})]


class DocumentIn(StrictModel):
    """A document with its status at a point in time."""

    id: UuidText = Field(description='A UUID chosen by the sender; a repeated document changes nothing')
    at: TimeText = Field(description=f'Time of this status; the most recent status wins. {TIME_DESCRIPTION}')
    organization: str = Field(description='Name of the medical organisation; an unknown name is added')
    patient_name: str = Field(description='Full name of the patient', examples=['Королёв Иван Петрович'])
    snils: str | None = Field(None, description='СНИЛС with check digits, in any notation', examples=['112-233-445 95'])
    kind: str = Field(description='Kind of document; an unknown kind is added', examples=['Протокол консультации'])
    operation: OperationText = Field(description=f'{", ".join(OPERATIONS)}; the Russian name is accepted, too')
    status: DocumentStatusText = Field(description=f'{", ".join(STATUSES)}; the Russian name is accepted, too')
    remd_number: str | None = Field(None, description='Registration number in РЭМД')
    doctor: str | None = Field(None, description='Full name of the doctor who signed it')
    error_code: str | None = Field(None, description='Only if the status is failed')
    error_text: str | None = Field(None, description='Description of the error')
    replace: bool = Field(
        False,
        description='Whether to replace the patient of the stored document with the same id; without it, a document of '
        'another patient is refused as a conflict',
    )


class StepOut(BaseModel):
    """A status event of a document."""

    at: datetime
    status: StatusName
    words: str | None


class DocumentOut(BaseModel):
    """A document with its status events."""

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


def install(api: FastAPI, services: Services, authenticate: SenderDependency, find_reader: ReaderDependency) -> None:
    """Add the routes of documents; `authenticate` returns the sender of a request, `find_reader` who reads."""
    router = APIRouter(tags=['documents'])
    CurrentSender = Annotated[Sender, Depends(authenticate)]
    CurrentReader = Annotated[AuditedReader, Depends(find_reader)]

    @router.post(
        '/documents',
        summary='Submit one document, or up to a thousand',
        response_model=Result | list[Result],
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.CONFLICT),
        openapi_extra=request_body_schema(one_or_many_schema(DocumentIn)),
    )
    async def submit_documents(request: Request, sender: CurrentSender) -> Any:
        """Each document of a list gets its own result, in their order. A repeated document changes nothing."""

        parse = partial(parse_document, address=client_ip(request))

        async def record(documents: Sequence[SubmittedDocument]) -> list[Report]:
            outcomes = await services.ingest.add_documents(documents, sender)
            return describe_refusals(documents, outcomes, describe_document_refusal)

        return await process_batch(request, sender, only_own_items(sender, parse), record)

    @router.get(
        '/documents/{id}',
        summary='Read a document with its status events',
        response_model=DocumentOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def get_document(id: UUID, reader: CurrentReader) -> DocumentOut:
        """A token of organisations can read only their documents."""
        details = await reader.services.documents.details(id)
        if details is None:
            raise not_found_problem('no_such_document')
        await reader.record_row(texts.DOCUMENTS_TITLE, id)
        return _document_out(details)

    api.include_router(router)


def parse_document(value: object, address: str) -> SubmittedDocument:
    """Parse a document from JSON; `address` is the IP address of the program that submits it.

    Raises:
        InvalidItemError: the document is invalid.
    """
    body = validate_model(DocumentIn, value)
    values = {field: getattr(body, field) or '' for field in DocumentField}
    if operation := OPERATIONS.get(body.operation):
        values[DocumentField.OPERATION] = texts.DOCUMENT_OPERATIONS[operation]
    if status := STATUSES.get(body.status):
        values[DocumentField.STATUS] = texts.DOCUMENT_STATUSES[status]
    try:
        document = parse_document_fields(values, parse_datetime(body.at, DocumentField.AT))
    except InvalidValueError as error:
        raise InvalidItemError(error.field, error.reason, error.describe()) from None
    return SubmittedDocument(document, body.replace, address)


def _document_out(details: DocumentDetails) -> DocumentOut:
    fields = vars(details.document)
    steps = [{**step._asdict(), 'status': STATUS_NAMES[step.status]} for step in details.history]
    names = {'operation': OPERATION_NAMES[fields['operation']], 'status': STATUS_NAMES[fields['status']]}
    return DocumentOut.model_validate({**fields, **names, 'history': steps})
