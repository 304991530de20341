"""The page `/error-codes` for administrators: codes of operators, receipts of providers, webhooks."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.dialogs import ConfirmationDialog
from journal_ui.components.html_element import TextTag
from journal_ui.components.record_table import draw_actions_menu, draw_cells, record_table
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.pages.admin import webhook_tables
from journal_ui.pages.admin.editable_table import EditableTable
from journal_ui.security.auth_middleware import PageBuilder
from services import texts
from services.accounts.identity import Identity
from services.composition import Services
from services.formats import date_and_minute, integer
from services.receipts.operator_codes import MAX_LENGTHS, OperatorCode, OperatorCodes
from services.receipts.provider_codes import ProviderCodes
from services.receipts.receipt_feeds import ReceiptFeed, load_receipt_feeds
from services.receipts.unmatched_receipts import UnmatchedReceipts, find_unmatched_receipts


def page(services: Services) -> PageBuilder:
    """Return the function that draws the page."""

    async def build(viewer: Viewer) -> None:
        unmatched = await find_unmatched_receipts(services.database)
        feeds = await services.database.read(partial(load_receipt_feeds, now=services.now()))
        webhooks, given_up = await services.webhooks.list_all(), await services.webhooks.given_up()
        actions = _CodeActions(services.operator_codes, viewer.person)
        with (
            page_layout(texts.ERROR_CODES_TITLE, viewer, path='/error-codes'),
            ui.element('div').classes('sheets broad'),
        ):
            with ui.element('div').classes('bar'):
                TextButton(texts.ERROR_CODE_ADD, actions.add, primary=True)
            codes_sheet = ui.element('div').classes('sheet wide')
            with ui.element('div').classes('sheet wide'):
                TextTag('h2', texts.RECEIPT_FEEDS_TITLE)
                TextTag('p', texts.RECEIPT_FEEDS_ABOUT)
                _draw_feeds({**dict.fromkeys(services.settings.receipt_keys, ReceiptFeed()), **feeds}, services)
            with ui.element('div').classes('sheet wide'):
                TextTag('h2', texts.UNMATCHED_TITLE)
                TextTag('p', texts.UNMATCHED_ABOUT)
                _draw_unmatched_receipts(unmatched, services.settings.zone, services.provider_codes)
            if webhooks:
                with ui.element('div').classes('sheet wide'):
                    webhook_tables.draw_webhooks(webhooks, given_up, services.settings.zone)
            actions.set_containers(codes_sheet, ui.element('div'))
            await actions.refresh()

    return build


class _CodeActions(EditableTable):
    """The codes, and what an administrator does with them."""

    def __init__(self, codes: OperatorCodes, admin: Identity) -> None:
        super().__init__()
        self._codes = codes
        self._admin = admin

    async def _load(self) -> Callable[[], None]:
        return partial(_draw_codes, await self._codes.list_all(), self._menu)

    def add(self) -> None:
        """Open the dialog that adds a code."""
        with ConfirmationDialog(self._dialog_container, texts.ERROR_CODE_ADD, texts.ERROR_CODE_ADD_SUBMIT) as dialog:
            fields = _draw_fields(OperatorCode('', '', ''))

        async def apply() -> None:
            code = _entered_code(fields)
            await self._codes.add(self._admin, code)
            await self._notify_and_refresh(_done_text('add', code))

        dialog.show(apply)

    def _change(self, old: OperatorCode) -> None:
        with ConfirmationDialog(
            self._dialog_container, texts.ERROR_CODE_CHANGE, texts.ERROR_CODE_CHANGE_SUBMIT
        ) as dialog:
            fields = _draw_fields(old)

        async def apply() -> None:
            code = _entered_code(fields)
            await self._codes.change(self._admin, old, code)
            await self._notify_and_refresh(_done_text('change', code))

        dialog.show(apply)

    def _remove(self, code: OperatorCode) -> None:
        async def apply() -> None:
            await self._codes.remove(self._admin, code)
            await self._notify_and_refresh(_done_text('remove', code))

        ConfirmationDialog(
            self._dialog_container,
            texts.ERROR_CODE_REMOVE,
            texts.ERROR_CODE_REMOVE,
            texts.ERROR_CODE_REMOVE_CONFIRM.format(code=code.code),
        ).show(apply)

    def _menu(self, code: OperatorCode) -> None:
        """Draw the button of a row with the menu of actions."""
        draw_actions_menu(
            texts.ERROR_CODE_ACTIONS_OF.format(code=code.code),
            [
                (texts.ERROR_CODE_CHANGE, partial(self._change, code)),
                (texts.ERROR_CODE_REMOVE, partial(self._remove, code)),
            ],
        )


def _done_text(action: str, code: OperatorCode) -> str:
    return texts.ERROR_CODE_DONE[action].format(code=code.code.strip())


def _draw_fields(code: OperatorCode) -> dict[str, ui.input]:
    """Draw an input for each field of a code, and return the inputs by the field's name."""
    fields = {}
    for name, value in vars(code).items():
        field = ui.input(texts.ERROR_CODE_FIELDS[name], value=value)
        fields[name] = field.props(f'outlined dense stack-label autocapitalize=off maxlength={MAX_LENGTHS[name]}')
    fields['operator'].props(f'placeholder="{texts.ERROR_CODE_ANY_OPERATOR}" autofocus')
    return fields


