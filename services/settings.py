"""The settings of the program: from the command line, JOURNAL_… variables and `.env`, in this order of precedence."""

from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from services import texts
from services.accounts.passwords import PasswordPolicy
from services.accounts.sessions import SessionLimits
from services.errors import InvalidInputError
from services.messages.delivery import DeliveryTimeouts
from services.providers.provider import Provider
from services.providers.registry import BALANCE_PROVIDERS, PROVIDERS, BalanceSourceName, ProviderKey
from services.session_secret import MIN_SECRET_LENGTH

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
ENV_FILE: Final = PROJECT_ROOT / '.env'
ENV_PREFIX: Final = 'JOURNAL_'
POSTGRESQL_DRIVERS: Final = {'postgresql', 'postgres', 'postgresql+psycopg'}

CLI_CONFIG: Final = SettingsConfigDict(
    cli_kebab_case=True,
    cli_implicit_flags=True,
    cli_hide_none_type=True,
    cli_avoid_json=True,
    cli_enforce_required=True,
    cli_exit_on_error=False,
)
"""How the command line of the program and of its commands is parsed."""

LogLevel = Literal['info', 'warning', 'error']
*FIRST_BALANCE_KEYS, LAST_BALANCE_KEY = BALANCE_PROVIDERS


class InvalidSettingError(InvalidInputError):
    """A setting is invalid, so the program cannot start; the message is one line that names the setting."""


