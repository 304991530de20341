"""Says on every open page that the database does not answer, for as long as it does not: in one place, and calmly."""

from nicegui import Client, app, ui

from services import texts
from services.live_updates import Live


def install(live: Live) -> None:
    """Have every page say so from now on."""
    outage = Outage(live)
    app.on_connect(outage.draw)
    app.on_delete(outage.forget)


class Outage:
    """The notices of all open pages."""

    def __init__(self, live: Live) -> None:
        """Hear of the database from `live`."""
        self._live = live
        self._notices: dict[str, ui.label] = {}
        live.watch(self._tell)

    def draw(self, client: Client) -> None:
        """Draw the place of the notice into a page that has opened; one that comes back has it."""
        if client.id not in self._notices:
            with client.layout:
                self._notices[client.id] = ui.label().classes('away').props('role=status')
        self._notices[client.id].text = _said(answers=self._live.answers)

    def forget(self, client: Client) -> None:
        """Leave a page that has closed."""
        self._notices.pop(client.id, None)

    def _tell(self, answers: bool) -> None:
        for notice in self._notices.values():
            notice.text = _said(answers=answers)


def _said(*, answers: bool) -> str:
    return '' if answers else texts.AWAY
