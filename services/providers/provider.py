"""What the program has to know of an SMS provider: its receipts, and the balance of an account there.

Modules of providers do no network input or output: services.balance.balance_client sends their requests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.errors import JournalError
from services.providers.message_ids import normalize_uuid
from services.receipts.delivery_report import ParsedReceipts


class BalanceUnavailableError(JournalError):
    """The provider returned no balance; the message has the reason and no part of the request."""


@dataclass(frozen=True)
class BalanceRequest:
    """An HTTP request for the balance of an account."""

    url: str
    form: Mapping[str, str] | None = None
    """Fields of a POST request; None for a GET request."""
    basic_auth: tuple[str, str] | None = None
    """User name and password of HTTP basic authentication."""


class BalanceAccount(Protocol):
    """An account at a provider whose balance can be read."""

    @property
    def name(self) -> str:
        """The provider's name in logs, and the key of the last known balance in the database."""

    def build_request(self) -> BalanceRequest:
        """Build the request for the balance."""

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """Return the amount from a response, as the provider wrote it.

        Raises:
            BalanceUnavailableError: the provider reports an error.
            KeyError, TypeError: the response has another structure.
        """


@dataclass(frozen=True)
class Provider:
    """An SMS provider; registered in services.providers.registry."""

    key: str
    """The provider's name in URLs, in settings, in the API and in the database."""
    title: str
    """The provider's name on the screen and in `data/provider_codes.csv`."""
    parse_receipts: Callable[[Sequence[Mapping[str, str]]], ParsedReceipts]
    """Parse the forms of a request: one, or each object of a JSON array; raises InvalidReceiptError if it cannot."""
    has_valid_signature: Callable[[Mapping[str, str], str], bool] | None = None
    """Check the signature of receipts with the provider's receipt key; None if the provider does not sign."""
    acknowledgement: str = 'OK'
    """Response body that the provider expects; most accept any."""
    repeats_until_acknowledged: bool = False
    """Whether a refused request is repeated for days and delays later ones, so that no content may be refused."""
    has_operator_codes: bool = False
    """Whether receipts contain error codes of mobile operators; see services.receipts.operator_codes."""
    receipt_fields: Mapping[str, str] = field(default_factory=dict)
    """Names and descriptions of the fields of a receipt, for the documentation of the API."""
    receipts_have_phone: bool = False
    """Whether each receipt has the phone number, by which several messages with one identifier are told apart."""
    normalize_id: Callable[[str], str] = normalize_uuid
    """Return the notation in which identifiers of messages are stored, the same for identifiers that are equal."""
    time_zone: str = 'UTC'
    """The time zone of local times in receipts, unless a setting says otherwise."""
    create_account: Callable[[str, str], BalanceAccount] | None = None
    """Create the account from a login and a key; None if the provider reports no balance."""
    balance_settings: tuple[str, ...] = ()
    """Settings that the balance of this provider requires."""
