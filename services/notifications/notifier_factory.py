"""Creation of the notifier from the settings."""

from collections.abc import Callable, Iterator
from datetime import datetime

from services.database.engine import Database
from services.notifications.alert_notifier import AlertNotifier
from services.notifications.email_channel import EmailChannel, EmailServer
from services.notifications.notice import Channel
from services.notifications.webhook_channel import WebhookChannel
from services.settings import Settings


def create_alert_notifier(settings: Settings, database: Database, now: Callable[[], datetime]) -> AlertNotifier:
    """Create the notifier with the channels that the settings name; `now` returns the current time (aware)."""
    return AlertNotifier(database, list(_channels(settings)), now, origin=settings.alert_link_url.rstrip('/'))


def _channels(settings: Settings) -> Iterator[Channel]:
    if settings.alert_email_to:
        server = EmailServer(
            settings.alert_email_host,
            settings.alert_email_port,
            settings.alert_email_security,
            settings.alert_email_login,
            settings.alert_email_password,
        )
        recipients = tuple(settings.alert_email_to.split(','))
        yield EmailChannel(server, settings.alert_email_from, recipients, settings.zone)
    if settings.alert_webhook_url:
        yield WebhookChannel(settings.alert_webhook_url, settings.alert_webhook_token)
