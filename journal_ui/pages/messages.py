"""The page «Журнал отправленных сообщений»: its columns, filters, details and foot (spec S4 to S16)."""

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from journal_ui.components.html_element import Html, lines
from journal_ui.filters.autocomplete_filter import LookupFilter
from journal_ui.filters.basic_filters import ChoiceFilter, FlagsFilter, TextFilter
from journal_ui.filters.chip_filter import MarkFilter
from journal_ui.filters.date_range_filter import PeriodFilter
from journal_ui.filters.masked_filter import PHONE, MaskedFilter
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.list_page.export_button import Export
from journal_ui.list_page.grid.data_grid import Detail, Step
from journal_ui.list_page.grid.grid_columns import Column, Kind
from journal_ui.list_page.list_definition import Declaration
from journal_ui.list_page.list_page import Journal
from models import MessageStatus
from services import texts
from services.composition import Services
from services.formats import amount, minute, money, phone
from services.ingest.ingest_batch import A_FILE
from services.ingest.status_history import Fact
from services.live_updates import Foot
from services.messages.message_details import Opened
from services.messages.message_query import MessageQuery, MessageRow, said_waiting
from services.receipts.provider_codes import PROVIDERS, STATUS, Codes

TONES = {MessageStatus.WAITING: 'waiting', MessageStatus.SENT: 'sent', MessageStatus.FAILED: 'failed'}


def page(services: Services) -> Callable[[Viewer], None]:
    """Give what draws the page."""
    declared = journal(services)

    def draw(viewer: Viewer) -> None:
        with frame(texts.JOURNAL_TITLE, viewer, path='/messages', foot=partial(draw_foot, services)):
            Journal(declared, viewer.preferences, viewer.witness(services.access, texts.JOURNAL_TITLE))

    return draw


def journal(services: Services) -> Declaration[MessageQuery, MessageRow]:
    """Say what makes a journal the journal of messages."""
    time = partial(minute, zone=services.messages.zone)

    async def details(row: MessageRow) -> Sequence[Detail] | None:
        opened = await services.messages.details(row.code)
        if opened is None:
            return None
        message = opened.message
        wrong = 'wrong' if message.status is MessageStatus.FAILED else 'none'
        return (
            Detail(texts.TEXT, message.text, 'message'),
            Detail(texts.ERROR_CODE, message.error_code or texts.NO_ERROR, wrong if message.error_code else 'none'),
            Detail(texts.ERROR_NAME, message.error_name or texts.NO_ERROR, wrong if message.error_name else 'none'),
            *([Detail(texts.ADVICE, advice)] if (advice := _advice(services.codes, opened)) else ()),
            Detail(texts.HISTORY, steps=[_step(services, fact) for fact in opened.facts]),
        )

    return Declaration(
        name=texts.JOURNAL_TITLE,
        source=services.messages,
        query=services.messages.query,
        filters=(
            TextFilter('name', texts.RECIPIENT),
            MaskedFilter('phone', texts.PHONE, PHONE),
            ChoiceFilter('kind', texts.KIND, texts.KINDS),
            PeriodFilter('period', texts.PERIOD),
            LookupFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
            FlagsFilter('statuses', texts.STATUS, texts.STATUSES),
            MarkFilter('older_than', said_waiting),
        ),
        columns=(
            Column('code', texts.CODE, lambda row: row.key, 80, kind=Kind.CODE),
            Column('recipient_name', texts.RECIPIENT, lambda row: row.recipient_name, 200, grow=1, narrow=110),
            Column('phone', texts.PHONE, lambda row: phone(row.phone), 140, kind=Kind.PHONE),
            Column('appointment_at', texts.APPOINTMENT, lambda row: time(row.appointment_at), 128, kind=Kind.FIGURES),
            Column('organization', texts.ORGANIZATION, lambda row: row.organization, 180, grow=1),
            Column('kind', texts.KIND, lambda row: texts.KINDS[row.kind], 166),
            Column('sent_at', texts.SENT_AT, lambda row: time(row.sent_at), 128, kind=Kind.FIGURES, narrow=92),
            Column(
                'status',
                texts.STATUS,
                lambda row: texts.STATUSES[row.status],
                154,
                kind=Kind.STATUS,
                tone=lambda row: TONES[row.status],
                narrow=112,
            ),
            Column('cost', texts.COST, lambda row: amount(row.cost), 92, kind=Kind.MONEY),
        ),
        details=details,
        opener=(texts.SHOW_MESSAGE, texts.HIDE_MESSAGE),
        drafts=services.drafts,
        links=services.links,
        searches=services.searches,
        export=Export(services.exports),
        watch=services.live.watch,
        follow=services.live.follow,
    )


def _advice(codes: Codes, opened: Opened) -> str | None:
    """Say what to do about a message that was not sent."""
    if opened.message.status is not MessageStatus.FAILED:
        return None
    return codes.advice(opened.message.error_name, opened.facts)


def _step(services: Services, fact: Fact) -> Step:
    """Write a step of a message's history: when, in whose words what, and who told."""
    code = services.codes.of(fact.provider, STATUS, fact.code) if fact.provider and fact.code else None
    words = (
        code.name if code else texts.STEPS[fact.status] if fact.status else texts.STEP_UNKNOWN.format(code=fact.code)
    )
    if fact.error_name and fact.error_name != words:
        words = f'{words}: {fact.error_name}'
    teller = PROVIDERS.get(fact.told_by, '' if fact.told_by == A_FILE else fact.told_by)
    return Step(
        minute(fact.at, services.messages.zone),
        f'{words} · {teller}' if teller else words,
        TONES[fact.status] if fact.status else '',
    )


def draw_foot(services: Services, band: Html) -> None:
    """Draw what was spent and what is left, and keep both true while the page is open (spec S16)."""

    def show(foot: Foot | None) -> None:
        sent = texts.SENT_SUM.format(sum=money(foot.sent)) if foot else texts.SENT_SUM_UNKNOWN
        said = said_balance(services, foot)
        low = is_low(services, foot)
        balance = texts.BALANCE_LOW.format(said=said) if low else said
        band.write(lines(('', sent), ('low' if low else '', balance)))

    show(services.live.foot)
    ui.context.client.on_delete(services.live.subscribe(show))


def is_low(services: Services, foot: Foot | None) -> bool:
    """Say whether the last known balance is below what the administrator wants to be warned of."""
    alert, amount = services.settings.balance_alert, foot.balance.amount if foot else None
    return alert is not None and amount is not None and amount < alert


def said_balance(services: Services, foot: Foot | None) -> str:
    """Say the balance; one that cannot be had is never 0, but the last known one with its time."""
    if foot is None or foot.balance.amount is None:
        return texts.BALANCE_UNKNOWN
    if foot.balance.available:
        return texts.BALANCE.format(sum=money(foot.balance.amount))
    zone = services.messages.zone
    time = minute(foot.balance.as_of, zone)
    if foot.balance.as_of and foot.balance.as_of.astimezone(zone).date() == services.messages.today():
        time = time.split()[-1]
    return texts.BALANCE_OLD.format(sum=money(foot.balance.amount), time=time)
