"""What is stored: tables, their enumerations and column types, migrations. No queries (those live in services)."""

from models.account import Account, AccountSession, KnownDevice, Preference, RecoveryCode, Role
from models.api_token import ApiToken
from models.audit import AccessHead, AccessRecord, Act
from models.balance import LedgerBalance, ProviderBalance
from models.call_list import CallBack, CallClaim, CallOutcome
from models.document import Document, DocumentKind, DocumentOperation, DocumentStatus, DocumentStep
from models.draft import Draft
from models.journal_state import JournalState
from models.message import Message, MessageKind, MessageStatus
from models.message_history import Change, EarlyReceipt, MessageFact, ProviderMessage
from models.organization import Organization
from models.saved_views import KeptView, NamedSearch
from models.total import Scale, Total

__all__ = [
    'AccessHead',
    'AccessRecord',
    'Account',
    'AccountSession',
    'Act',
    'ApiToken',
    'CallBack',
    'CallClaim',
    'CallOutcome',
    'Change',
    'Document',
    'DocumentKind',
    'DocumentOperation',
    'DocumentStatus',
    'DocumentStep',
    'Draft',
    'EarlyReceipt',
    'JournalState',
    'KeptView',
    'KnownDevice',
    'LedgerBalance',
    'Message',
    'MessageFact',
    'MessageKind',
    'MessageStatus',
    'NamedSearch',
    'Organization',
    'Preference',
    'ProviderBalance',
    'ProviderMessage',
    'RecoveryCode',
    'Role',
    'Scale',
    'Total',
]
