"""The settings of the provider that is asked for statuses: their fields and their validation."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from services import texts
from services.oidc.oidc_settings import OidcSettingFields, is_secure
from services.providers.registry import POLLED_PROVIDERS

NO_PROVIDER = 'none'


class PollingSettingFields(OidcSettingFields):
    """The fields of the provider that is asked for statuses, after those of the identity provider."""

    poll_source: str = Field(
        NO_PROVIDER,
        description='SMS provider that sends no receipts and is asked for the status of each message: '
        f'{", ".join((NO_PROVIDER, *POLLED_PROVIDERS))}',
    )
    poll_login: str = Field('', description='Login of the account at this provider')
    poll_key: str = Field('', repr=False, description='Password or key of this account')
    poll_url: str = Field('', description='URL of its interface, if it is not the usual one')
    poll_interval_seconds: int = Field(
        60,
        ge=10,
        le=3600,
        description='Seconds until a message is asked for first; each further pause is twice as long',
    )

    @field_validator('poll_source')
    @classmethod
    def _validate_poll_source(cls, name: str) -> str:
        sources = (NO_PROVIDER, *POLLED_PROVIDERS)
        if name not in sources:
            raise ValueError(texts.SETTING_NOT_ONE_OF.format(value=name, expected=', '.join(sources)))
        return name

    @field_validator('poll_url')
    @classmethod
    def _validate_poll_url(cls, url: str) -> str:
        try:
            is_valid = not url or (is_secure(url) and url.isprintable() and ' ' not in url)
        except ValueError:
            is_valid = False
        if not is_valid:
            raise ValueError(texts.SETTING_NO_HTTPS.format(value=url))
        return url

    @model_validator(mode='after')
    def _check_polling_settings(self) -> Self:
        if self.poll_source != NO_PROVIDER and (missing := self.missing_variables('poll_login', 'poll_key')):
            raise ValueError(texts.SETTING_FOR_POLLING.format(source=self.poll_source, names=missing))
        return self
