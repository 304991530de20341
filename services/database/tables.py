"""Typed handles of the tables, for statements that do not need the ORM."""

from typing import Final

from sqlalchemy import Table, inspect
from sqlmodel import SQLModel

from models import (
    Account,
    AccountOrganization,
    AccountSession,
    AlertNotice,
    AlertState,
    ApiToken,
    ApiTokenOrganization,
    AuditAnchor,
    AuditChainHead,
    AuditCondition,
    AuditRecord,
    CallClaim,
    CallRecord,
    Change,
    Document,
    DocumentEvent,
    DocumentKind,
    Draft,
    JournalState,
    KnownDevice,
    Message,
    MessageEvent,
    MessageKindEntry,
    OidcSession,
    OidcUsedValue,
    OperatorErrorCode,
    Organization,
    PendingReceipt,
    ProviderMessageId,
    RecoveryCode,
    ReopenedCall,
    SavedSearch,
    ShareLink,
    ShownKey,
    ShownRows,
    StatusPoll,
    StatusPollPosition,
    Total,
    Webhook,
    WebhookDelivery,
)


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model class.

    Raises:
        TypeError: the class is not mapped to a single table.
    """
    table = inspect(model).local_table
    if not isinstance(table, Table):
        raise TypeError(f'{model.__name__} is not mapped to a table')
    return table


MESSAGE_TABLE: Final = table_of(Message)
MESSAGE_FACT_TABLE: Final = table_of(MessageEvent)
PROVIDER_MESSAGE_TABLE: Final = table_of(ProviderMessageId)
EARLY_RECEIPT_TABLE: Final = table_of(PendingReceipt)
STATUS_POLL_TABLE: Final = table_of(StatusPoll)
STATUS_POLL_POSITION_TABLE: Final = table_of(StatusPollPosition)
OPERATOR_ERROR_TABLE: Final = table_of(OperatorErrorCode)
CHANGE_TABLE: Final = table_of(Change)
TOTAL_TABLE: Final = table_of(Total)
STATE_TABLE: Final = table_of(JournalState)

ORGANIZATION_TABLE: Final = table_of(Organization)
MESSAGE_KIND_TABLE: Final = table_of(MessageKindEntry)
DOCUMENT_TABLE: Final = table_of(Document)
DOCUMENT_KIND_TABLE: Final = table_of(DocumentKind)
DOCUMENT_STEP_TABLE: Final = table_of(DocumentEvent)

CLAIM_TABLE: Final = table_of(CallClaim)
CALL_TABLE: Final = table_of(CallRecord)
REOPENED_CALL_TABLE: Final = table_of(ReopenedCall)

ACCOUNT_TABLE: Final = table_of(Account)
ACCOUNT_ORGANIZATION_TABLE: Final = table_of(AccountOrganization)
ACCOUNT_SESSION_TABLE: Final = table_of(AccountSession)
OIDC_SESSION_TABLE: Final = table_of(OidcSession)
OIDC_USED_VALUE_TABLE: Final = table_of(OidcUsedValue)
KNOWN_DEVICE_TABLE: Final = table_of(KnownDevice)
RECOVERY_CODE_TABLE: Final = table_of(RecoveryCode)
API_TOKEN_TABLE: Final = table_of(ApiToken)
API_TOKEN_ORGANIZATION_TABLE: Final = table_of(ApiTokenOrganization)

ACCESS_RECORD_TABLE: Final = table_of(AuditRecord)
ACCESS_ANCHOR_TABLE: Final = table_of(AuditAnchor)
ACCESS_HEAD_TABLE: Final = table_of(AuditChainHead)
ACCESS_CONDITION_TABLE: Final = table_of(AuditCondition)
SHOWN_TABLE: Final = table_of(ShownRows)
SHOWN_KEY_TABLE: Final = table_of(ShownKey)

ALERT_STATE_TABLE: Final = table_of(AlertState)
ALERT_NOTICE_TABLE: Final = table_of(AlertNotice)

WEBHOOK_TABLE: Final = table_of(Webhook)
WEBHOOK_DELIVERY_TABLE: Final = table_of(WebhookDelivery)

DRAFT_TABLE: Final = table_of(Draft)
LINK_TABLE: Final = table_of(ShareLink)
SAVED_SEARCH_TABLE: Final = table_of(SavedSearch)
