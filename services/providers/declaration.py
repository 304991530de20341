"""The structure of a file that describes an SMS provider, `data/providers/*.toml`; docs/providers.md explains it.

Every key is checked when the program starts, and an unknown one is refused, so that a misspelt key cannot remain
without effect.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services import texts
from services.receipts.delivery_report import MAX_FIELD_LENGTH

UNIX_SECONDS, UNIX_MILLISECONDS, ISO_8601 = 'unix', 'unix_ms', 'iso'
NAMED_TIME_FORMATS: Final = (UNIX_SECONDS, UNIX_MILLISECONDS, ISO_8601)
SAMPLE_TIME: Final = datetime(2026, 11, 22, 18, 48)
"""A time format is tried with this time: what it does not restore has no date, no hour or no minute."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_FIELD_LENGTH, pattern=r'^\S(.*\S)?$')]


class Table(BaseModel):
    """A table of the file: its keys are those of the class and no others, and its values are not converted."""

    model_config = ConfigDict(extra='forbid', strict=True, frozen=True)


class FieldNames(Table):
    """`[fields]`: the names of the fields of a receipt; dots separate the names of nested JSON objects."""

    id: Name
    """The identifier of the message."""
    status: Name
    error: Name | None = None
    """The code of the reason."""
    time: Name | None = None
    phone: Name | None = None
    cost: Name | None = None
    """What the whole message costs; in roubles, unless `currency` names another one."""
    currency: Name | None = None
    """The ISO 4217 code of the currency of the cost."""
    parts: Name | None = None
    """The number of SMS parts of the message."""

    @model_validator(mode='after')
    def _check_currency(self) -> Self:
        if self.currency and not self.cost:
            raise ValueError(texts.PROVIDER_NO_COST)
        return self


class SmppFieldNames(Table):
    """`[smpp]`: the names of the fields with the text of an SMPP receipt and its optional parameters (TLV)."""

    text: Name = 'text'
    receipted_message_id: Name = 'receipted_message_id'
    message_state: Name = 'message_state'
    network_error_code: Name = 'network_error_code'


class TimeFormat(Table):
    """`[time]`: how the time of a receipt is written."""

    format: Text = ISO_8601
    """One of NAMED_TIME_FORMATS, or a format of `strptime`."""
    zone: Text = 'UTC'
    """The time zone of times without an offset."""

    @field_validator('format')
    @classmethod
    def _validate_format(cls, format: str) -> str:
        if format not in NAMED_TIME_FORMATS:
            try:
                restored = datetime.strptime(SAMPLE_TIME.strftime(format), format)
            except ValueError:
                restored = None
            if restored is None or restored.replace(tzinfo=None) != SAMPLE_TIME:
                raise ValueError(texts.PROVIDER_NO_TIME_FORMAT.format(value=format))
        return format

    @field_validator('zone')
    @classmethod
    def _validate_zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            raise ValueError(texts.SETTING_NO_ZONE.format(value=name)) from None


class Signature(Table):
    """`[signature]`: how the provider signs requests with the key of its receipts."""

    header: Name
    hmac: Literal['sha1', 'sha256', 'sha512']
    """The hash function of the HMAC."""
    encoding: Literal['hex', 'base64'] = 'hex'
    content: Literal['body', 'url_and_form'] = 'body'
    """What is signed: the body, or the URL followed by the fields of the form, each as name and value, sorted."""
    prefix: str = ''
    """What precedes the signature in the header, for example `sha256=`."""


class BalanceQuery(Table):
    """`[balance]`: a GET request that is answered with the balance in roubles.

    In the values of `parameters` and `headers`, `{login}` and `{key}` stand for the settings of the balance.
    """

    url: str = Field(pattern=r'^https://\S+$')
    amount: Name | None = None
    """The field of the JSON response, with dots between nested names; None if the response is the amount itself."""
    parameters: dict[Name, str] = {}
    """Parameters of the URL."""
    headers: dict[Name, str] = {}
    basic_auth: bool = False
    """Whether login and key are sent by HTTP basic authentication."""


class Status(Table):
    """`[statuses]`: the meaning of a status code."""

    name: Text
    """The wording in the history of a message, in Russian."""
    status: Literal['pending', 'sent', 'failed'] | None = None
    """The journal's status; None if the code does not determine it."""
    final: bool = False
    """Whether no other status follows."""
    advice: str = ''
    """What an operator should do, in Russian."""


class Reason(Table):
    """`[errors]`: the meaning of an error code."""

    name: Text
    advice: str = ''


class ProviderDeclaration(Table):
    """A whole file."""

    title: Name
    """The provider's name on the screen."""
    methods: list[Literal['GET', 'POST']] = Field(['GET', 'POST'], min_length=1)
    answer: str = 'OK'
    """The body of the response to an accepted request."""
    receipts: Name = 'data'
    """The field of a JSON object that contains the receipts; dots separate the names of nested objects."""
    ids: Literal['text', 'number'] = 'text'
    """Whether leading zeros of an identifier matter."""
    key_header: str = ''
    """The header that may contain the key instead of the URL."""
    key_field: str = ''
    """The field of each receipt that may contain the key instead of the URL."""
    no_error: list[str] = []
    """Error codes that mean that there was no error."""
    operator_errors: bool = False
    """Whether the error codes are those of mobile operators, which administrators describe at `/error-codes`."""
    fields: FieldNames | None = None
    smpp: SmppFieldNames | None = None
    time: TimeFormat = TimeFormat()
    signature: Signature | None = None
    balance: BalanceQuery | None = None
    statuses: dict[Name, Status] = Field(min_length=1)
    errors: dict[Name, Reason] = {}

    @field_validator('statuses', 'errors')
    @classmethod
    def _validate_codes(cls, codes: dict[str, Status | Reason]) -> dict[str, Status | Reason]:
        known: set[str] = set()
        for code in codes:
            if code.casefold() in known:
                raise ValueError(texts.PROVIDER_DOUBLED_CODE.format(code=code))
            known.add(code.casefold())
        return codes

    @model_validator(mode='after')
    def _check_form(self) -> Self:
        if (self.fields is None) == (self.smpp is None):
            raise ValueError(texts.PROVIDER_NO_FIELDS)
        return self
