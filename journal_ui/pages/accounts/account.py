"""The page «Моя учётная запись»: the user's password, second factor and sessions."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, ui

from journal_ui.components.forms import field, form
from journal_ui.components.html_element import TextTag
from journal_ui.components.sessions_table import sessions_table
from journal_ui.layout.page_layout import form_page
from journal_ui.layout.viewer import Viewer
from journal_ui.pages.accounts import two_factor
from journal_ui.pages.accounts.login import redirect_with_error
from journal_ui.security import auth_middleware, browser_sessions
from services import texts
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from services.accounts.sessions import ActiveSession, SessionInfo
from services.composition import Services
from services.errors import DatabaseError
from services.formats import date_and_minute

ACCOUNT_PATH = '/account'
PASSWORD_PATH = auth_middleware.REQUIRED_STEP_PATHS[RequiredStep.FIRST_PASSWORD]


def install(services: Services, protected_pages: auth_middleware.ProtectedPages) -> None:
    """Register `/account`, the pages that it links to, and the endpoints of their forms."""
    authentication, session_service, settings = services.authentication, services.sessions, services.settings
    two_factor.install(services, protected_pages)

    @ui.page(ACCOUNT_PATH)
    async def account(request: Request) -> None:
        session: ActiveSession = request.state.signed
        viewer = await protected_pages.viewer_for(request)
        notices = browser_sessions.pop_flash_messages(request)
        recovery_codes_left = await services.second_factor.recovery_codes_left(session.identity.id)
        session_rows = await session_service.list_for(session.identity.id)
        password_set_at = await services.accounts.password_set_at(session.identity.id)
        label = settings.oidc_label if viewer.person.is_external else ''
        _draw_account(
            viewer, session, recovery_codes_left, session_rows, password_set_at, settings.zone, notices[:1], label
        )

    @ui.page(PASSWORD_PATH)
    async def password(request: Request) -> Response | None:
        session: ActiveSession = request.state.signed
        if session.identity.is_external:
            return RedirectResponse(ACCOUNT_PATH, HTTPStatus.SEE_OTHER)
        _draw_password(
            await protected_pages.viewer_for(request),
            session.required_step,
            browser_sessions.pop_flash_messages(request)[:1],
            password_rule_text(services),
        )
        return None

    @app.post(PASSWORD_PATH)
    async def submit_password(request: Request, redirect_to: str = '') -> Response:
        form_data = await request.form()
        current_password, new_password = str(form_data.get('present', '')), str(form_data.get('wanted', ''))
        if new_password != str(form_data.get('repeated', '')):
            return redirect_with_error(request, texts.NEW_PASSWORDS_DIFFER)
        session: ActiveSession = request.state.signed
        try:
            new_session = await authentication.change_password(
                session, current_password, new_password, browser_sessions.visitor(request, tls=settings.tls)
            )
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY)
        except AccountError as error:
            return redirect_with_error(request, str(error))
        target = auth_middleware.safe_redirect_path(redirect_to) if session.required_step else ACCOUNT_PATH
        response = await browser_sessions.start_session(
            request, RedirectResponse(target, HTTPStatus.SEE_OTHER), new_session, tls=settings.tls
        )
        if target == ACCOUNT_PATH:
            browser_sessions.add_flash_messages(request, texts.PASSWORD_CHANGED)
        return response

    @app.post(f'{ACCOUNT_PATH}/sessions')
    async def end_other_sessions(request: Request) -> Response:
        await session_service.end_others(request.state.signed)
        browser_sessions.add_flash_messages(request, texts.SESSIONS_ENDED)
        return RedirectResponse(ACCOUNT_PATH, HTTPStatus.SEE_OTHER)


def password_rule_text(services: Services) -> str:
    """Return the sentence about the length of a new password, and about its characters if the settings require it."""
    requires_composition = services.settings.password_composition
    sentence = texts.PASSWORD_RULE_COMPOSITION if requires_composition else texts.PASSWORD_RULE
    return sentence.format(shortest=MIN_LENGTH, longest=MAX_LENGTH)


def _draw_account(
    viewer: Viewer,
    session: ActiveSession,
    recovery_codes_left: int | None,
    session_rows: Sequence[SessionInfo],
    password_set_at: datetime,
    zone: ZoneInfo,
    notices: Sequence[str],
    provider_label: str,
) -> None:
    """Draw the page; `provider_label` names the system that the user signs in with, empty for a local account."""
    with form_page(texts.ACCOUNT_TITLE, viewer, ACCOUNT_PATH):
        if notices:
            ui.label(notices[0]).classes('notice').props('role=status')
        with ui.element('section').classes('sheet'):
            TextTag('h2', viewer.person.name)
            TextTag('p', texts.ACCOUNT_ROLE.format(role=viewer.person.role))
            if provider_label:
                TextTag('p', texts.ACCOUNT_IS_EXTERNAL.format(label=provider_label))
        if not provider_label:
            _draw_credentials(recovery_codes_left, password_set_at, zone)
        with ui.element('section').classes('sheet wide'):
            TextTag('h2', texts.SESSIONS_TITLE)
            sessions_table(session_rows, zone, current_key=session.key)
            if len(session_rows) > 1:
                with form('inner', texts.SESSIONS_END_OTHERS, action=f'{ACCOUNT_PATH}/sessions', primary=False):
                    pass


def _draw_credentials(recovery_codes_left: int | None, password_set_at: datetime, zone: ZoneInfo) -> None:
    """Draw what a local account has: a password, and a second factor."""
    with ui.element('section').classes('sheet'):
        TextTag('h2', texts.PASSWORD)
        TextTag('p', texts.PASSWORD_AGE.format(time=date_and_minute(password_set_at, zone)))
        ui.link(texts.PASSWORD_CHANGE, PASSWORD_PATH).classes('press')
    with ui.element('section').classes('sheet'):
        TextTag('h2', texts.FACTOR_TITLE)
        TextTag(
            'p', texts.FACTOR_OFF if recovery_codes_left is None else texts.FACTOR_ON.format(codes=recovery_codes_left)
        )
        ui.link(
            texts.FACTOR_SET_UP if recovery_codes_left is None else texts.FACTOR_REMOVE, two_factor.TWO_FACTOR_PATH
        ).classes('press')


def _draw_password(
    viewer: Viewer, required_step: RequiredStep | None, error_messages: Sequence[str], password_rule: str
) -> None:
    reasons = {
        RequiredStep.FIRST_PASSWORD: texts.PASSWORD_WHY_TEMPORARY,
        RequiredStep.EXPIRED_PASSWORD: texts.PASSWORD_WHY_EXPIRED,
    }
    with (
        form_page(texts.PASSWORD_TITLE, viewer, PASSWORD_PATH),
        form('sheet', texts.PASSWORD_CHANGE, error_message=''.join(error_messages)),
    ):
        if required_step in reasons:
            TextTag('p', reasons[required_step])
        # hidden, because password managers need the user name of a new password
        ui.element('input').props(f'type=text hidden name=name autocomplete=username value="{viewer.person.name}"')
        field(texts.PASSWORD_NOW, 'present', 'current-password', autofocus=True)
        field(texts.PASSWORD_NEW, 'wanted', 'new-password')
        TextTag('p', password_rule).classes('hint')
        field(texts.PASSWORD_NEW_AGAIN, 'repeated', 'new-password')
