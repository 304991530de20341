"""The error codes of mobile operators, which administrators maintain.

A gateway passes on the errors of the operators that it is connected to, and each operator has its own
numbers (SMPP 3.4, Appendix B: `err` is network specific), so that no list of them can be shipped with the program.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.identity import Identity
from services.accounts.users import check_admin
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import OPERATOR_ERROR_TABLE
from services.errors import InvalidInputError

MAX_LENGTHS: Final = {'operator': 64, 'code': 50, 'name': 200, 'advice': 500}
"""The largest number of characters in each field; a code of a receipt is not longer either."""
REQUIRED_FIELDS: Final = ('code', 'name')


class InvalidOperatorCodeError(InvalidInputError):
    """A code that cannot be stored."""


@dataclass(frozen=True)
class OperatorCode:
    """The meaning of an error code of a mobile operator."""

    operator: str
    """The name of the gateway's connection to the operator, for example Kannel's `smsc-id`; empty for any operator."""
    code: str
    """The code as the operator sends it."""
    name: str
    advice: str = ''
    """What to do; may be empty."""

    def matches(self, code: str, operator: str) -> bool:
        """Return whether this describes a code of exactly this operator; case does not matter."""
        return (self.code.casefold(), self.operator.casefold()) == (code.casefold(), operator.casefold())


class OperatorCodes:
    """Read and change the codes; every change is recorded in the audit log, in the same transaction."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Work on one database; `now` returns the current time (aware)."""
        self._database = database
        self._now = now

    async def list_all(self) -> Sequence[OperatorCode]:
        """Return every code, sorted by operator and code."""
        return await self._database.read(load_operator_codes)

    async def add(self, admin: Identity, code: OperatorCode) -> None:
        """Add a code.

        Raises:
            InvalidOperatorCodeError: a field is missing or too long, or the operator has this code already.
            AccountError: `admin` is not an administrator any more.
        """
        valid = _validate(code)

        def insert_and_record(session: Session) -> None:
            check_admin(session, admin)
            try:
                session.execute(insert(OPERATOR_ERROR_TABLE).values(**vars(valid)))
            except IntegrityError:
                raise InvalidOperatorCodeError(texts.ERROR_CODE_EXISTS.format(code=valid.code)) from None
            self._record(session, admin, texts.ACCESS_ERROR_CODE_ADDED.format(new=_describe(valid)), valid)

        await self._database.write(insert_and_record)

    async def change(self, admin: Identity, old: OperatorCode, new: OperatorCode) -> None:
        """Replace a code by another.

        Raises:
            InvalidOperatorCodeError: `old` does not exist any more, or as in `add`.
            AccountError: `admin` is not an administrator any more.
        """
        valid = _validate(new)

        def update_and_record(session: Session) -> None:
            check_admin(session, admin)
            try:
                updated = session.connection().execute(
                    update(OPERATOR_ERROR_TABLE).where(*_key(old)).values(**vars(valid))
                )
            except IntegrityError:
                raise InvalidOperatorCodeError(texts.ERROR_CODE_EXISTS.format(code=valid.code)) from None
            if not updated.rowcount:
                raise InvalidOperatorCodeError(texts.ERROR_CODE_GONE)
            description = texts.ACCESS_ERROR_CODE_CHANGED.format(old=_describe(old), new=_describe(valid))
            self._record(session, admin, description, valid)

        await self._database.write(update_and_record)

    async def remove(self, admin: Identity, code: OperatorCode) -> None:
        """Remove a code; removing it twice does nothing.

        Raises:
            AccountError: `admin` is not an administrator any more.
        """

        def delete_and_record(session: Session) -> None:
            check_admin(session, admin)
            if session.connection().execute(delete(OPERATOR_ERROR_TABLE).where(*_key(code))).rowcount:
                self._record(session, admin, texts.ACCESS_ERROR_CODE_REMOVED.format(old=_describe(code)), code)

        await self._database.write(delete_and_record)

    def _record(self, session: Session, admin: Identity, description: str, code: OperatorCode) -> None:
        entry = AuditEntry(
            at=self._now(),
            actor=admin.actor,
            act=AuditEvent.REFERENCE_DATA_CHANGED,
            section=texts.ERROR_CODES_TITLE,
            what=description,
            about=code.code,
        )
        append_entries(session, [entry])


def load_operator_codes(session: Session) -> list[OperatorCode]:
    """Load every code, sorted by operator and code."""
    table = OPERATOR_ERROR_TABLE
    statement = select(table.c.operator, table.c.code, table.c.name, table.c.advice).order_by(
        table.c.operator, table.c.code
    )
    return [OperatorCode(*row) for row in session.execute(statement)]


def _describe(code: OperatorCode) -> str:
    return texts.ACCESS_ERROR_CODE.format(
        operator=code.operator or texts.ERROR_CODE_ANY_OPERATOR, code=code.code, name=code.name, advice=code.advice
    )


def _key(code: OperatorCode) -> tuple[ColumnElement[bool], ...]:
    return (OPERATOR_ERROR_TABLE.c.operator == code.operator, OPERATOR_ERROR_TABLE.c.code == code.code)


def _validate(code: OperatorCode) -> OperatorCode:
    values = {name: ' '.join(value.split()) for name, value in vars(code).items()}
    for name, value in values.items():
        title = texts.ERROR_CODE_FIELDS[name]
        if not value and name in REQUIRED_FIELDS:
            raise InvalidOperatorCodeError(texts.ERROR_CODE_FIELD_EMPTY.format(field=title))
        if len(value) > MAX_LENGTHS[name]:
            raise InvalidOperatorCodeError(texts.ERROR_CODE_FIELD_TOO_LONG.format(field=title, limit=MAX_LENGTHS[name]))
        if not value.isprintable():
            raise InvalidOperatorCodeError(texts.ERROR_CODE_FIELD_UNREADABLE.format(field=title))
    return OperatorCode(**values)
