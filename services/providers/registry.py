"""The SMS providers that have a module; services.providers.provider_files adds those that are described by a file."""

from typing import TYPE_CHECKING, Literal, TypeAlias

from services.providers import kannel, smsaero, smsc, smsru

PROVIDERS = {provider.key: provider for provider in (smsc.PROVIDER, smsru.PROVIDER, smsaero.PROVIDER, kannel.PROVIDER)}
BALANCE_PROVIDERS = {key: provider for key, provider in PROVIDERS.items() if provider.create_account}

# A type checker cannot read a Literal that is built from values; Pydantic validates by it at run time.
if TYPE_CHECKING:
    BalanceSourceName: TypeAlias = str
else:
    BalanceSourceName = Literal[('ledger', 'none', *BALANCE_PROVIDERS)]
