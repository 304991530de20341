"""Creation of the poller that the settings describe."""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.database.engine import Database
from services.ingest.ingest_queue import IngestQueue
from services.monitoring.metrics import Metrics
from services.receipts.provider_codes import ProviderCodes
from services.settings import Settings
from services.status_polling.poll_queue import PollSchedule
from services.status_polling.status_poller import PolledAccount, StatusPoller


def create_status_poller(
    settings: Settings,
    database: Database,
    ingest: IngestQueue,
    codes: ProviderCodes,
    metrics: Metrics,
    now: Callable[[], datetime],
) -> StatusPoller | None:
    """Create the poller; None if no provider is asked. Settings has already checked its settings."""
    provider = settings.providers.get(settings.poll_source)
    if provider is None or provider.create_status_account is None:
        return None
    polled = PolledAccount(
        provider,
        provider.create_status_account(settings.poll_login, settings.poll_key, settings.poll_url),
        settings.poll_login,
        settings.receipt_zone(provider),
        PollSchedule(
            first_pause=timedelta(seconds=settings.poll_interval_seconds),
            expires_after=settings.delivery_timeouts.answer,
        ),
    )

    def count(provider: str, outcome: str) -> None:
        metrics.status_polls.labels(provider, outcome).inc()

    return StatusPoller(database, ingest, codes, polled, now, count=count)
