"""Which source of balance the settings name."""

from services.balance.balance_providers import Provider, SmsAero, Smsc, SmsRu
from services.balance.balance_source import BalanceSource
from services.balance.ledger_balance import Ledger
from services.balance.provider_balance import Asked, Nobody
from services.database.engine import Database
from services.settings import Settings


def source(settings: Settings, database: Database) -> BalanceSource:
    """Give the source; the settings have everything that it needs, see Settings."""
    login, key = settings.balance_login, settings.balance_key
    providers: dict[str, Provider] = {
        'smsc': Smsc(login, key),
        'smsru': SmsRu(key),
        'smsaero': SmsAero(login, key),
    }
    if provider := providers.get(settings.balance_source):
        return Asked(provider, database)
    return Nobody() if settings.balance_source == 'none' else Ledger(database)
