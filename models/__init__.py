"""What is stored: tables, their enumerations and column types, migrations. No queries (those live in services)."""

from models.account import Account, AccountSession, KnownDevice, Preference, RecoveryCode, Role
from models.balance import LedgerBalance, ProviderBalance
from models.history import Change, EarlyReceipt, MessageFact, ProviderMessage
from models.message import Message, MessageKind, MessageStatus
from models.organization import Organization
from models.state import JournalState
from models.token import ApiToken
from models.total import Scale, Total

__all__ = [
    'Account',
    'AccountSession',
    'ApiToken',
    'Change',
    'EarlyReceipt',
    'JournalState',
    'KnownDevice',
    'LedgerBalance',
    'Message',
    'MessageFact',
    'MessageKind',
    'MessageStatus',
    'Organization',
    'Preference',
    'ProviderBalance',
    'ProviderMessage',
    'RecoveryCode',
    'Role',
    'Scale',
    'Total',
]
