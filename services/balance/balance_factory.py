"""Creation of the balance source that the settings name."""

from services.balance.balance_source import BalanceSource
from services.balance.ledger_balance import LedgerBalanceSource
from services.balance.provider_balance import ProviderBalanceSource, UnknownBalanceSource
from services.database.engine import Database
from services.settings import Settings


def create_balance_source(settings: Settings, database: Database) -> BalanceSource:
    """Create the balance source; Settings has already checked that its login and key are set."""
    provider = settings.providers.get(settings.balance_source)
    if provider and provider.create_account:
        account = provider.create_account(settings.balance_login, settings.balance_key)
        return ProviderBalanceSource(account, database)
    if settings.balance_source == 'none':
        return UnknownBalanceSource()
    return LedgerBalanceSource(database)
