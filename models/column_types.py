"""Column types that hold the same value, to the second and the kopeck, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, SmallInteger, String, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

E = TypeVar('E', bound=IntEnum)
T = TypeVar('T')

Processor = Callable[[Any], T | None]
"""Turns what the driver gives into what a column holds.

Each type gives its own at once: the one that SQLAlchemy makes of `process_result_value` takes as long again, for every
value of every row.
"""

BIG_KEY = BigInteger().with_variant(Integer(), 'sqlite')
"""A 64-bit primary key; SQLite makes a rowid only of a column declared INTEGER."""

FOLDED = String().with_variant(String(collation='C'), 'postgresql')
"""Text compared and sorted by code point on both engines; SQLite does so by itself."""


class UtcTime(TypeDecorator[datetime]):
    """An aware moment in UTC, whole seconds.

    SQLite has no type that keeps a zone, so it stores seconds since 1970; PostgreSQL stores `timestamptz`.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take the type that keeps a moment on this engine."""
        if dialect.name == 'postgresql':
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Store a moment; a naive one is a mistake of the program.

        Raises:
            ValueError: the moment has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError('a moment without a zone')
        if dialect.name == 'postgresql':
            return value.replace(microsecond=0)
        return int(value.timestamp())

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor[datetime]:
        """Give moments back in UTC."""
        return _in_utc if dialect.name == 'postgresql' else _of_seconds


class UuidKey(TypeDecorator[UUID]):
    """A UUID: sixteen bytes on SQLite, `uuid` on PostgreSQL; both sort by those bytes."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take the engine's own type where it has one."""
        if dialect.name == 'postgresql':
            return dialect.type_descriptor(Uuid())
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Store the UUID."""
        if value is None or dialect.name == 'postgresql':
            return value
        return value.bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor[UUID] | None:
        """Give UUIDs back; PostgreSQL's driver has them already."""
        return None if dialect.name == 'postgresql' else _of_bytes


class Kopecks(TypeDecorator[Decimal]):
    """Roubles in Python (Decimal), whole kopecks in the database: sums stay exact and fast on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Store roubles as kopecks.

        Raises:
            ValueError: the amount has fractions of a kopeck.
        """
        if value is None:
            return None
        kopecks = value * 100
        if kopecks != kopecks.to_integral_value():
            raise ValueError('a fraction of a kopeck')
        return int(kopecks)

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor[Decimal]:
        """Give roubles back; a sum over a bigint comes as Decimal from PostgreSQL and as int from SQLite."""
        return _of_kopecks


class Enumerated(TypeDecorator[E], Generic[E]):
    """A member of an IntEnum, stored as its number."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind
        self._members = {int(member): member for member in kind}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> int | None:
        """Store the number."""
        return None if value is None else int(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor[E]:
        """Give members back."""
        return self._member

    def _member(self, value: Any) -> E | None:
        return None if value is None else self._members[value]


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _of_seconds(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)


def _of_bytes(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


def _of_kopecks(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else roubles(int(value))


def roubles(kopecks: int) -> Decimal:
    """Turn whole kopecks into roubles with two places: 155 → Decimal('1.55')."""
    return Decimal(kopecks).scaleb(-2)