class Settings(BaseSettings):
    """The journal of sent messages. Without a command it serves its pages; a wrong setting stops it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        # services.settings_loader rejects unknown names: it distinguishes a misspelt setting from a foreign variable.
        extra='ignore',
        **CLI_CONFIG,
    )

    host: str = Field('127.0.0.1', min_length=1, description='IP address to listen on; 0.0.0.0 for all interfaces')
    port: int = Field(8080, ge=1, le=65535, description='TCP port to listen on')
    database_url: str = Field(
        f'sqlite:///{PROJECT_ROOT / "data" / "journal.sqlite3"}',
        repr=False,  # the password must not appear in a log
        description='The database: sqlite:///path or postgresql://user:password@host/name',
    )
    state_folder: Path | None = Field(
        None, description='Folder for the files of one node; by default the folder of the SQLite file, or data/'
    )
    storage_secret: str = Field(
        '', repr=False, description='Key that signs session cookies, at least 32 characters; the same on all nodes'
    )
    timezone: str = Field('Europe/Moscow', description='Time zone of all dates and times on the screen')
    api_rate: int = Field(12_000, ge=1, description='Maximum number of API requests per minute for each token')
    receipt_keys: dict[ProviderKey, str] = Field(
        {},
        repr=False,
        description=f'Delivery receipt keys by provider, as JSON; providers: {", ".join(PROVIDERS)}',
    )
    receipt_zones: str = Field(
        '',
        description='Time zones of local times in receipts, if they differ from the defaults: smsc=Asia/Yekaterinburg',
    )
    unknown_kinds: Literal['refuse', 'accept'] = Field(
        'refuse',
        description='What happens to incoming messages of a kind that is not in the dictionary: refuse or accept',
    )
    balance_source: BalanceSourceName = Field(
        'ledger',
        description='Source of the balance: ledger (set by `balance set`), none, '
        f'{", ".join(FIRST_BALANCE_KEYS)} or {LAST_BALANCE_KEY}',
    )
    balance_login: str = Field('', description='Login or e-mail address of the account with the SMS provider')
    balance_key: str = Field('', repr=False, description='Password, API key or api_id of that account')
    balance_alert: Decimal | None = Field(None, description='Balance in roubles below which it is highlighted')
    delivery_timeout_hours: int = Field(
        72, ge=1, le=8760, description='Hours after which no answer of the mobile operator about a message is expected'
    )
    pending_timeout_hours: int = Field(
        24, ge=1, le=8760, description='Hours after which a message that waits to be sent is overdue'
    )
    metrics_token: str = Field(
        '', repr=False, description='Bearer token that allows reading /metrics from another machine'
    )
    log_level: LogLevel = Field('warning', description='Lowest level that is logged: info, warning or error')
    log_json: bool = Field(False, description='Log as JSON, one object per line')
    iemk_url: str = Field('', description='URL of the region’s own «Журнал ИЭМК»; the menu then links to it')
    session_idle_minutes: int = Field(15, ge=1, le=1440, description='Minutes of inactivity after which a session ends')
    session_hours: int = Field(12, ge=1, le=720, description='Hours after which a session ends even if it is in use')
    require_second_factor: bool = Field(False, description='Require a second factor from every user')
    password_composition: bool = Field(
        False, description='Require upper and lower case letters, digits and symbols in passwords'
    )
    password_days: int = Field(
        0, ge=0, le=3650, description='Days after which a password must be changed; 0 means never'
    )
    tls: bool = Field(False, description='Browsers connect by HTTPS; cookies are then sent over HTTPS only')
    trusted_proxy: str = Field(
        '', description='IP addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are trusted'
    )
    demo: bool = Field(False, description='Fill an empty database (demo.sqlite3) with 20 000 generated messages')
    reload: bool = Field(False, description='Restart when the code changes (for developers)')

    @field_validator('timezone')
    @classmethod
    def _validate_timezone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            raise ValueError(texts.SETTING_NO_ZONE.format(value=name)) from None

    @field_validator('receipt_zones')
    @classmethod
    def _validate_receipt_zones(cls, text: str) -> str:
        try:
            zones = _parse_receipt_zones(text)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                texts.SETTING_NO_RECEIPT_ZONES.format(value=text, providers=', '.join(PROVIDERS))
            ) from None
        return ','.join(f'{provider}={zone.key}' for provider, zone in zones.items())

    @field_validator('iemk_url')
    @classmethod
    def _validate_page_url(cls, text: str) -> str:
        try:
            parts = urlsplit(text)
            is_page_url = parts.scheme in {'http', 'https'} and parts.hostname and '@' not in parts.netloc
        except ValueError:
            is_page_url = False
        if text and (not is_page_url or any(letter.isspace() or not letter.isprintable() for letter in text)):
            raise ValueError(texts.SETTING_NO_PAGE.format(value=text))
        return text

    @field_validator('storage_secret')
    @classmethod
    def _validate_secret_length(cls, text: str) -> str:
        if text and len(text) < MIN_SECRET_LENGTH:
            raise ValueError(texts.SETTING_SHORT_SECRET.format(shortest=MIN_SECRET_LENGTH))
        return text

    @field_validator('database_url')
    @classmethod
    def _validate_database_url(cls, text: str) -> str:
        return _parse_database_url(text).render_as_string(hide_password=False)

    @field_validator('trusted_proxy')
    @classmethod
    def _validate_proxies(cls, text: str) -> str:
        parts = [part.strip() for part in text.split(',') if part.strip()]
        for part in parts:
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(texts.SETTING_NO_PROXY.format(value=part)) from None
        return ','.join(parts)

    @model_validator(mode='after')
    def _use_demo_database(self) -> Self:
        """Use a separate database for generated messages, unless a database is configured."""
        if self.demo and 'database_url' not in self.model_fields_set:
            self.database_url = self.demo_url
        return self

    @model_validator(mode='after')
    def _check_balance_settings(self) -> Self:
        provider = BALANCE_PROVIDERS.get(self.balance_source)
        required = provider.balance_settings if provider else ()
        missing = [env_variable(field) for field in required if not getattr(self, field)]
        if missing:
            raise ValueError(texts.SETTING_FOR_BALANCE.format(source=self.balance_source, names=', '.join(missing)))
        return self

    @property
    def accepts_unknown_kinds(self) -> bool:
        """Whether an unknown kind of messages becomes an entry of the dictionary."""
        return self.unknown_kinds == 'accept'

    @property
    def demo_url(self) -> str:
        """The URL of the separate database of `--demo`."""
        return f'sqlite:///{PROJECT_ROOT / "data" / "demo.sqlite3"}'

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)

    def receipt_zone(self, provider: Provider) -> ZoneInfo:
        """Return the time zone of local times in the receipts of a provider."""
        return _parse_receipt_zones(self.receipt_zones).get(provider.key) or ZoneInfo(provider.time_zone)

    @property
    def password_policy(self) -> PasswordPolicy:
        """The rules for passwords."""
        return PasswordPolicy(require_composition=self.password_composition, max_age_days=self.password_days)

    @property
    def session_limits(self) -> SessionLimits:
        """The time limits of sessions."""
        return SessionLimits(
            idle_timeout=timedelta(minutes=self.session_idle_minutes),
            absolute_timeout=timedelta(hours=self.session_hours),
        )

    @property
    def delivery_timeouts(self) -> DeliveryTimeouts:
        """How long answers are expected, and how long messages may wait."""
        return DeliveryTimeouts(
            answer=timedelta(hours=self.delivery_timeout_hours), waiting=timedelta(hours=self.pending_timeout_hours)
        )

    @property
    def storage_folder(self) -> Path:
        """The folder of the session secret and of running exports."""
        if self.state_folder:
            return self.state_folder.absolute()
        url = make_url(self.database_url)
        if url.get_backend_name() == 'sqlite' and url.database:
            return Path(url.database).parent
        return PROJECT_ROOT / 'data'

    @property
    def redacted_database_url(self) -> str:
        """The URL of the database without the password and the options, for logs and messages."""
        return make_url(self.database_url).set(query={}).render_as_string(hide_password=True)


def env_variable(field: str) -> str:
    """Return the environment variable of a setting: port → JOURNAL_PORT."""
    return ENV_PREFIX + field.upper()


def cli_option(field: str) -> str:
    """Return the command line option of a setting: database_url → --database-url."""
    return '--' + field.replace('_', '-')


def _parse_receipt_zones(text: str) -> dict[str, ZoneInfo]:
    """Parse `provider=zone,…`; raises KeyError, ValueError or OSError."""
    zones: dict[str, ZoneInfo] = {}
    for part in filter(None, map(str.strip, text.split(','))):
        key, _, zone = (piece.strip() for piece in part.partition('='))
        if key in zones:
            raise ValueError(key)
        zones[PROVIDERS[key].key] = ZoneInfo(zone)
    return zones


def _parse_database_url(text: str) -> URL:
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise ValueError(texts.SETTING_NO_DATABASE) from None
    if url.drivername in POSTGRESQL_DRIVERS:
        return url.set(drivername='postgresql+psycopg')
    if url.drivername != 'sqlite':
        raise ValueError(texts.SETTING_NO_DATABASE)
    if url.database in {None, '', ':memory:'} or url.host:
        raise ValueError(texts.SETTING_NO_FILE)
    return url.set(database=str(Path(url.database or '').absolute()))
