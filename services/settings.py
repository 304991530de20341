"""The settings of the program: from the command line, JOURNAL_… variables and `.env`, in this order of precedence."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.engine import make_url

from services import texts
from services.accounts.passwords import PasswordPolicy
from services.accounts.sessions import SessionLimits
from services.database.database_url import parse_database_url
from services.documents.page_url import is_page_url
from services.errors import InvalidInputError
from services.keys.session_secret import MIN_SECRET_LENGTH
from services.messages.delivery import DeliveryTimeouts
from services.program_folders import PROJECT_ROOT as PROJECT_ROOT
from services.program_folders import SETTINGS_FOLDER, STATE_FOLDER
from services.providers.provider import Provider, Providers
from services.providers.provider_files import InvalidProviderFileError, load_providers
from services.providers.receipt_zones import parse_receipt_zones
from services.setting_fields import ENV_PREFIX
from services.status_polling.polling_settings import PollingSettingFields

ENV_FILE: Final = SETTINGS_FOLDER / '.env'
MIN_RECEIPT_KEY_LENGTH: Final = 16
"""Characters; the key is all that protects the receipts of a provider."""

OWN_BALANCE_SOURCES: Final = ('ledger', 'none')
"""The sources of the balance that are no providers."""
ROOT_PATH: Final = re.compile(r'(/(?!\.{1,2}(/|$))[\w.~-]+)*', re.ASCII)
"""One or more segments; `.` and `..` are none, because browsers resolve them."""
ORIGIN: Final = re.compile(r'https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?')
EMAIL_ADDRESS: Final = re.compile(r'[\w.+-]+@[\w-]+(\.[\w-]+)*', re.ASCII)

CLI_CONFIG: Final = SettingsConfigDict(
    cli_kebab_case=True,
    cli_implicit_flags=True,
    cli_hide_none_type=True,
    cli_avoid_json=True,
    cli_enforce_required=True,
    cli_exit_on_error=False,
)
"""How the command line of the program and of its commands is parsed."""


class InvalidSettingError(InvalidInputError):
    """A setting is invalid, so the program cannot start; the message is one line that names the setting."""


class Settings(PollingSettingFields):
    """The journal of sent messages. Without a command it serves its pages; a wrong setting stops it."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        # services.settings_loader rejects unknown names: it distinguishes a misspelt setting from a foreign variable.
        extra='ignore',
        **CLI_CONFIG,
    )

    @field_validator('timezone')
    @classmethod
    def _validate_timezone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            raise ValueError(texts.SETTING_NO_ZONE.format(value=name)) from None

    @field_validator('providers_folder')
    @classmethod
    def _validate_provider_files(cls, folder: Path | None) -> Path | None:
        try:
            load_providers(folder)
        except InvalidProviderFileError as error:
            raise ValueError(str(error)) from None
        return folder

    @field_validator('receipt_zones')
    @classmethod
    def _validate_receipt_zones(cls, text: str, info: ValidationInfo) -> str:
        providers = _validated_providers(info)
        try:
            zones = parse_receipt_zones(text, providers)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                texts.SETTING_NO_RECEIPT_ZONES.format(value=text, providers=', '.join(providers))
            ) from None
        return ','.join(f'{provider}={zone.key}' for provider, zone in zones.items())

    @field_validator('iemk_url', 'alert_webhook_url', 'alert_link_url')
    @classmethod
    def _validate_page_url(cls, text: str) -> str:
        if text and not is_page_url(text):
            raise ValueError(texts.SETTING_NO_PAGE.format(value=text))
        return text

    @field_validator('storage_secret', 'data_key')
    @classmethod
    def _validate_secret_length(cls, text: str) -> str:
        if text and len(text) < MIN_SECRET_LENGTH:
            raise ValueError(texts.SETTING_SHORT_SECRET.format(shortest=MIN_SECRET_LENGTH))
        return text

    @field_validator('receipt_keys')
    @classmethod
    def _validate_receipt_keys(cls, keys: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        providers = {key: provider for key, provider in _validated_providers(info).items() if provider.methods}
        for provider, key in keys.items():
            if provider not in providers:
                raise ValueError(texts.SETTING_NOT_ONE_OF.format(value=provider, expected=', '.join(providers)))
            if len(key) < MIN_RECEIPT_KEY_LENGTH:
                raise ValueError(
                    texts.SETTING_SHORT_RECEIPT_KEY.format(provider=provider, shortest=MIN_RECEIPT_KEY_LENGTH)
                )
        return keys

    @field_validator('balance_source')
    @classmethod
    def _validate_balance_source(cls, name: str, info: ValidationInfo) -> str:
        reporting = (key for key, provider in _validated_providers(info).items() if provider.create_account)
        sources = (*OWN_BALANCE_SOURCES, *reporting)
        if name not in sources:
            raise ValueError(texts.SETTING_NOT_ONE_OF.format(value=name, expected=', '.join(sources)))
        return name

    @field_validator('database_url')
    @classmethod
    def _validate_database_url(cls, text: str) -> str:
        return parse_database_url(text).render_as_string(hide_password=False)

    @field_validator('direct_database_url')
    @classmethod
    def _validate_direct_database_url(cls, text: str, info: ValidationInfo) -> str:
        if not text:
            return text
        urls = (parse_database_url(text), make_url(info.data.get('database_url', '')))
        if any(url.get_backend_name() == 'sqlite' for url in urls):
            raise ValueError(texts.SETTING_NO_POOLED_DATABASE)
        return urls[0].render_as_string(hide_password=False)

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

    @field_validator('root_path')
    @classmethod
    def _validate_root_path(cls, text: str) -> str:
        if not ROOT_PATH.fullmatch(text):
            raise ValueError(texts.SETTING_NO_ROOT_PATH.format(value=text))
        return text

    @field_validator('frame_ancestors')
    @classmethod
    def _validate_frame_ancestors(cls, text: str) -> str:
        origins = [part.strip().lower() for part in text.split(',') if part.strip()]
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(texts.SETTING_NO_ORIGIN.format(value=origin))
        return ','.join(origins)

    @model_validator(mode='after')
    def _use_demo_database(self) -> Self:
        """Use a separate database for generated messages, unless a database is configured."""
        if self.demo and 'database_url' not in self.model_fields_set:
            self.database_url = self.demo_url
        return self

    @field_validator('alert_email_to', 'alert_email_from')
    @classmethod
    def _validate_email_addresses(cls, text: str) -> str:
        addresses = [part.strip() for part in text.split(',') if part.strip()]
        for address in addresses:
            if not EMAIL_ADDRESS.fullmatch(address):
                raise ValueError(texts.SETTING_NO_EMAIL.format(value=address))
        return ','.join(addresses)

    @model_validator(mode='after')
    def _check_email_settings(self) -> Self:
        if self.alert_email_to and (missing := self.missing_variables('alert_email_from', 'alert_email_host')):
            raise ValueError(texts.SETTING_FOR_EMAIL.format(names=missing))
        return self

    @model_validator(mode='after')
    def _check_balance_settings(self) -> Self:
        provider = self.providers.get(self.balance_source)
        if provider and (missing := self.missing_variables(*provider.balance_settings)):
            raise ValueError(texts.SETTING_FOR_BALANCE.format(source=self.balance_source, names=missing))
        return self

    @property
    def demo_url(self) -> str:
        """The URL of the separate database of `--demo`."""
        return f'sqlite:///{STATE_FOLDER / "demo.sqlite3"}'

    @property
    def uses_demo_database(self) -> bool:
        """Whether the database is the separate one of `--demo`, which contains nothing but generated data."""
        return self.database_url == self.demo_url

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)

    def receipt_zone(self, provider: Provider) -> ZoneInfo:
        """Return the time zone of local times in the receipts of a provider."""
        return self._zones_of_receipts.get(provider.key) or ZoneInfo(provider.time_zone)

    @cached_property
    def _zones_of_receipts(self) -> Mapping[str, ZoneInfo]:
        return parse_receipt_zones(self.receipt_zones, self.providers)

    @cached_property
    def providers(self) -> Providers:
        """All SMS providers by their key."""
        return load_providers(self.providers_folder)

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
        return STATE_FOLDER

    @property
    def direct_url(self) -> str:
        """The URL of connections that need a session of their own: LISTEN, migrations, backups."""
        return self.direct_database_url or self.database_url

    @property
    def redacted_database_url(self) -> str:
        """The URL of the database without the password and the options, for logs and messages."""
        return make_url(self.database_url).set(query={}).render_as_string(hide_password=True)


def _validated_providers(info: ValidationInfo) -> Providers:
    """Return all providers for the validation of a setting that names some of them."""
    return load_providers(info.data.get('providers_folder'))


def cli_option(field: str) -> str:
    """Return the command line option of a setting: database_url → --database-url."""
    return '--' + field.replace('_', '-')
