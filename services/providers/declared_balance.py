"""The balance of an account at a provider that a file describes: a GET request that is answered with an amount."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.providers.declaration import BalanceQuery
from services.providers.provider import ProviderRequest


@dataclass(frozen=True)
class DeclaredAccount:
    """An account; see BalanceAccount."""

    name: str
    query: BalanceQuery
    login: str
    key: str = field(repr=False)

    def build_request(self) -> ProviderRequest:
        """See BalanceAccount."""
        return ProviderRequest(
            self.query.url,
            parameters=self._filled(self.query.parameters),
            headers=self._filled(self.query.headers),
            basic_auth=(self.login, self.key) if self.query.basic_auth else None,
        )

    def extract_amount(self, response: Any) -> object:
        """See BalanceAccount; without a name of a field, the response is the amount itself."""
        for name in self.query.amount.split('.') if self.query.amount else ():
            response = response[name]
        return response

    def _filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """Replace the placeholders of the login and the key."""
        return {name: value.replace('{login}', self.login).replace('{key}', self.key) for name, value in values.items()}


def required_settings(query: BalanceQuery) -> tuple[str, ...]:
    """Return the settings that a request needs."""
    text = ''.join([*query.parameters.values(), *query.headers.values()])
    needs = {
        'balance_login': query.basic_auth or '{login}' in text,
        'balance_key': query.basic_auth or '{key}' in text,
    }
    return tuple(name for name, is_needed in needs.items() if is_needed)
