"""Column types that store the same values on SQLite and PostgreSQL, exact to the second and the kopeck."""

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

ResultProcessor = Callable[[Any], T | None]
"""Converts a value of the driver to the Python value of a column.

Each type overrides `result_processor`, because the wrapper that SQLAlchemy builds around `process_result_value` would
double the time of every value of every row.
"""

BIG_KEY = BigInteger().with_variant(Integer(), 'sqlite')
"""A 64-bit primary key. SQLite uses a column as the rowid only if it is declared INTEGER."""

CODE_POINT_TEXT = String().with_variant(String(collation='C'), 'postgresql')
"""Text compared and sorted by code point on both engines, which is the default of SQLite."""


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, truncated to whole seconds.

    SQLite has no type with a time zone and stores Unix time in seconds; PostgreSQL stores `timestamptz`.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine."""
        if dialect.name == 'postgresql':
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Convert a datetime to the stored value.

        Raises:
            ValueError: the datetime is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError('a moment without a zone')
        if dialect.name == 'postgresql':
            return value.replace(microsecond=0)
        return int(value.timestamp())

    def result_processor(self, dialect: Dialect, coltype: object) -> ResultProcessor[datetime]:
        """Return the converter from the stored value to a datetime in UTC."""
        return _to_utc if dialect.name == 'postgresql' else _from_seconds


class UuidKey(TypeDecorator[UUID]):
    """A UUID: sixteen bytes on SQLite, `uuid` on PostgreSQL; both sort by those bytes."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type of PostgreSQL, or sixteen bytes for SQLite."""
        if dialect.name == 'postgresql':
            return dialect.type_descriptor(Uuid())
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Convert a UUID to the stored value."""
        if value is None or dialect.name == 'postgresql':
            return value
        return value.bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> ResultProcessor[UUID] | None:
        """Return the converter to UUID; None for PostgreSQL, whose driver returns UUIDs."""
        return None if dialect.name == 'postgresql' else _from_bytes


class Kopecks(TypeDecorator[Decimal]):
    """An amount in roubles (Decimal), stored as whole kopecks, so that sums are exact and fast on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Convert roubles to kopecks.

        Raises:
            ValueError: the amount has fractions of a kopeck.
        """
        if value is None:
            return None
        kopecks = value * 100
        if kopecks != kopecks.to_integral_value():
            raise ValueError('a fraction of a kopeck')
        return int(kopecks)

    def result_processor(self, dialect: Dialect, coltype: object) -> ResultProcessor[Decimal]:
        """Return the converter to roubles; it accepts int and Decimal, because PostgreSQL sums bigint to numeric."""
        return _from_kopecks


class IntEnumType(TypeDecorator[E], Generic[E]):
    """A member of an IntEnum, stored as its number."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, enum_class: type[E]) -> None:
        super().__init__()
        self.enum_class = enum_class
        self._member_by_number = {int(member): member for member in enum_class}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> int | None:
        """Convert a member to its number."""
        return None if value is None else int(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> ResultProcessor[E]:
        """Return the converter from a number to the member."""
        return self._to_member

    def _to_member(self, value: Any) -> E | None:
        return None if value is None else self._member_by_number[value]


def _to_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _from_seconds(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)


def _from_bytes(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


def _from_kopecks(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else kopecks_to_roubles(int(value))


def kopecks_to_roubles(kopecks: int) -> Decimal:
    """Convert whole kopecks to roubles with two decimal places: 155 → Decimal('1.55')."""
    return Decimal(kopecks).scaleb(-2)
