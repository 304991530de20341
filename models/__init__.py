"""What is stored: tables, their enumerations and column types, migrations. No queries (those live in services)."""

from models.access import AccessHead, AccessRecord, Act
from models.account import Account, AccountSession, KnownDevice, Preference, RecoveryCode, Role
from models.balance import LedgerBalance, ProviderBalance
from models.call_back import CallBack, CallClaim, CallOutcome
from models.draft import Draft
from models.exchange import Document, DocumentKind, DocumentOperation, DocumentStatus, DocumentStep
from models.history import Change, EarlyReceipt, MessageFact, ProviderMessage
from models.message import Message, MessageKind, MessageStatus
from models.organization import Organization
from models.state import JournalState
from models.token import ApiToken
from models.total import Scale, Total
from models.view import KeptView, NamedSearch

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
