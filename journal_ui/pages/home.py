"""The main page: numbers of the moment, and a tile for each section that the user may open (docs/manual.md S2)."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup
from nicegui import ui

from journal_ui.components.html_element import EMPTY_MARKUP, HtmlElement, TextTag
from journal_ui.layout.navigation import accessible_sections
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.pages import error_pages, message_link
from journal_ui.pages.journal_footer import QUEUE_CLASSES, describe_balance_age
from journal_ui.root_path import public_path
from models import MessageStatus
from services import texts
from services.call_list.call_list_service import DEFAULT_PERIOD_DAYS
from services.composition import Services
from services.demo.demo_story import STORY_IDS, STORY_QUERY
from services.formats import date_and_minute, integer, money, plural
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.overview.daily_errors import DailyErrors, failed_on
from services.overview.footer import Footer
from services.overview.queue_health import LONG_WAITING_QUERY, MAX_COUNTED, QueueReport

EXACT_BELOW = 10
"""A mean below this has a decimal."""
NUMBER_HTML = Markup(
    '<li><a href="{url}" target="_blank" class="figure {tone}">'
    '<span class="title">{title}</span><span class="value">{value}</span><span class="note">{note}</span></a></li>'
)
TRY_HTML = Markup('<span>{text}</span>')
QUESTION_HTML = Markup('<a href="{url}" target="_blank">{text}</a>')
QUESTIONS = (
    (texts.DEMO_WHY_NO_REMINDER, message_link.link_path(STORY_IDS[0])),
    (texts.DEMO_WHOM_ERROR_HITS, query_params.to_url(STORY_QUERY)),
    (texts.DEMO_MONTH_COST, '/summary'),
)
"""The questions of the demonstration, and the pages that answer them."""


@dataclass(frozen=True)
class Number:
    """A number of the main page."""

    title: str
    value: str
    note: str
    url: str
    """The list that has the counted rows."""
    tone: str = ''
    """Its CSS class: empty, `late` or `low`."""


def page(services: Services) -> Callable[[Viewer], Awaitable[None]]:
    """Return the function that draws the page; a section opens in a new tab."""

    async def draw(viewer: Viewer) -> None:
        if viewer.person.may_read_journals:
            await services.overview.refresh_figures()
        with page_layout(texts.HOME_TITLE, viewer, path='/'):
            sections = accessible_sections(viewer)
            if not sections:
                error_pages.draw_message(texts.NO_SECTIONS, texts.NO_SECTIONS_NEXT, heading_tag='h2', home_link=False)
                return
            if viewer.person.may_read_journals:
                _draw_numbers(services)
                if services.settings.uses_demo_database:
                    _draw_questions()
            with ui.element('ul').classes('tiles'):
                for section in sections:
                    with ui.element('li'), ui.link(target=section.path, new_tab=True).classes('tile') as tile:
                        if section.external:
                            tile.props('rel=noopener')
                        ui.icon(section.icon)
                        TextTag('h2', section.tile_title)
                        TextTag('p', section.hint)

    return draw


def _draw_numbers(services: Services) -> None:
    """Draw the numbers, and update them while the page is open."""
    numbers = HtmlElement('ul').classes('numbers').props(f'aria-label="{texts.FIGURES_TITLE}"')

    def update() -> None:
        numbers.set_html(EMPTY_MARKUP.join(_number_html(each) for each in _numbers(services)))

    update()
    for subscribe in (
        services.overview.subscribe_queue,
        services.overview.subscribe_figures,
        services.live_updates.subscribe_footer,
    ):
        ui.context.client.on_delete(subscribe(lambda _: update()))


def _number_html(number: Number) -> Markup:
    return NUMBER_HTML.format(
        title=number.title, value=number.value, note=number.note, url=public_path(number.url), tone=number.tone
    )


def _draw_questions() -> None:
    """Draw questions that the demonstration data answers, each with a link to its answer."""
    links = EMPTY_MARKUP.join(QUESTION_HTML.format(text=question, url=public_path(url)) for question, url in QUESTIONS)
    HtmlElement('p', TRY_HTML.format(text=texts.DEMO_TRY) + links).classes('questions')


def _numbers(services: Services) -> Iterator[Number]:
    """Yield the numbers as they are known now."""
    figures, queue = services.overview.figures, services.overview.queue
    yield _errors_number(figures.errors, services)
    yield _waiting_number(queue)
    yield _last_sent_number(queue, services)
    to_call = texts.FIGURE_UNKNOWN if figures.to_call is None else integer(figures.to_call)
    call_days = texts.FIGURE_TO_CALL_NOTE.format(days=plural(DEFAULT_PERIOD_DAYS, texts.DAY_FORMS))
    yield Number(texts.FIGURE_TO_CALL, to_call, call_days, '/callbacks')
    yield _balance_number(services.live_updates.footer, services)


def _errors_number(errors: DailyErrors | None, services: Services) -> Number:
    if errors is None:
        url = query_params.to_url(failed_on(services.messages.today()))
        return Number(texts.FIGURE_ERRORS, texts.FIGURE_UNKNOWN, '', url)
    note = texts.FIGURE_NO_USUAL
    if errors.usual is not None:
        compared = plural(errors.compared_weeks, texts.WEEKDAY_FORMS[errors.day.weekday()])
        wording = texts.FIGURE_ABOVE_USUAL if errors.count > errors.usual else texts.FIGURE_USUAL
        note = wording.format(usual=_format_mean(errors.usual), days=compared)
    if errors.withdrawn:
        note = texts.FIGURE_WITHDRAWN.format(note=note, count=integer(errors.withdrawn))
    return Number(texts.FIGURE_ERRORS, integer(errors.count), note, query_params.to_url(errors.query))


def _format_mean(mean: Decimal) -> str:
    if mean == int(mean) or mean >= EXACT_BELOW:
        return integer(round(mean))
    return f'{mean:.1f}'.replace('.', ',')


def _waiting_number(queue: QueueReport | None) -> Number:
    url = query_params.to_url(LONG_WAITING_QUERY)
    if queue is None:
        return Number(texts.FIGURE_WAITING, texts.FIGURE_UNKNOWN, '', url)
    count = queue.health.long_waiting
    value = integer(count)
    if count > MAX_COUNTED:
        value = texts.FIGURE_WAITING_MORE.format(count=integer(MAX_COUNTED))
    return Number(texts.FIGURE_WAITING, value, queue.summary, url, QUEUE_CLASSES[queue.level])


def _last_sent_number(queue: QueueReport | None, services: Services) -> Number:
    if queue is None:
        sent = MessageQuery(statuses=frozenset({MessageStatus.SENT}))
        return Number(texts.FIGURE_LAST_SENT, texts.FIGURE_UNKNOWN, '', query_params.to_url(sent))
    note = date_and_minute(queue.health.last_sent_at, services.messages.zone)
    url = query_params.to_url(queue.last_sent_query)
    return Number(texts.FIGURE_LAST_SENT, queue.last_sent, note, url, 'low' if queue.is_stuck else '')


def _balance_number(footer: Footer | None, services: Services) -> Number:
    if footer is None or footer.balance.amount is None:
        return Number(texts.FIGURE_BALANCE, texts.FIGURE_UNKNOWN, '', '/summary')
    is_low = footer.is_balance_below(services.settings.balance_alert)
    notes = (
        texts.FIGURE_BALANCE_LOW if is_low else '',
        ''
        if footer.balance.available
        else texts.FIGURE_BALANCE_OLD.format(time=describe_balance_age(services, footer.balance)),
    )
    note = ', '.join(filter(None, notes))
    return Number(texts.FIGURE_BALANCE, money(footer.balance.amount), note, '/summary', 'low' if is_low else '')
