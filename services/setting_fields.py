"""The fields of the settings, in the order in which `--help` and docs/settings.md list them; each has a description."""

from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from services.program_folders import STATE_FOLDER
from services.providers.registry import BALANCE_PROVIDERS

ENV_PREFIX: Final = 'JOURNAL_'
EmailSecurity = Literal['starttls', 'tls', 'none']
LogLevel = Literal['info', 'warning', 'error']


class SettingFields(BaseSettings):
    """The fields; services.settings.Settings validates them and derives what depends on several of them."""

    host: str = Field('127.0.0.1', min_length=1, description='IP address to listen on; 0.0.0.0 for all interfaces')
    port: int = Field(8080, ge=1, le=65535, description='TCP port to listen on')
    database_url: str = Field(
        f'sqlite:///{STATE_FOLDER / "journal.sqlite3"}',
        repr=False,  # the password must not appear in a log
        description='The database: sqlite:///path or postgresql://user:password@host/name',
    )
    direct_database_url: str = Field(
        '',
        repr=False,
        description='The same PostgreSQL database without PgBouncer, if JOURNAL_DATABASE_URL leads to PgBouncer',
    )
    state_folder: Path | None = Field(
        None, description='Folder for the files of one node; by default the folder of the SQLite file, or data/'
    )
    storage_secret: str = Field(
        '', repr=False, description='Key that signs session cookies, at least 32 characters; the same on all nodes'
    )
    data_key: str = Field(
        '',
        repr=False,
        description='Key of secrets in the database, at least 32 characters; by default the file data.key, '
        'or else the storage secret',
    )
    backup_key_file: Path | None = Field(
        None, description='File with the passphrase of encrypted backups, at least 20 characters; only for its owner'
    )
    timezone: str = Field('Europe/Moscow', description='Time zone of all dates and times on the screen')
    api_rate: int = Field(12_000, ge=1, description='Maximum number of API requests per minute for each token')
    providers_folder: Path | None = Field(
        None, description='Folder with files that describe further SMS providers, `name.toml` each'
    )
    receipt_keys: dict[str, str] = Field(
        {},
        repr=False,
        description='Delivery receipt keys by provider, as JSON, at least 16 characters each: {"smsc": "…"}',
    )
    receipt_zones: str = Field(
        '',
        description='Time zones of local times in receipts, if they differ from the defaults: smsc=Asia/Yekaterinburg',
    )
    unknown_kinds: Literal['refuse', 'accept'] = Field(
        'refuse',
        description='What happens to incoming messages of a kind that is not in the dictionary: refuse or accept',
    )
    balance_source: str = Field(
        'ledger',
        description='Source of the balance: ledger (set by `balance set`), none, '
        f'{", ".join(BALANCE_PROVIDERS)} or a provider whose file describes it',
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
    queue_warning_minutes: int = Field(
        60, ge=1, le=525_600, description='Minutes that a message waits until the queue is shown in amber'
    )
    queue_alarm_minutes: int = Field(
        1440, ge=1, le=525_600, description='Minutes that a message waits until the queue is shown in red'
    )
    queue_silence_minutes: int = Field(
        120, ge=1, le=525_600, description='Minutes without a sent message until an amber queue is shown as stuck'
    )
    alert_errors: int = Field(
        20, ge=1, description='Failed messages in an hour below which there is no alert of errors'
    )
    alert_growth: int = Field(3, ge=2, description='How many times the usual errors of an hour raise an alert')
    alert_receipts_minutes: int = Field(60, ge=5, le=1440, description='Minutes without receipts that raise an alert')
    alert_email_to: str = Field('', description='E-mail addresses that are notified of alerts, separated by commas')
    alert_email_from: str = Field('', description='E-mail address of the sender of these notifications')
    alert_email_host: str = Field('', description='Name of the SMTP server that sends them')
    alert_email_port: int = Field(587, ge=1, le=65535, description='TCP port of the SMTP server')
    alert_email_security: EmailSecurity = Field(
        'starttls', description='Encryption of the connection to it: starttls, tls or none'
    )
    alert_email_login: str = Field('', description='User name at the SMTP server, if it needs one')
    alert_email_password: str = Field('', repr=False, description='Password at the SMTP server')
    alert_webhook_url: str = Field('', repr=False, description='URL that is notified of alerts by POST with JSON')
    alert_webhook_token: str = Field('', repr=False, description='Bearer token of these requests')
    alert_link_url: str = Field(
        '',
        description='URL of the journal in notifications, which have no links without it, and in links that programs '
        'create: https://journal.example.ru',
    )
    metrics_token: str = Field(
        '', repr=False, description='Bearer token that allows reading /metrics from another machine'
    )
    log_level: LogLevel = Field('warning', description='Lowest level that is logged: info, warning or error')
    log_json: bool = Field(False, description='Log as JSON, one object per line')
    audit_names_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description='Days after which `purge` removes names and phones from the audit log, except keyed digests; '
        '0 means never',
    )
    audit_anchor_minutes: int = Field(
        60,
        ge=1,
        le=1440,
        description='Minutes between two log lines that note the newest record of the audit log',
    )
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
    allowed_hosts: str = Field(
        '',
        pattern=r'^[\w.:*\[\], -]*$',
        description='Host names of the journal, separated by commas; by default the listening address; * for any',
    )
    root_path: str = Field(
        '', description='Path of the journal behind a reverse proxy, beside other applications of one host: /journal'
    )
    frame_ancestors: str = Field(
        '', description='Origins whose pages may show the journal in a frame, separated by commas; by default none'
    )
    demo: bool = Field(False, description='Fill an empty database (demo.sqlite3) with 20 000 generated messages')
    reload: bool = Field(False, description='Restart when the code changes (for developers)')

    def missing_variables(self, *required: str) -> str:
        """Return the environment variables of those of the required settings that are empty, separated by commas."""
        return ', '.join(env_variable(field) for field in required if not getattr(self, field))


def env_variable(field: str) -> str:
    """Return the environment variable of a setting: port → JOURNAL_PORT."""
    return ENV_PREFIX + field.upper()
