"""The setting of the time zones of local times in receipts: `smsc=Asia/Yekaterinburg,kannel=UTC`."""

from zoneinfo import ZoneInfo

from services.providers.provider import Providers


def parse_receipt_zones(text: str, providers: Providers) -> dict[str, ZoneInfo]:
    """Parse `provider=zone,…` into the zones by the key of the provider.

    Raises:
        KeyError, ValueError, OSError: a provider is unknown or named twice, or there is no such zone.
    """
    zones: dict[str, ZoneInfo] = {}
    for part in filter(None, map(str.strip, text.split(','))):
        key, _, zone = (piece.strip() for piece in part.partition('='))
        if key in zones:
            raise ValueError(key)
        zones[providers[key].key] = ZoneInfo(zone)
    return zones
