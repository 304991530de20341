"""Records who is refused and who leaves; whoever comes in is recorded with his session. See services.audit.audit_log."""

import logging

from fastapi import Request

from journal_ui.layout.page_layout import Viewer
from models import Act
from services import texts
from services.accounts.accounts import Accounts, Person
from services.audit.audit_log import Access
from services.audit.hash_chain import Actor
from services.lists.query_protocol import Busy, Unavailable

log = logging.getLogger(__name__)


def address(request: Request) -> str:
    """Give the address of the computer that a request comes from; behind a proxy the server has put it right."""
    return request.client.host if request.client else ''


class Door:
    """Stands at the door of the program. All but `left` raise Unavailable or Busy when there is no record."""

    def __init__(self, access: Access, accounts: Accounts) -> None:
        """Record with `access`."""
        self._access = access
        self._accounts = accounts

    async def refused(self, request: Request, typed: str) -> None:
        """Record a refused sign-in. A name that nobody has is kept nowhere: passwords are often typed in its place."""
        name = await self._accounts.known_name(typed) or texts.ACCESS_UNKNOWN_NAME
        await self._access.record(Act.SIGN_IN_REFUSED, Actor(None, name, address(request)))

    async def left(self, request: Request, person: Person | None) -> None:
        """Record that somebody has signed out, which nothing may prevent."""
        if person is None:
            return
        try:
            await self._access.record(Act.SIGNED_OUT, Actor(person.id, person.name, address(request)))
        except (Unavailable, Busy):
            log.warning('the database does not answer; a sign-out is on no record')

    async def turned_away(self, viewer: Viewer, path: str) -> None:
        """Record that somebody asked for a page that is not for his role."""
        await self._access.record(Act.PAGE_REFUSED, viewer.actor, section=path)
