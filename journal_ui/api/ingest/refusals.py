"""Why valid items were refused: the errors of the outcomes of messages, status reports and documents."""

from http import HTTPStatus
from typing import Final

from journal_ui.api.schemas import InvalidItemError
from services import texts
from services.documents.document_ingest import SubmittedDocument
from services.documents.document_parsing import DocumentField
from services.ingest.message_ingest import IngestOutcome, StatusUpdate, Submission
from services.ingest.status_history import ProviderReference
from services.ingest.validation import MessageField

ID_TAKEN: Final = 'provider_id_taken'
"""The code of an identifier of a provider that belongs to another message."""

CONFLICT: Final = 'conflict'
"""The code of a message whose id belongs to a message with another recipient or text."""
CONFLICTING_FIELDS: Final = {
    IngestOutcome.OTHER_PHONE: MessageField.PHONE,
    IngestOutcome.OTHER_RECIPIENT: MessageField.RECIPIENT_NAME,
    IngestOutcome.OTHER_TEXT: MessageField.TEXT,
}


def describe_message_refusal(submission: Submission, outcome: IngestOutcome) -> InvalidItemError | None:
    """Return why a message was refused; None if it was accepted."""
    if outcome is IngestOutcome.OTHER_ORGANIZATION:
        return foreign_organization_error()
    if outcome is IngestOutcome.CONFLICT:
        return InvalidItemError('id', ID_TAKEN, texts.ID_TAKEN, HTTPStatus.CONFLICT)
    if field := CONFLICTING_FIELDS.get(outcome):
        detail = texts.API_PROBLEMS[CONFLICT].format(field=field)
        return InvalidItemError(field, CONFLICT, detail, HTTPStatus.CONFLICT)
    if outcome is IngestOutcome.PROVIDER_ID_TAKEN:
        return _provider_id_taken_error(submission.reference)
    return None


def describe_status_refusal(update: StatusUpdate, outcome: IngestOutcome) -> InvalidItemError | None:
    """Return why a status report was refused; None if it was accepted."""
    if outcome is IngestOutcome.CONFLICT:
        return _provider_id_taken_error(update.event.reference)
    if outcome is IngestOutcome.BEFORE_QUEUED:
        detail = texts.REJECTION_REASONS[outcome].format(field='at', value=update.event.at.isoformat())
        return InvalidItemError('at', outcome, detail)
    if outcome is IngestOutcome.NOT_WAITING:
        return InvalidItemError(None, outcome, texts.API_PROBLEMS[outcome], HTTPStatus.CONFLICT)
    if outcome in {IngestOutcome.UNKNOWN, IngestOutcome.OTHER_ORGANIZATION}:
        code = 'no_such_message'
        return InvalidItemError(None, code, texts.API_PROBLEMS[code], HTTPStatus.NOT_FOUND)
    return None


def describe_document_refusal(_: SubmittedDocument, outcome: IngestOutcome) -> InvalidItemError | None:
    """Return why a document was refused; None if it was accepted."""
    if outcome is IngestOutcome.OTHER_RECIPIENT:
        detail = texts.API_PROBLEMS['other_patient']
        return InvalidItemError(DocumentField.PATIENT_NAME, CONFLICT, detail, HTTPStatus.CONFLICT)
    return foreign_organization_error() if outcome is IngestOutcome.OTHER_ORGANIZATION else None


def foreign_organization_error() -> InvalidItemError:
    """Build the error of an item of an organisation for which the sender may not act."""
    return InvalidItemError('organization', 'foreign', texts.API_PROBLEMS['foreign'])


def _provider_id_taken_error(reference: ProviderReference | None) -> InvalidItemError:
    assert reference is not None  # only a named identifier can belong to another message
    detail = texts.API_PROBLEMS[ID_TAKEN].format(**reference._asdict())
    return InvalidItemError('provider_id', ID_TAKEN, detail, HTTPStatus.CONFLICT)
