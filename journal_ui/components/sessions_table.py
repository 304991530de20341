"""A list of sessions, as their owner and an administrator see it."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import ui

from services import texts
from services.accounts.sessions import SessionLine
from services.formats import minute

BROWSERS = (
    ('YaBrowser/', 'Яндекс Браузер'),
    ('Edg/', 'Edge'),
    ('OPR/', 'Opera'),
    ('Firefox/', 'Firefox'),
    ('Chrome/', 'Chrome'),
    ('Safari/', 'Safari'),
)
"""By what a browser calls itself: many say the names of others too, the first that fits counts."""
SYSTEMS = (
    ('Windows', 'Windows'),
    ('Android', 'Android'),
    ('iPhone|iPad', 'iOS'),
    ('Mac OS', 'macOS'),
    ('Linux', 'Linux'),
)


def table(lines: Sequence[SessionLine], zone: ZoneInfo, *, this: str = '') -> None:
    """Draw the sessions, the one whose key is `this` marked."""
    titles = (texts.SESSION_BEGUN, texts.SESSION_SEEN, texts.SESSION_ADDRESS, texts.SESSION_AGENT)
    with ui.element('table').classes('lines'):
        with ui.element('thead'), ui.element('tr'):
            for title in titles:
                with ui.element('th').props('scope=col'):
                    ui.label(title)
        with ui.element('tbody'):
            for line in lines:
                said = browser(line.agent) + (f' ({texts.SESSION_THIS})' if line.key == this else '')
                values = (minute(line.begun_at, zone), minute(line.seen_at, zone), line.address, said)
                with ui.element('tr'):
                    for title, value in zip(titles, values, strict=True):
                        with ui.element('td').props(f'data-title="{title}"'):
                            ui.label(value)


def browser(agent: str) -> str:
    """Give the short name of a browser: «Firefox, Windows»."""
    named = next((name for mark, name in BROWSERS if mark in agent), '')
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, agent)), '')
    return ', '.join(filter(None, (named, system))) or texts.SESSION_UNKNOWN_AGENT
