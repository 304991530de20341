"""What the program has to know of an SMS provider: its receipts, their codes, and the balance of an account there.

Modules of providers do no network input or output: services.providers.provider_client sends their requests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from models import MessageStatus
from services.errors import JournalError
from services.providers.message_ids import normalize_uuid
from services.receipts.delivery_report import DeliveryReport, ParsedReceipts


class ProviderUnavailableError(JournalError):
    """The provider gave no answer that can be used; the message has the reason and no part of the request."""


@dataclass(frozen=True)
class ProviderRequest:
    """An HTTP request to a provider."""

    url: str
    form: Mapping[str, str] | None = None
    """Fields of a POST request; None for a GET request."""
    basic_auth: tuple[str, str] | None = None
    """User name and password of HTTP basic authentication."""
    parameters: Mapping[str, str] | None = None
    """Parameters of the URL."""
    headers: Mapping[str, str] | None = None


class BalanceAccount(Protocol):
    """An account at a provider whose balance can be read."""

    @property
    def name(self) -> str:
        """The provider's name in logs, and the key of the last known balance in the database."""

    def build_request(self) -> ProviderRequest:
        """Build the request for the balance."""

    def extract_amount(self, response: Any) -> object:
        """Return the amount from the JSON value of a response, as the provider wrote it.

        Raises:
            ProviderUnavailableError: the provider reports an error.
            KeyError, TypeError: the response has another structure.
        """


@dataclass(frozen=True)
class StatusAnswer:
    """What a provider answers about the status of a message; nothing of it if the provider knows no such message."""

    report: DeliveryReport | None = None
    error: str = ''
    """The code of an error that concerns this message; empty if there is none."""


class StatusAccount(Protocol):
    """An account at a provider that is asked for the statuses of messages."""

    @property
    def name(self) -> str:
        """The provider's name in logs."""

    def build_request(self, provider_id: str) -> ProviderRequest:
        """Build the request for the status of a message."""

    def parse_response(self, provider_id: str, content: bytes) -> StatusAnswer:
        """Parse the body of a response to the request for this message.

        Raises:
            ProviderUnavailableError: the response cannot be read, or the provider refuses the account.
        """


@dataclass(frozen=True)
class ProviderCode:
    """The meaning of a code."""

    name: str
    """The provider's own wording."""
    status: MessageStatus | None
    """The journal's status; None if the code does not determine the status."""
    final: bool
    """Whether no other status follows."""
    advice: str
    """What the code means for an operator, and what to do; empty if nothing is known."""


@dataclass(frozen=True)
class SignedRequest:
    """A request with receipts, as far as its sender can have signed it."""

    url: str
    """The complete URL as the sender has called it."""
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    forms: Sequence[Mapping[str, str]]
    """The fields of each receipt; see Provider.parse_receipts."""


@dataclass(frozen=True)
class Provider:
    """An SMS provider, by services.providers.registry or by services.providers.provider_files."""

    key: str
    """The provider's name in URLs, in settings, in the API and in the database."""
    title: str
    """The provider's name on the screen, and in `data/provider_codes.csv` if its codes are there."""
    parse_receipts: Callable[[Sequence[Mapping[str, str]]], ParsedReceipts]
    """Parse the forms of a request: one, or each object of a JSON array; raises InvalidReceiptError if it cannot."""
    has_valid_signature: Callable[[SignedRequest, str], bool] | None = None
    """Check the signature of a request, or the key in its body, with the provider's receipt key; else None."""
    acknowledgement: str = 'OK'
    """Response body that the provider expects; most accept any."""
    repeats_until_acknowledged: bool = False
    """Whether a refused request is repeated for days and delays later ones, so that no content may be refused."""
    key_header: str = ''
    """The header that may contain the receipt key instead of the URL; empty if there is none."""
    methods: frozenset[str] = frozenset({'GET', 'POST'})
    """The HTTP methods of requests with receipts; none if the provider sends no receipts, but is asked."""
    receipt_list: str = 'data'
    """The field of a JSON object that may contain the receipt or a list of receipts; dots separate nested fields."""
    has_operator_codes: bool = False
    """Whether receipts contain error codes of mobile operators; see services.receipts.operator_codes."""
    codes: Mapping[tuple[str, str], ProviderCode] = field(default_factory=dict)
    """The meaning of codes that are not in `data/provider_codes.csv`, by list and case-folded code."""
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
    create_status_account: Callable[[str, str, str], StatusAccount] | None = None
    """Create the account that is asked for statuses from a login, a key and a URL, which is empty for the usual one."""


Providers: TypeAlias = Mapping[str, Provider]
"""SMS providers by their key."""
