"""The SMS providers that have a module; services.providers.provider_files adds those that are described by a file."""

from services.providers.built_in import beeline, kannel, smsaero, smsc, smsru

PROVIDERS = {
    provider.key: provider
    for provider in (smsc.PROVIDER, smsru.PROVIDER, smsaero.PROVIDER, kannel.PROVIDER, beeline.PROVIDER)
}
BALANCE_PROVIDERS = {key: provider for key, provider in PROVIDERS.items() if provider.create_account}
POLLED_PROVIDERS = {key: provider for key, provider in PROVIDERS.items() if provider.create_status_account}
"""The providers that are asked for statuses."""
