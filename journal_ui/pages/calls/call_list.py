"""The page «Список обзвона»: recipients to call because a message was not delivered, and completed calls."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.filters.basic_filters import TextFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.filtered_page import FilteredPage
from journal_ui.monitoring import error_reporting
from journal_ui.pages.calls.call_card import CallActions, CallCard, draw_completed_call
from journal_ui.pages.calls.call_status import PostponedLine, UndoLine
from journal_ui.pages.message_choices import kind_filter, organization_filter
from journal_ui.pages.messages import dictionary_updates
from models import AuditEvent, CallOutcome
from services import texts
from services.call_list.call_entries import Claim, CompletedCall, PendingCall, PendingCalls, RecipientKey
from services.call_list.return_times import ReturnTime
from services.composition import Services
from services.errors import DatabaseError
from services.formats import integer
from services.messages import typed_conditions
from services.messages.message_query import MessageQuery

PAGE_STEP = 20
"""Recipients displayed at first, and added by each click on «Показать ещё»."""

T = TypeVar('T')


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""

    def draw(viewer: Viewer) -> None:
        with page_layout(texts.CALLS_TITLE, viewer, path='/callbacks'):
            CallListPage(services, viewer)

    return draw


class CallListPage:
    """The call list as drawn on one page."""

    def __init__(self, services: Services, viewer: Viewer) -> None:
        """Draw the list, and follow the changes of other users."""
        self._call_list_service = services.call_list
        self._audit_recorder = viewer.audit_recorder(services.audit_log, texts.CALLS_TITLE)
        self._recorded_search: tuple[MessageQuery, bool] | None = None
        self._search_number = 0
        """The number of the record of `_recorded_search`."""
        self._recorded_ids: Set[UUID] = frozenset()
        """The displayed messages, which are on record as shown by `_recorded_search`."""
        self._cards: dict[RecipientKey, CallCard] = {}
        self._limit = PAGE_STEP
        self._shows_completed = False
        self._focus_target: Callable[[], CallCard | None] | None = None
        self._restored_notes: dict[RecipientKey, str] = {}
        """The notes of calls that were undone, to be displayed in the cards of their recipients again."""
        self._actions = CallActions(
            viewer.actor,
            self._call_list_service.zone,
            self._call_list_service.is_past,
            self._call_list_service.describe_return,
            self._claim,
            self._release,
            self._complete,
        )
        self._filtered_page: FilteredPage[MessageQuery, PendingCalls | Sequence[CompletedCall]] = FilteredPage(
            texts.CALLS_TITLE,
            (
                TextFilter('name', texts.CALLS_SEARCH),
                DateRangeFilter('period', texts.PERIOD, services.messages.today, css_flex='0.5 0 348px'),
                organization_filter(services),
                kind_filter(services),
            ),
            default_query=self._call_list_service.default_query,
            run_query=self._run_query,
            draw_result=self._draw_result,
            preferences=viewer.preferences,
            drafts=services.drafts,
            dictionary_updates=dictionary_updates(services),
            subscribe_availability=services.live_updates.subscribe_availability,
            draw_toolbar=self._draw_toolbar,
        )
        with self._filtered_page.content:
            self._headings = ui.element('div').classes('call heads').props('aria-hidden=true')
            with self._headings:
                ui.label(texts.CALLS_PERSON)
                with ui.element('div').classes('call-messages'), ui.element('div').classes('titles'):
                    for title in (texts.CALLS_APPOINTMENT, texts.CALLS_MESSAGE_TEXT, texts.CALLS_ERROR):
                        ui.label(title)
                ui.label(texts.CALLS_ACTION)
            self._list = ui.element('ul').classes('calls').props(f'aria-label="{texts.CALLS_TITLE}"')
            self._more_button = TextButton(texts.CALLS_MORE, self._show_more)
            self._more_button.classes('framed')
        ui.context.client.on_delete(self._call_list_service.subscribe(self))
        ui.context.client.on_delete(services.dictionaries.subscribe(self._filtered_page.refresh))

    @property
    def displayed_ids(self) -> Collection[UUID]:
        """See CallListSubscriber."""
        return [message.id for card in self._cards.values() for message in card.call.messages]

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """See CallListSubscriber: update claims, and remove recipients who need no call."""
        any_removed = False
        for key, card in tuple(self._cards.items()):
            remaining_messages = [
                each for each in card.call.messages if each.id in still_waiting or each.id not in message_ids
            ]
            if not remaining_messages:
                self._cards.pop(key).element.delete()
                any_removed = True
            elif claims := [still_waiting[each.id] for each in remaining_messages if each.id in still_waiting]:
                card.update(replace(card.call, messages=remaining_messages, claim=claims[0]))
        if any_removed:
            self._filtered_page.refresh()

    def on_calls_returned(self, message_ids: Collection[UUID]) -> None:
        """See CallListSubscriber: list the recipients, or remove their calls from the completed ones."""
        if self._recorded_search is None:
            return  # the first search, which reads later than this, is still to come
        if not self._shows_completed or not self._recorded_ids.isdisjoint(message_ids):
            self._filtered_page.refresh()

    def _draw_toolbar(self) -> None:
        """Draw the buttons of the two lists, and the number of recipients."""
        self._view_buttons: dict[bool, TextButton] = {}
        with ui.element('div').classes('views').props(f'role=group aria-label="{texts.CALLS_VIEWS}"'):
            for made, words in ((False, texts.CALLS_PENDING), (True, texts.CALLS_COMPLETED)):
                self._view_buttons[made] = TextButton(words, partial(self._switch_view, made))
        with ui.element('div').classes('found').props('role=status'):
            self._undo_line = UndoLine()
            self._postponed_line = PostponedLine(self._call_list_service.zone)
            self._count_label = ui.label().classes('range')
        self._update_view_buttons()

    def _update_view_buttons(self) -> None:
        for made, view in self._view_buttons.items():
            view.props['aria-pressed'] = 'true' if made is self._shows_completed else 'false'

    def _switch_view(self, completed: bool) -> None:
        self._shows_completed, self._limit = completed, PAGE_STEP
        self._update_view_buttons()
        self._filtered_page.refresh()

    def _show_more(self) -> None:
        self._limit += PAGE_STEP
        self._filtered_page.refresh()

    async def _run_query(self, query: MessageQuery) -> PendingCalls | Sequence[CompletedCall]:
        query = typed_conditions.interpret(query).query
        search = query, self._shows_completed
        if search != self._recorded_search:  # a refresh of the same search is not recorded again
            self._search_number = await self._audit_recorder.record_search(query)
            self._recorded_search, self._recorded_ids = search, frozenset()
        if self._shows_completed:
            completed_calls = await self._call_list_service.completed_calls(query, self._limit)
            await self._record_shown({id for call in completed_calls for id in call.message_ids}, AuditEvent.ROWS_SHOWN)
            return completed_calls
        pending_calls = await self._call_list_service.pending_calls(query, self._limit)
        await self._record_shown(
            {id for call in pending_calls.calls for id in call.message_ids}, AuditEvent.CALLS_SHOWN
        )
        return pending_calls

    async def _record_shown(self, ids: Set[UUID], act: AuditEvent) -> None:
        """Record the messages that are about to be shown, except those that are displayed already."""
        await self._audit_recorder.record_shown(ids - self._recorded_ids, self._search_number, act)
        self._recorded_ids = ids

    def _draw_result(self, result: PendingCalls | Sequence[CompletedCall]) -> None:
        if isinstance(result, PendingCalls):
            self._draw_pending_calls(result)
        else:
            self._draw_completed_calls(result)
        self._headings.set_visibility(isinstance(result, PendingCalls))

    def _draw_completed_calls(self, completed_calls: Sequence[CompletedCall]) -> None:
        self._cards.clear()
        self._list.clear()
        with self._list:
            for each in completed_calls:
                draw_completed_call(each, self._call_list_service.zone, self._reopen)
        self._more_button.set_visibility(len(completed_calls) == self._limit)
        self._count_label.text = ''
        self._postponed_line.clear()
        if not completed_calls:
            self._filtered_page.show_message(texts.CALLS_NONE_COMPLETED, texts.CALLS_NONE_COMPLETED_NEXT)

    def _draw_pending_calls(self, pending_calls: PendingCalls) -> None:
        """Update the list; cards that remain are not redrawn, because the user may be typing a note."""
        if not self._cards:
            self._list.clear()
        keys = [call.key for call in pending_calls.calls]
        for key in self._cards.keys() - set(keys):
            self._cards.pop(key).element.delete()
        for index, call in enumerate(pending_calls.calls):
            if call.key in self._cards:
                self._cards[call.key].update(call)
            else:
                with self._list:
                    note = self._restored_notes.pop(call.key, '')
                    self._cards[call.key] = CallCard(call, self._actions, note)
            if self._list.default_slot.children[index] is not (card := self._cards[call.key]).element:
                card.element.move(target_index=index)
        self._more_button.set_visibility(pending_calls.total > len(keys))
        template = texts.CALLS_FIRST if pending_calls.total > len(keys) else texts.CALLS_ALL
        self._count_label.text = (
            template.format(shown=integer(len(keys)), people=integer(pending_calls.total)) if keys else ''
        )
        self._postponed_line.show(pending_calls)
        if not keys:
            self._filtered_page.show_message(texts.CALLS_NOBODY, texts.CALLS_NOBODY_NEXT)
        elif self._focus_target and (next_card := self._focus_target()):
            next_card.focus()
        self._focus_target = None

    async def _claim(self, card: CallCard) -> None:
        is_claimed = await self._run_action(self._call_list_service.claim(card.call, self._actions.actor))
        if is_claimed is False:
            ui.notify(texts.CALLS_ALREADY_CLAIMED)
        self._refresh(lambda: self._cards.get(card.call.key) if is_claimed else self._first_unclaimed_card())

    async def _release(self, card: CallCard) -> None:
        await self._run_action(self._call_list_service.release(card.call, self._actions.actor))
        self._undo_line.clear()
        self._refresh(lambda: self._cards.get(card.call.key))

    async def _complete(self, card: CallCard, outcome: CallOutcome, returning: ReturnTime | None) -> None:
        call = card.call
        completed = await self._run_action(
            self._call_list_service.complete(call, self._actions.actor, outcome, card.note, returning),
            if_refused=texts.CALLS_CLAIM_EXPIRED,
        )
        if completed:
            words = texts.CALLS_DONE.format(outcome=texts.CALLS_OUTCOMES[outcome], name=call.name)
            self._undo_line.show(words, partial(self._undo, call, completed))
        self._refresh(self._first_unclaimed_card)

    async def _undo(self, call: PendingCall, completed: CompletedCall) -> None:
        """Undo a call that the user has just completed; its note is in the card again."""
        self._undo_line.clear()
        is_undone = await self._run_action(
            self._call_list_service.undo(call, completed, self._actions.actor), if_refused=texts.CALLS_NOT_UNDONE
        )
        if is_undone:
            self._restored_notes[call.key] = completed.note
        if self._shows_completed:
            self._switch_view(False)
        self._refresh(lambda: self._cards.get(call.key))

    async def _reopen(self, completed_call: CompletedCall) -> None:
        await self._run_action(self._call_list_service.reopen(completed_call, self._actions.actor))
        self._refresh(lambda: None)

    async def _run_action(self, action: Awaitable[T], if_refused: str = '') -> T | None:
        """Run an action of the user; notify them if it is refused, or if the database fails, which returns None."""
        try:
            result = await action
        except DatabaseError:
            error_reporting.notify_failure(texts.DATABASE_DOWN_RETRY)
            return None
        if not result and if_refused:
            error_reporting.notify_failure(if_refused)
        return result

    def _refresh(self, focus_target: Callable[[], CallCard | None]) -> None:
        """Refresh the list, and then focus a card."""
        self._focus_target = focus_target
        self._filtered_page.refresh()

    def _first_unclaimed_card(self) -> CallCard | None:
        """Return the card of the first recipient without a claim."""
        return next((card for card in self._ordered_cards() if card.is_unclaimed), None)

    def _ordered_cards(self) -> list[CallCard]:
        order = {child.id: index for index, child in enumerate(self._list.default_slot.children)}
        return sorted(self._cards.values(), key=lambda card: order[card.element.id])
