"""The mark in the header while there are alerts; a click lists them."""

from collections.abc import Iterable

from markupsafe import Markup
from nicegui import ui

from journal_ui.components.html_element import EMPTY_MARKUP, HtmlElement
from journal_ui.root_path import public_path
from services import texts
from services.overview.alert_model import Alert
from services.overview.alerts import Alerts

LIST_HTML = Markup(
    '<details class="{tone}"><summary title="{title}"><span class="count">{count}</span>'
    '<span class="words">{words}</span></summary><ul>{entries}</ul></details>'
)
ENTRY_HTML = Markup('<li class="{tone}"><a href="{url}">{text}{note}</a></li>')
NOTE_HTML = Markup(' <small>{note}</small>')


def draw_alerts(alerts: Alerts) -> None:
    """Draw the mark, and update it while the page is open; screen readers announce every change."""
    mark = HtmlElement('div').classes('alerts').props('role=status')

    def update(current: tuple[Alert, ...]) -> None:
        mark.set_html(alerts_html(current, alerts))

    update(alerts.current)
    ui.context.client.on_delete(alerts.subscribe(update))


def alerts_html(current: tuple[Alert, ...], alerts: Alerts) -> Markup:
    """Return the mark: the first alert, and the list of all; nothing if there are none."""
    if not current:
        return EMPTY_MARKUP
    active = sum(each.ended_at is None for each in current)
    first, others = current[0].text, (active or len(current)) - 1
    words = texts.ALERT_FIRST.format(text=first, others=others) if others else first
    return LIST_HTML.format(
        tone='' if active else 'ended',
        title=texts.ALERTS_TITLE.format(count=active),
        count=active or '✓',
        words=words,
        entries=alert_entries(current, alerts),
    )


def alert_entries(current: Iterable[Alert], alerts: Alerts) -> Markup:
    """Return an entry of a list for each alert, which leads to what it is about."""
    return EMPTY_MARKUP.join(
        ENTRY_HTML.format(
            tone='ended' if each.ended_at else '',
            url=public_path(each.url),
            text=texts.ALERT_TIME.format(time=alerts.format_time(each.ended_at or each.began_at), text=each.text),
            note=NOTE_HTML.format(note=each.finding.list_note) if each.finding.list_note else '',
        )
        for each in current
    )
