"""Which source of balance the settings name."""

from services.balance.balance_client import BalanceProvider, SmsAero, Smsc, SmsRu
from services.balance.balance_source import BalanceSource
from services.balance.ledger_balance import LedgerBalanceSource
from services.balance.provider_balance import ProviderBalanceSource, UnknownBalanceSource
from services.database.engine import Database
from services.settings import Settings


def create_balance_source(settings: Settings, database: Database) -> BalanceSource:
    """Give the source; the settings have everything that it needs, see Settings."""
    login, key = settings.balance_login, settings.balance_key
    providers: dict[str, BalanceProvider] = {
        'smsc': Smsc(login, key),
        'smsru': SmsRu(key),
        'smsaero': SmsAero(login, key),
    }
    if provider := providers.get(settings.balance_source):
        return ProviderBalanceSource(provider, database)
    return UnknownBalanceSource() if settings.balance_source == 'none' else LedgerBalanceSource(database)
