"""What is stored: tables, their enumerations and column types, migrations. No queries (those live in services)."""

from models.account import Account, Preference, Role
from models.balance import LedgerBalance, ProviderBalance
from models.call_back import CallBack, CallClaim, CallOutcome
from models.history import Change, EarlyReceipt, MessageFact, ProviderMessage
from models.message import Message, MessageKind, MessageStatus
from models.organization import Organization
from models.state import JournalState
from models.token import ApiToken
from models.total import Scale, Total

__all__ = [
    'Account',
    'ApiToken',
    'CallBack',
    'CallClaim',
    'CallOutcome',
    'Change',
    'EarlyReceipt',
    'JournalState',
    'LedgerBalance',
    'Message',
    'MessageFact',
    'MessageKind',
    'MessageStatus',
    'Organization',
    'Preference',
    'ProviderBalance',
    'ProviderMessage',
    'Role',
    'Scale',
    'Total',
]
