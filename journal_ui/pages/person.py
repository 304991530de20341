"""The page of a person, `/messages/<code>/person`: all messages to the recipient of a message, with the calls.

The URL contains the code of a message and nothing about the person. What is displayed is recorded before. The page
follows the messages to the phone, and the calls about those that it displays.
"""

from collections.abc import Callable, Collection, Mapping, Set
from functools import partial
from typing import Final
from uuid import UUID

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.html_element import HtmlElement, TextTag
from journal_ui.components.phone_link import draw_phone_link
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.pages.person_timeline import timeline_html
from models import AuditEvent
from services import texts
from services.composition import Services
from services.formats import integer
from services.messages.message_query import MessageQuery, MessageRow
from services.person_story.person_story import PersonStory, StoryScope

PAGE_STEP: Final = 50
"""Messages displayed at first, and added by each click on «Показать ещё»."""
SCOPE_TEXTS: Final = {
    StoryScope.PERSON: texts.PERSON_MESSAGES,
    StoryScope.PHONE: texts.PERSON_PHONE_MESSAGES,
}


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""

    def draw(viewer: Viewer) -> None:
        code: UUID = ui.context.client.request.path_params['code']
        with page_layout(texts.PERSON_TITLE, viewer, path='/messages'):
            PersonPage(services, viewer, code)

    return draw


class PersonPage:
    """The story of a person as drawn on one page."""

    def __init__(self, services: Services, viewer: Viewer, code: UUID) -> None:
        """Draw the page, and read the story once the browser is connected."""
        self._services = services
        self._audit_recorder = viewer.audit_recorder(services.audit_log, texts.PERSON_TITLE)
        self._code = code
        self._scope = StoryScope.PERSON
        self._limit = PAGE_STEP
        self._recorded_scope: StoryScope | None = None
        self._search_number = 0
        """The number of the record of `_recorded_scope`."""
        self._recorded_ids: Set[UUID] = frozenset()
        """The displayed messages, which are on record."""
        self._story: PersonStory | None = None
        """The displayed story."""
        self.displayed_keys: Collection[str] = frozenset()
        """See RowSubscriber; built once for each story, because it is looked into for each row that changes."""
        self._scope_buttons: dict[StoryScope, TextButton] = {}
        with ui.element('div').classes('journal'):
            with ui.element('div').classes('paging'):
                with ui.element('div').classes('views').props(f'role=group aria-label="{texts.PERSON_SCOPES}"'):
                    for scope in StoryScope:
                        self._scope_buttons[scope] = TextButton('', partial(self._show_scope, scope))
                        self._scope_buttons[scope].set_visibility(False)
                with ui.element('div').classes('found').props('role=status'):
                    self._count_label = ui.label().classes('range')
            with ui.element('div').classes('list') as self._list:
                with ui.element('div').classes('board') as self._board:
                    self._head = ui.element('div').classes('person')
                    self._timeline = HtmlElement('ol').classes('story')
                    self._timeline.props['aria-label'] = texts.PERSON_TIMELINE
                    self._more_button = TextButton(texts.PERSON_MORE, self._show_more).classes('framed')
                self._empty_state = EmptyState()
        self._empty_state.hide()
        self._board.set_visibility(False)
        self._search_runner = SearchRunner(
            self._list,
            on_slow=lambda is_slow: None,
            on_invalid_query=lambda error: None,
            on_failure=partial(self._show_message, failed=True),
            subscribe_availability=services.live_updates.subscribe_availability,
        )
        ui.context.client.on_connect(self._on_connect)
        ui.context.client.on_delete(services.live_updates.subscribe_rows(self))

    @property
    def current_query(self) -> MessageQuery | None:
        """See RowSubscriber: the new messages to the phone, of which the page counts those of other people too."""
        return MessageQuery(phone=self._story.phone) if self._story else None

    async def record_rows(self, keys: Collection[str]) -> None:
        """See RowSubscriber."""
        ids = {UUID(key) for key in keys}
        await self._audit_recorder.record_shown(ids, self._search_number, AuditEvent.ROWS_UPDATED)

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """See RowSubscriber: read the story again, because the calls are between the messages."""
        self._refresh()

    def _on_connect(self) -> None:
        if self._recorded_scope is None and not self._search_runner.is_searching:
            self._refresh()

    def _refresh(self) -> None:
        self._search_runner.run(self._read, self._draw, retry=self._refresh)

    def _show_scope(self, scope: StoryScope) -> None:
        self._scope, self._limit = scope, PAGE_STEP
        self._refresh()

    def _show_more(self) -> None:
        self._limit += PAGE_STEP
        self._refresh()

    async def _read(self) -> PersonStory | None:
        """Read the story, and record it before it is displayed."""
        story = await self._services.person_stories.read(self._code, self._scope, self._limit)
        if story is None:
            await self._audit_recorder.record_search(MessageQuery(code=self._code.hex), 0)
            return None
        if story.scope is not self._recorded_scope:
            self._search_number = await self._audit_recorder.record_search(story.query, story.count)
            self._recorded_scope, self._recorded_ids = story.scope, frozenset()
        ids = {message.id for message in story.messages}
        await self._audit_recorder.record_shown(ids - self._recorded_ids, self._search_number, AuditEvent.PERSON_SHOWN)
        self._recorded_ids |= ids
        return story

    def _draw(self, story: PersonStory | None) -> None:
        old_story, self._story = self._story, story
        self.displayed_keys = frozenset(str(message.id) for message in story.messages) if story else frozenset()
        if story is None:
            self._show_message(texts.PERSON_UNKNOWN, texts.PERSON_UNKNOWN_NEXT)
            return
        self._empty_state.hide()
        self._board.set_visibility(True)
        counts = {StoryScope.PERSON: story.person_count, StoryScope.PHONE: story.phone_count}
        for scope, button in self._scope_buttons.items():
            button.set_text(SCOPE_TEXTS[scope].format(count=integer(counts[scope])))
            button.props['aria-pressed'] = 'true' if scope is story.scope else 'false'
            button.set_visibility(scope is StoryScope.PERSON or story.phone_count > story.person_count)
        if old_story is None or (old_story.name, old_story.phone) != (story.name, story.phone):
            self._draw_head(story)
        shown = len(story.messages)
        template = texts.PERSON_SHOWN_FIRST if shown < story.count else texts.PERSON_SHOWN_ALL
        self._count_label.text = template.format(shown=integer(shown), count=integer(story.count))
        self._timeline.set_html(timeline_html(story, self._services.person_stories.zone, self._describe_delivery))
        self._more_button.set_visibility(shown < story.count)

    def _draw_head(self, story: PersonStory) -> None:
        self._head.clear()
        with self._head:
            TextTag('h2', story.name)
            draw_phone_link(story.phone)

    def _show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        self._empty_state.show_message(message, advice, failed=failed)
        self._board.set_visibility(False)

    @property
    def _describe_delivery(self) -> Callable[..., str]:
        return self._services.messages.describe_delivery
