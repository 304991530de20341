"""«Моя учётная запись»: one's own password, second factor and sessions."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, ui

from journal_ui.components.forms import field, form, heading, paragraph, sheets
from journal_ui.components.sessions_table import table
from journal_ui.layout.page_layout import Viewer
from journal_ui.pages import two_factor
from journal_ui.pages.login import again
from journal_ui.security import auth_middleware, browser_sessions
from services import texts
from services.accounts.accounts import AccountRefused, Duty
from services.accounts.passwords import LONGEST, SHORTEST
from services.accounts.sessions import SessionLine, SignedIn
from services.composition import Services
from services.formats import minute
from services.lists.query_protocol import Busy, Unavailable

ACCOUNT = '/account'
PASSWORD = auth_middleware.DUTIES[Duty.FIRST_PASSWORD]


def install(services: Services, watch: auth_middleware.Guard) -> None:
    """Open `/account`, what it leads to, and what its forms are sent to."""
    entrance, living, settings = services.entrance, services.sessions, services.settings
    two_factor.install(services, watch)

    @ui.page(ACCOUNT)
    async def account(request: Request) -> None:
        signed: SignedIn = request.state.signed
        viewer, news = await watch.viewer(request), browser_sessions.said(request)
        codes = await services.factor.left(signed.person.id)
        lines = await living.of(signed.person.id)
        set_at = await services.accounts.password_set_at(signed.person.id)
        _draw(viewer, signed, codes, lines, set_at, settings.zone, news[:1])

    @ui.page(PASSWORD)
    async def password(request: Request) -> None:
        signed: SignedIn = request.state.signed
        _draw_password(await watch.viewer(request), signed.duty, browser_sessions.said(request)[:1], rule(services))

    @app.post(PASSWORD)
    async def change(request: Request, redirect_to: str = '') -> Response:
        sent = await request.form()
        present, wanted, repeated = (str(sent.get(each, '')) for each in ('present', 'wanted', 'repeated'))
        if wanted != repeated:
            return again(request, texts.PASSWORDS_NOT_SAME)
        signed: SignedIn = request.state.signed
        try:
            entered = await entrance.change_password(signed, present, wanted, browser_sessions.visitor(request))
        except (Unavailable, Busy):
            return again(request, texts.SIGN_IN_UNAVAILABLE)
        except AccountRefused as refused:
            return again(request, str(refused))
        target = auth_middleware.local_path(redirect_to) if signed.duty else ACCOUNT
        answer = await browser_sessions.enter(
            request, RedirectResponse(target, HTTPStatus.SEE_OTHER), entered, tls=settings.tls
        )
        if target == ACCOUNT:
            browser_sessions.say(request, texts.PASSWORD_CHANGED)
        return answer

    @app.post(f'{ACCOUNT}/sessions')
    async def end_others(request: Request) -> Response:
        await living.end_others(request.state.signed)
        browser_sessions.say(request, texts.SESSIONS_ENDED)
        return RedirectResponse(ACCOUNT, HTTPStatus.SEE_OTHER)


def rule(services: Services) -> str:
    """Say what a new password has to be like."""
    composed = services.settings.password_composition
    sentence = texts.PASSWORD_RULE_COMPOSITION if composed else texts.PASSWORD_RULE
    return sentence.format(shortest=SHORTEST, longest=LONGEST)


def _draw(
    viewer: Viewer,
    signed: SignedIn,
    codes: int | None,
    lines: Sequence[SessionLine],
    set_at: datetime,
    zone: ZoneInfo,
    news: Sequence[str],
) -> None:
    with sheets(texts.ACCOUNT_TITLE, viewer, ACCOUNT):
        if news:
            ui.label(news[0]).classes('told').props('role=status')
        with ui.element('section').classes('sheet'):
            heading(viewer.person.name, 'h2')
            paragraph(texts.ACCOUNT_ROLE.format(role=viewer.person.role))
        with ui.element('section').classes('sheet'):
            heading(texts.PASSWORD, 'h2')
            paragraph(texts.PASSWORD_AGE.format(time=minute(set_at, zone)))
            ui.link(texts.PASSWORD_CHANGE, PASSWORD).classes('press')
        with ui.element('section').classes('sheet'):
            heading(texts.FACTOR_TITLE, 'h2')
            paragraph(texts.FACTOR_OFF if codes is None else texts.FACTOR_ON.format(codes=codes))
            ui.link(texts.FACTOR_SET_UP if codes is None else texts.FACTOR_REMOVE, two_factor.FACTOR).classes('press')
        with ui.element('section').classes('sheet wide'):
            heading(texts.SESSIONS_TITLE, 'h2')
            table(lines, zone, this=signed.key)
            if len(lines) > 1:
                with form('inner', texts.SESSIONS_END_OTHERS, action=f'{ACCOUNT}/sessions', main=False):
                    pass


def _draw_password(viewer: Viewer, duty: Duty | None, refused: Sequence[str], rule: str) -> None:
    reasons = {Duty.FIRST_PASSWORD: texts.PASSWORD_WHY_FIRST, Duty.OLD_PASSWORD: texts.PASSWORD_WHY_OLD}
    with sheets(texts.PASSWORD_TITLE, viewer, PASSWORD), form('sheet', texts.PASSWORD_CHANGE, reason=''.join(refused)):
        if duty in reasons:
            paragraph(reasons[duty])
        # hidden, for password managers: whose password it is
        ui.element('input').props(f'type=text hidden name=name autocomplete=username value="{viewer.person.name}"')
        field(texts.PASSWORD_NOW, 'present', 'current-password', focus=True)
        field(texts.PASSWORD_NEW, 'wanted', 'new-password')
        paragraph(rule, 'hint')
        field(texts.PASSWORD_NEW_AGAIN, 'repeated', 'new-password')
