"""The page «Список обзвона»: whom a shift calls because a message did not get through, and what came of the calls."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from nicegui import ui

from journal_ui.filters.autocomplete_filter import LookupFilter
from journal_ui.filters.basic_filters import ChoiceFilter
from journal_ui.filters.date_range_filter import PeriodFilter
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.list_page.filtered_page import Board
from journal_ui.monitoring import error_reporting
from journal_ui.pages.call_card import CallCard, Desk, draw_made
from models import CallOutcome
from services import texts
from services.call_list.call_queries import Calls, Claim, Key, Made
from services.composition import Services
from services.formats import whole
from services.lists.query_protocol import Busy, Unavailable
from services.messages.message_query import MessageQuery

STEP = 20
"""People shown at once, and how many more at a press."""

T = TypeVar('T')


def page(services: Services) -> Callable[[Viewer], None]:
    """Give what draws the page."""

    def draw(viewer: Viewer) -> None:
        with frame(texts.CALLS_TITLE, viewer, path='/callbacks'):
            CallList(services, viewer)

    return draw


class CallList:
    """The list as drawn on one page."""

    def __init__(self, services: Services, viewer: Viewer) -> None:
        """Draw it, and follow what others do from now on."""
        self._calls = services.callbacks
        self._witness = viewer.witness(services.access, texts.CALLS_TITLE)
        self._recorded: tuple[MessageQuery, bool] | None = None
        self._cards: dict[Key, CallCard] = {}
        self._limit = STEP
        self._shows_made = False
        self._focus: Callable[[], CallCard | None] | None = None
        self._desk = Desk(
            viewer.person.name, self._calls.zone, self._calls.is_over, self._take, self._give_back, self._finish
        )
        self._board: Board[MessageQuery, Calls | Sequence[Made]] = Board(
            texts.CALLS_TITLE,
            (
                PeriodFilter('period', texts.PERIOD, basis='0.5 0 348px'),
                LookupFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
                ChoiceFilter('kind', texts.KIND, texts.KINDS),
            ),
            query=self._calls.query,
            ask=self._ask,
            show=self._show,
            preferences=viewer.preferences,
            watch=services.live.watch,
            bar=self._bar,
        )
        with self._board.content:
            self._heads = ui.element('div').classes('call heads').props('aria-hidden=true')
            with self._heads:
                ui.label(texts.CALLS_PERSON)
                with ui.element('div').classes('told'), ui.element('div').classes('titles'):
                    for title in (texts.CALLS_APPOINTMENT, texts.CALLS_TOLD, texts.CALLS_WHY):
                        ui.label(title)
                ui.label(texts.CALLS_ACTION)
            self._list = ui.element('ul').classes('calls').props(f'aria-label="{texts.CALLS_TITLE}"')
            self._more = ui.button(texts.CALLS_MORE, on_click=self._show_more, color=None).props('flat')
            self._more.classes('framed')
        ui.context.client.on_delete(self._calls.follow(self))

    @property
    def shown(self) -> Collection[UUID]:
        """See CallFollower."""
        return [message.id for card in self._cards.values() for message in card.call.messages]

    def follow(self, asked: Collection[UUID], waiting: Mapping[UUID, Claim | None]) -> None:
        """See CallFollower: mark who is taken, and let go who needs no call any more."""
        gone = False
        for key, card in tuple(self._cards.items()):
            here = [each for each in card.call.messages if each.id in waiting or each.id not in asked]
            if not here:
                self._cards.pop(key).element.delete()
                gone = True
            elif heard := [waiting[each.id] for each in here if each.id in waiting]:
                card.renew(replace(card.call, messages=here, claim=heard[0]))
        if gone:
            self._board.again()

    def _bar(self) -> None:
        """Draw which of the two lists is shown, and how long it is."""
        self._views: dict[bool, ui.button] = {}
        with ui.element('div').classes('views').props(f'role=group aria-label="{texts.CALLS_VIEWS}"'):
            for made, words in ((False, texts.CALLS_TO_MAKE), (True, texts.CALLS_MADE)):
                view = ui.button(words, on_click=lambda made=made: self._turn(made), color=None).props('flat')
                self._views[made] = view
        with ui.element('div').classes('found').props('role=status'):
            self._found = ui.label().classes('range')
        self._press()

    def _press(self) -> None:
        for made, view in self._views.items():
            view.props['aria-pressed'] = 'true' if made is self._shows_made else 'false'

    def _turn(self, made: bool) -> None:
        self._shows_made, self._limit = made, STEP
        self._press()
        self._board.again()

    def _show_more(self) -> None:
        self._limit += STEP
        self._board.again()

    async def _ask(self, query: MessageQuery) -> Calls | Sequence[Made]:
        asked = query, self._shows_made
        if asked != self._recorded:  # to be asked again as the list changes, or for more of it, is no other search
            await self._witness.searched(query.sentence())
            self._recorded = asked
        if self._shows_made:
            return await self._calls.made(query, self._limit)
        return await self._calls.waiting(query, self._limit)

    def _show(self, answer: Calls | Sequence[Made]) -> None:
        if isinstance(answer, Calls):
            self._show_waiting(answer)
        else:
            self._show_made(answer)
        self._heads.set_visibility(isinstance(answer, Calls))

    def _show_made(self, made: Sequence[Made]) -> None:
        self._cards.clear()
        self._list.clear()
        with self._list:
            for each in made:
                draw_made(each, self._calls.zone, self._put_back)
        self._more.set_visibility(len(made) == self._limit)
        self._found.text = ''
        if not made:
            self._board.say(texts.CALLS_NONE_MADE, texts.CALLS_NONE_MADE_NEXT)

    def _show_waiting(self, calls: Calls) -> None:
        """Bring the list up to what it is now; who stays is not drawn anew, for somebody may be writing there."""
        if not self._cards:
            self._list.clear()
        keys = [call.key for call in calls.calls]
        for key in self._cards.keys() - set(keys):
            self._cards.pop(key).element.delete()
        for place, call in enumerate(calls.calls):
            if call.key in self._cards:
                self._cards[call.key].renew(call)
            else:
                with self._list:
                    self._cards[call.key] = CallCard(call, self._desk)
            if self._list.default_slot.children[place] is not (card := self._cards[call.key]).element:
                card.element.move(target_index=place)
        self._more.set_visibility(calls.people > len(keys))
        few = texts.CALLS_FIRST if calls.people > len(keys) else texts.CALLS_ALL
        self._found.text = few.format(shown=whole(len(keys)), people=whole(calls.people)) if keys else ''
        if not keys:
            self._board.say(texts.CALLS_NOBODY, texts.CALLS_NOBODY_NEXT)
        elif self._focus and (next_card := self._focus()):
            next_card.focus()
        self._focus = None

    async def _take(self, card: CallCard) -> None:
        won = await self._kept(self._calls.take(card.call, self._desk.me))
        if won is False:
            ui.notify(texts.CALLS_TAKEN_FIRST)
        self._again(lambda: self._cards.get(card.call.key) if won else self._free())

    async def _give_back(self, card: CallCard) -> None:
        await self._kept(self._calls.give_back(card.call.key, self._desk.me))
        self._again(lambda: self._cards.get(card.call.key))

    async def _finish(self, card: CallCard, outcome: CallOutcome) -> None:
        done = await self._kept(self._calls.finish(card.call, self._desk.me, outcome, card.note))
        if done is False:
            error_reporting.tell(texts.CALLS_LOST)
        self._again(self._free)

    async def _put_back(self, made: Made) -> None:
        await self._kept(self._calls.put_back(made))
        self._again(lambda: None)

    async def _kept(self, work: Awaitable[T]) -> T | None:
        """Do what the operator asked for; None when the database does not answer, which he is told."""
        try:
            return await work
        except (Busy, Unavailable):
            error_reporting.tell(texts.CALLS_UNAVAILABLE)
            return None

    def _again(self, focus: Callable[[], CallCard | None]) -> None:
        """Read the list anew, and then put the focus on a card."""
        self._focus = focus
        self._board.again()

    def _free(self) -> CallCard | None:
        """Give the first person whom nobody has taken."""
        return next((card for card in self._in_order() if card.is_free), None)

    def _in_order(self) -> list[CallCard]:
        order = {child.id: place for place, child in enumerate(self._list.default_slot.children)}
        return sorted(self._cards.values(), key=lambda card: order[card.element.id])
