"""`/users`: who may sign in, for those with the role Admin. All that is done to an account is done in `_Acts`."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.dialogs import Dialog
from journal_ui.components.sessions_table import table
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.security.auth_middleware import Build
from models import Role
from services import texts
from services.accounts.accounts import Person, User
from services.composition import Services
from services.formats import minute


def page(services: Services) -> Build:
    """Give what draws the page."""

    async def build(viewer: Viewer) -> None:
        acts = _Acts(services, viewer.person)
        with frame(texts.USERS_TITLE, viewer, path='/users'), ui.element('div').classes('sheets broad'):
            with ui.element('div').classes('bar'):
                ui.button(texts.USER_ADD, on_click=acts.add, color=None).props('unelevated')
            acts.draw_in(ui.element('div').classes('sheet wide'), ui.element('div'))
            await acts.redraw()

    return build


class _Acts:
    """What the administrator does, each after a question, and the list that shows what came of it."""

    def __init__(self, services: Services, by: Person) -> None:
        self._users = services.users
        self._sessions = services.sessions
        self._zone: ZoneInfo = services.settings.zone
        self._by = by
        self._list: ui.element
        self._questions: ui.element

    def draw_in(self, place: ui.element, questions: ui.element) -> None:
        """Draw the list in one place from now on, and questions in another, which outlives the list's rows."""
        self._list, self._questions = place, questions

    async def redraw(self) -> None:
        """Draw the list as it is now."""
        users = await self._users.all()
        self._list.clear()
        with self._list:
            _draw(users, self._zone, self._by, self._menu)

    async def _done(self, sentence: str) -> None:
        ui.notify(sentence)
        await self.redraw()

    def add(self) -> None:
        """Ask whom to add, and show the first password."""
        with Dialog(self._questions, texts.USER_ADD, texts.USER_ADD_DO) as dialog:
            name = ui.input(texts.USER_NAME).props('outlined dense stack-label autofocus autocapitalize=off')
            role = _role(Role.WEB_ADMIN)

        async def act() -> None:
            added, password = await self._users.add(self._by, name.value or '', Role(role.value))
            await self.redraw()
            self._show_password(texts.USER_ADDED.format(name=added.name), password)

        dialog.ask(act)

    def _role_of(self, user: User) -> None:
        person = user.person
        with Dialog(
            self._questions, texts.USER_ROLE_CHANGE, texts.USER_ROLE_CHANGE, _about(texts.USER_ROLE_CONFIRM, person)
        ) as dialog:
            role = _role(person.role)

        async def act() -> None:
            await self._users.set_role(self._by, person, Role(role.value))
            await self._done(texts.USER_DONE['role'].format(name=person.name, role=role.value))

        dialog.ask(act)

    def _block(self, user: User) -> None:
        async def act() -> None:
            await self._users.block(self._by, user.person)
            await self._done(_about(texts.USER_DONE['block'], user.person))

        Dialog(self._questions, texts.USER_BLOCK, texts.USER_BLOCK, _about(texts.USER_BLOCK_CONFIRM, user.person)).ask(
            act
        )

    def _unblock(self, user: User) -> None:
        async def act() -> None:
            await self._users.unblock(self._by, user.person)
            await self._done(_about(texts.USER_DONE['unblock'], user.person))

        Dialog(
            self._questions, texts.USER_UNBLOCK, texts.USER_UNBLOCK, _about(texts.USER_UNBLOCK_CONFIRM, user.person)
        ).ask(act)

    def _reset(self, user: User) -> None:
        async def act() -> None:
            password = await self._users.reset(self._by, user.person)
            await self.redraw()
            self._show_password(_about(texts.USER_RESET_DONE, user.person), password)

        Dialog(self._questions, texts.USER_RESET, texts.USER_RESET, _about(texts.USER_RESET_CONFIRM, user.person)).ask(
            act
        )

    async def _end(self, user: User) -> None:
        lines = await self._sessions.of(user.person.id)
        sentence = texts.USER_END_CONFIRM if lines else texts.USER_NO_SESSIONS
        title, about = texts.SESSIONS_OF.format(name=user.person.name), _about(sentence, user.person)
        with Dialog(self._questions, title, texts.USER_END if lines else '', about) as dialog:
            if lines:
                table(lines, self._zone)

        async def act() -> None:
            await self._users.end_sessions(self._by, user.person)
            await self._done(_about(texts.USER_DONE['end'], user.person))

        dialog.ask(act)

    def _menu(self, user: User) -> None:
        """Draw the button of a row, and the menu that it opens."""
        blocking = (texts.USER_UNBLOCK, self._unblock) if user.blocked_at else (texts.USER_BLOCK, self._block)
        items: Sequence[tuple[str, Callable[[User], Awaitable[None] | None]]] = (
            (texts.USER_ROLE_CHANGE, self._role_of),
            (texts.USER_RESET, self._reset),
            (texts.USER_SESSIONS, self._end),
            blocking,
        )
        button = IconButton(icons.MORE, texts.USER_ACTIONS_OF.format(name=user.person.name))
        with button.props('aria-haspopup=menu'), ui.menu().props('auto-close role=menu'):
            for title, act in items:
                ui.menu_item(title, partial(act, user)).props('role=menuitem')

    def _show_password(self, done: str, password: str) -> None:
        shown = Dialog(self._questions, done, '', texts.USER_PASSWORD_ONCE, leave=texts.CLOSE)
        with shown, ui.element('p').classes('secret'):
            ui.label(f'{texts.USER_PASSWORD}:')
            ui.label(password).classes('lettered')
        shown.ask()


def _draw(users: Sequence[User], zone: ZoneInfo, by: Person, menu: Callable[[User], None]) -> None:
    titles = (texts.USER_NAME, texts.USER_ROLE, texts.USER_STATE, texts.USER_FACTOR, texts.USER_SIGNED_IN)
    with ui.element('table').classes('lines'):
        with ui.element('thead'), ui.element('tr'):
            for title in (*titles, texts.USER_SESSIONS):
                with ui.element('th').props('scope=col'):
                    ui.label(title)
            with ui.element('th').props('scope=col'):
                ui.label(texts.USER_ACTIONS).classes('unseen')
        with ui.element('tbody'):
            for user in users:
                with ui.element('tr').classes('blocked' if user.blocked_at else ''):
                    _cells(user, titles, zone)
                    with ui.element('td').classes('act'):
                        if user.person.id == by.id:
                            ui.label(texts.USER_YOU).classes('aside')
                        else:
                            menu(user)


def _cells(user: User, titles: Sequence[str], zone: ZoneInfo) -> None:
    state = texts.USER_MUST_CHANGE if user.must_change else texts.USER_WORKS
    values = (
        user.person.name,
        user.person.role,
        texts.USER_BLOCKED if user.blocked_at else state,
        texts.USER_FACTOR_ON if user.second_factor else texts.USER_FACTOR_OFF,
        minute(user.signed_in_at, zone) or texts.USER_NEVER,
        str(user.sessions),
    )
    for title, value in zip((*titles, texts.USER_SESSIONS), values, strict=True):
        with ui.element('td').props(f'data-title="{title}"'):
            ui.label(value)


def _role(present: Role) -> ui.select:
    return ui.select(texts.ROLES, value=present.value, label=texts.USER_ROLE).props(
        'outlined dense stack-label options-dense'
    )


def _about(sentence: str, person: Person) -> str:
    return sentence.format(name=person.name)