def _entered_code(fields: dict[str, ui.input]) -> OperatorCode:
    return OperatorCode(**{name: field.value or '' for name, field in fields.items()})


def _draw_codes(codes: Sequence[OperatorCode], draw_menu: Callable[[OperatorCode], None]) -> None:
    TextTag('h2', texts.OPERATOR_CODES_TITLE)
    TextTag('p', texts.OPERATOR_CODES_ABOUT)
    if not codes:
        TextTag('p', texts.OPERATOR_CODES_EMPTY)
        return
    titles = tuple(texts.ERROR_CODE_FIELDS.values())
    with record_table(titles, actions_title=texts.ERROR_CODE_ACTIONS):
        for code in codes:
            with ui.element('tr'):
                draw_cells(titles, (code.operator or texts.ERROR_CODE_ANY_OPERATOR, code.code, code.name, code.advice))
                with ui.element('td').classes('act'):
                    draw_menu(code)


def _draw_feeds(feeds: Mapping[str, ReceiptFeed], services: Services) -> None:
    """Draw the state of the receipts of each provider that has a key or has sent any."""
    if not feeds:
        TextTag('p', texts.RECEIPT_FEEDS_NONE)
        return
    zone = services.settings.zone
    with record_table(texts.RECEIPT_FEEDS_COLUMNS):
        for provider, feed in feeds.items():
            values = (
                services.provider_codes.provider_name(provider),
                date_and_minute(feed.last, zone) or texts.RECEIPT_FEED_UNKNOWN,
                integer(feed.waiting),
                date_and_minute(feed.oldest_waiting, zone),
            )
            with ui.element('tr'):
                draw_cells(texts.RECEIPT_FEEDS_COLUMNS, values)


def _draw_unmatched_receipts(receipts: UnmatchedReceipts, zone: ZoneInfo, codes: ProviderCodes) -> None:
    if not receipts.total:
        TextTag('p', texts.UNMATCHED_NONE)
        return
    if receipts.total > len(receipts.newest):
        shown, total = integer(len(receipts.newest)), integer(receipts.total)
        TextTag('p', texts.UNMATCHED_SHOWN.format(shown=shown, total=total))
    with record_table(texts.UNMATCHED_COLUMNS):
        for receipt in receipts.newest:
            values = (
                codes.provider_name(receipt.provider),
                receipt.provider_id,
                receipt.code or '',
                receipt.error_code or '',
                date_and_minute(receipt.at, zone),
            )
            with ui.element('tr'):
                draw_cells(texts.UNMATCHED_COLUMNS, values)
