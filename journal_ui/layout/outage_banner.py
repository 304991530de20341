"""A notice on every open page while the database does not answer."""

from nicegui import Client, app, ui

from services import texts
from services.live_updates import LiveUpdates


def install(live: LiveUpdates) -> None:
    """Add the notice to every page that connects from now on."""
    banner = OutageBanner(live)
    app.on_connect(banner.update_page)
    app.on_delete(banner.remove_page)


class OutageBanner:
    """The notices of all open pages."""

    def __init__(self, live: LiveUpdates) -> None:
        """Subscribe to the availability of the database."""
        self._live = live
        self._labels: dict[str, ui.label] = {}
        live.subscribe_availability(self._update_all_pages)

    def update_page(self, client: Client) -> None:
        """Set the notice of a page that has connected, and draw it unless the page has only reconnected."""
        if client.id not in self._labels:
            with client.layout:
                self._labels[client.id] = ui.label().classes('away').props('role=status')
        self._labels[client.id].text = _banner_text(available=self._live.database_available)

    def remove_page(self, client: Client) -> None:
        """Forget the notice of a page that has closed."""
        self._labels.pop(client.id, None)

    def _update_all_pages(self, available: bool) -> None:
        for label in self._labels.values():
            label.text = _banner_text(available=available)


def _banner_text(*, available: bool) -> str:
    return '' if available else texts.OUTAGE_BANNER
