"""The SMS providers that have a module; services.providers.provider_files adds those that are described by a file."""

from services.providers import kannel, smsaero, smsc, smsru

PROVIDERS = {provider.key: provider for provider in (smsc.PROVIDER, smsru.PROVIDER, smsaero.PROVIDER, kannel.PROVIDER)}
BALANCE_PROVIDERS = {key: provider for key, provider in PROVIDERS.items() if provider.create_account}
