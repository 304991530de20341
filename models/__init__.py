"""The stored data: tables, enumerations, column types and migrations. Queries are in services."""

from models.account import (
    Account,
    AccountOrganization,
    AccountSession,
    KnownDevice,
    OidcSession,
    OidcUsedValue,
    Preference,
    RecoveryCode,
    Role,
)
from models.api_token import ApiToken, ApiTokenOrganization
from models.audit import (
    AuditAnchor,
    AuditChainHead,
    AuditCondition,
    AuditEvent,
    AuditRecord,
    ConditionKind,
    ShownKey,
    ShownRows,
)
from models.balance import LedgerBalance, ProviderBalance
from models.call_list import CallClaim, CallOutcome, CallRecord, ReopenedCall
from models.dictionaries import MessageKindEntry, Organization
from models.document import Document, DocumentEvent, DocumentKind, DocumentOperation, DocumentStatus
from models.journal_state import AlertNotice, AlertState, JournalState
from models.message import CostSource, DeliveryState, Message, MessageChannel, MessageKind, MessageStatus
from models.message_history import (
    Change,
    MessageEvent,
    OperatorErrorCode,
    PendingReceipt,
    ProviderMessageId,
    StatusPoll,
    StatusPollPosition,
)
from models.saved_views import Draft, SavedSearch, ShareLink
from models.total import Granularity, Total
from models.webhook import Webhook, WebhookDelivery

__all__ = [
    'Account',
    'AccountOrganization',
    'AccountSession',
    'AlertNotice',
    'AlertState',
    'ApiToken',
    'ApiTokenOrganization',
    'AuditAnchor',
    'AuditChainHead',
    'AuditCondition',
    'AuditEvent',
    'AuditRecord',
    'CallClaim',
    'CallOutcome',
    'CallRecord',
    'Change',
    'ConditionKind',
    'CostSource',
    'DeliveryState',
    'Document',
    'DocumentEvent',
    'DocumentKind',
    'DocumentOperation',
    'DocumentStatus',
    'Draft',
    'Granularity',
    'JournalState',
    'KnownDevice',
    'LedgerBalance',
    'Message',
    'MessageChannel',
    'MessageEvent',
    'MessageKind',
    'MessageKindEntry',
    'MessageStatus',
    'OidcSession',
    'OidcUsedValue',
    'OperatorErrorCode',
    'Organization',
    'PendingReceipt',
    'Preference',
    'ProviderBalance',
    'ProviderMessageId',
    'RecoveryCode',
    'ReopenedCall',
    'Role',
    'SavedSearch',
    'ShareLink',
    'ShownKey',
    'ShownRows',
    'StatusPoll',
    'StatusPollPosition',
    'Total',
    'Webhook',
    'WebhookDelivery',
]
