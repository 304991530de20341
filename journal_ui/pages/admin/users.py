"""The page `/users` for administrators: the table of users, and the actions on an account in `_UserActions`."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import TextButton
from journal_ui.components.dialogs import ConfirmationDialog
from journal_ui.components.record_table import draw_actions_menu, draw_cells, record_table
from journal_ui.components.sessions_table import sessions_table
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.pages.admin.editable_table import EditableTable
from journal_ui.security.auth_middleware import PageBuilder
from models import Role
from services import texts
from services.access_scope.scope_words import describe_organizations
from services.accounts.accounts import Identity, UserAccount
from services.composition import Services
from services.formats import date_and_minute

TITLES = (
    texts.USER_NAME,
    texts.USER_ROLE,
    texts.USER_ORGANIZATIONS,
    texts.USER_STATE,
    texts.USER_FACTOR,
    texts.USER_SIGNED_IN,
    texts.USER_SESSIONS,
)

Action = Callable[[UserAccount], Awaitable[None] | None]
"""Begins an action on a user."""


def page(services: Services) -> PageBuilder:
    """Return the function that draws the page."""

    async def build(viewer: Viewer) -> None:
        actions = _UserActions(services, viewer.person)
        with page_layout(texts.USERS_TITLE, viewer, path='/users'), ui.element('div').classes('sheets broad'):
            with ui.element('div').classes('bar'):
                TextButton(texts.USER_ADD, actions.add, primary=True)
            actions.set_containers(ui.element('div').classes('sheet wide'), ui.element('div'))
            await actions.refresh()

    return build


class _UserActions(EditableTable):
    """The users, and what an administrator does with them."""

    def __init__(self, services: Services, admin: Identity) -> None:
        super().__init__()
        self._users = services.users
        self._sessions = services.sessions
        self._organizations = services.organizations
        self._zone: ZoneInfo = services.settings.zone
        self._provider_label = services.settings.oidc_label
        self._admin = admin

    async def _load(self) -> Callable[[], None]:
        users = await self._users.list_all()
        return partial(_draw_table, users, self._zone, self._admin, self._menu, self._provider_label)

    def add(self) -> None:
        """Open the dialog that adds a user and then shows the first password."""
        with ConfirmationDialog(self._dialog_container, texts.USER_ADD, texts.USER_ADD_SUBMIT) as dialog:
            name = ui.input(texts.USER_NAME).props('outlined dense stack-label autofocus autocapitalize=off')
            role = _role_select(Role.WEB_ADMIN)

        async def apply() -> None:
            added, password = await self._users.add(self._admin, name.value or '', Role(role.value))
            await self.refresh()
            self._show_password(texts.USER_ADDED.format(name=added.name), password)

        dialog.show(apply)

    def _change_role(self, user: UserAccount) -> None:
        identity = user.identity
        with ConfirmationDialog(
            self._dialog_container,
            texts.USER_ROLE_CHANGE,
            texts.USER_ROLE_CHANGE,
            _with_name(texts.USER_ROLE_CONFIRM, identity),
        ) as dialog:
            role = _role_select(identity.role)

        async def apply() -> None:
            await self._users.set_role(self._admin, identity, Role(role.value))
            await self._notify_and_refresh(texts.USER_DONE['role'].format(name=identity.name, role=role.value))

        dialog.show(apply)

    async def _bind(self, user: UserAccount) -> None:
        identity = user.identity
        names = [organization.name for organization in await self._organizations.all()]
        description = _with_name(texts.USER_BIND_CONFIRM, identity)
        with ConfirmationDialog(self._dialog_container, texts.USER_BIND, texts.USER_BIND, description) as dialog:
            # Apart from the choice, so that whoever removes the last organisation does not show the data of all.
            is_unbound = ui.checkbox(texts.USER_BIND_ALL, value=user.organizations is None)
            chosen = ui.select(names, value=list(user.organizations or ()), label=texts.USER_BIND_FIELD, multiple=True)
            chosen.props('outlined dense stack-label options-dense use-chips use-input input-debounce=0')
            chosen.props['dropdown-icon'] = icons.CHEVRON_DOWN
            chosen.classes('with-chips').bind_visibility_from(is_unbound, 'value', value=False)

        async def apply() -> None:
            organizations = None if is_unbound.value else tuple(chosen.value)
            await self._users.bind(self._admin, identity, organizations)
            done = texts.USER_BOUND.format(name=identity.name, organizations=describe_organizations(organizations))
            await self._notify_and_refresh(done)

        dialog.show(apply)

    def _block(self, user: UserAccount) -> None:
        async def apply() -> None:
            await self._users.block(self._admin, user.identity)
            await self._notify_and_refresh(_with_name(texts.USER_DONE['block'], user.identity))

        ConfirmationDialog(
            self._dialog_container,
            texts.USER_BLOCK,
            texts.USER_BLOCK,
            _with_name(texts.USER_BLOCK_CONFIRM, user.identity),
        ).show(apply)

    def _unblock(self, user: UserAccount) -> None:
        async def apply() -> None:
            await self._users.unblock(self._admin, user.identity)
            await self._notify_and_refresh(_with_name(texts.USER_DONE['unblock'], user.identity))

        ConfirmationDialog(
            self._dialog_container,
            texts.USER_UNBLOCK,
            texts.USER_UNBLOCK,
            _with_name(texts.USER_UNBLOCK_CONFIRM, user.identity),
        ).show(apply)

    def _reset_password(self, user: UserAccount) -> None:
        async def apply() -> None:
            password = await self._users.reset_password(self._admin, user.identity)
            await self.refresh()
            self._show_password(_with_name(texts.USER_RESET_DONE, user.identity), password)

        ConfirmationDialog(
            self._dialog_container,
            texts.USER_RESET,
            texts.USER_RESET,
            _with_name(texts.USER_RESET_CONFIRM, user.identity),
        ).show(apply)

    async def _end_sessions(self, user: UserAccount) -> None:
        sessions = await self._sessions.list_for(user.identity.id)
        template = texts.USER_END_CONFIRM if sessions else texts.USER_NO_SESSIONS
        title, description = texts.SESSIONS_OF.format(name=user.identity.name), _with_name(template, user.identity)
        with ConfirmationDialog(
            self._dialog_container, title, texts.USER_END if sessions else '', description
        ) as dialog:
            if sessions:
                sessions_table(sessions, self._zone)

        async def apply() -> None:
            await self._users.end_sessions(self._admin, user.identity)
            await self._notify_and_refresh(_with_name(texts.USER_DONE['end'], user.identity))

        dialog.show(apply)

    def _menu(self, user: UserAccount) -> None:
        """Draw the button of a row with the menu of actions."""
        blocking = (texts.USER_UNBLOCK, self._unblock) if user.blocked_at else (texts.USER_BLOCK, self._block)
        # The identity provider decides about the role of its users, and about their passwords.
        local: Sequence[tuple[str, Action]] = (
            (texts.USER_ROLE_CHANGE, self._change_role),
            *([(texts.USER_BIND, self._bind)] if user.identity.role is not Role.ADMIN else []),
            (texts.USER_RESET, self._reset_password),
        )
        items: Sequence[tuple[str, Action]] = (
            *(() if user.identity.is_external else local),
            (texts.USER_SESSIONS, self._end_sessions),
            blocking,
        )
        draw_actions_menu(
            texts.USER_ACTIONS_OF.format(name=user.identity.name),
            [(title, partial(action, user)) for title, action in items],
        )

    def _show_password(self, title: str, password: str) -> None:
        dialog = ConfirmationDialog(
            self._dialog_container, title, '', texts.USER_PASSWORD_ONCE, cancel_label=texts.CLOSE
        )
        with dialog, ui.element('p').classes('secret'):
            ui.label(f'{texts.USER_PASSWORD}:')
            ui.label(password).classes('lettered')
        dialog.show()


def _draw_table(
    users: Sequence[UserAccount],
    zone: ZoneInfo,
    admin: Identity,
    draw_menu: Callable[[UserAccount], None],
    provider_label: str,
) -> None:
    with record_table(TITLES, actions_title=texts.USER_ACTIONS):
        for user in users:
            with ui.element('tr').classes('blocked' if user.blocked_at else ''):
                draw_cells(TITLES, _cell_values(user, zone, provider_label))
                with ui.element('td').classes('act'):
                    if user.identity.id == admin.id:
                        ui.label(texts.USER_YOU).classes('aside')
                    else:
                        draw_menu(user)


def _cell_values(user: UserAccount, zone: ZoneInfo, provider_label: str) -> tuple[str, ...]:
    state = texts.USER_MUST_CHANGE if user.must_change else texts.USER_WORKS
    factor = texts.USER_FACTOR_ON if user.second_factor else texts.USER_FACTOR_OFF
    if user.identity.is_external:
        state = texts.USER_EXTERNAL.format(label=provider_label)
        factor = texts.USER_FACTOR_EXTERNAL.format(label=provider_label)
    return (
        user.identity.name,
        user.identity.role,
        describe_organizations(user.organizations) if user.identity.may_read_journals else texts.USER_NO_JOURNALS,
        texts.USER_BLOCKED if user.blocked_at else state,
        factor,
        date_and_minute(user.signed_in_at, zone) or texts.USER_NEVER,
        str(user.sessions),
    )


def _role_select(current_role: Role) -> ui.select:
    role_select = ui.select(texts.ROLES, value=current_role.value, label=texts.USER_ROLE)
    role_select.props('outlined dense stack-label options-dense').props['dropdown-icon'] = icons.CHEVRON_DOWN
    return role_select


def _with_name(template: str, identity: Identity) -> str:
    return template.format(name=identity.name)
