"""Parsing of a provider's identifier of a message, which a message and a status report may name."""

from journal_ui.api.schemas import InvalidItemError, ProviderReferenceIn
from services import texts
from services.ingest import message_parsing
from services.ingest.status_history import ProviderReference
from services.providers.provider import Providers


def parse_reference(body: ProviderReferenceIn, providers: Providers) -> ProviderReference | None:
    """Parse the provider's identifier of a message, one of `providers`; return None if none is named.

    Raises:
        InvalidItemError: a part of it is missing or unreadable.
    """
    if body.provider is not None and body.provider not in providers:
        raise InvalidItemError('provider', 'wrong_type', texts.API_PROBLEMS['wrong_type'].format(field='provider'))
    if (body.provider is None) != (body.provider_id is None):
        raise InvalidItemError('provider_id', 'missing', texts.API_PROBLEMS['half_a_name'])
    account = message_parsing.remove_invisible(body.provider_account or '').strip()
    if not account.isprintable() or (account and not body.provider):
        raise InvalidItemError(
            'provider_account', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_account')
        )
    if body.provider is None or body.provider_id is None:
        return None
    provider_id = message_parsing.remove_invisible(body.provider_id).strip()
    if not provider_id or not provider_id.isprintable():
        raise InvalidItemError(
            'provider_id', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_id')
        )
    return ProviderReference(body.provider, providers[body.provider].normalize_id(provider_id), account)


def receipts_have_phone(reference: ProviderReference | None, providers: Providers) -> bool:
    """Return whether the provider of an identifier sends the phone with each receipt."""
    return reference is not None and providers[reference.provider].receipts_have_phone
