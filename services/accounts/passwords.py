"""Passwords: hashed by argon2id, never kept, compared at the same cost whether or not the name exists."""

import secrets
import unicodedata
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

with warnings.catch_warnings():
    # passlib 1.7.4 imports `crypt` where there is one, and asks argon2 its version in the old way: both harmless.
    warnings.filterwarnings('ignore', "'crypt' is deprecated", DeprecationWarning)
    warnings.filterwarnings('ignore', 'Accessing argon2.__version__ is deprecated', DeprecationWarning)
    from passlib.context import CryptContext
    from passlib.hash import argon2

    argon2.set_backend('argon2_cffi')

from services import texts
from services.names import KEYS_LATIN, KEYS_RUSSIAN

SHORTEST: Final = 12
LONGEST: Final = 128
"""Characters of a password. Any character counts, and none is required (NIST SP 800-63B)."""
COMMON: Final = Path(__file__).resolve().parents[2] / 'data' / 'common_passwords.txt'
LAYOUT: Final = str.maketrans(KEYS_RUSSIAN[:33], KEYS_LATIN[:33])
"""What the keys of Russian letters type in the Latin layout: «парольпароль» is as common as gfhjkmgfhjkm."""

HASHING_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix='password')
"""A hash takes 64 MiB and a processor for a while: a flood of sign-ins must not take them all."""


def today() -> CryptContext:
    """Give today's way of hashing; hashes made in another way are renewed at sign-in."""
    return CryptContext(
        schemes=['argon2'],
        argon2__type='ID',
        # RFC 9106, the second recommended choice.
        argon2__time_cost=3,
        argon2__memory_cost=64 * 1024,
        argon2__parallelism=4,
    )


context: Final = today()


@dataclass(frozen=True)
class Policy:
    """What an installation asks of passwords beyond their length; nothing unless it was switched on."""

    composition: bool = False
    """Whether letters of both cases, a digit and a sign have to be in each."""
    days: int = 0
    """Days after which a password has to be changed; 0 for never."""

    def check(self, password: str) -> None:
        """Refuse a password that may not be set.

        Raises:
            ValueError: it is too short, too long, one of the commonest, or lacks what is asked; said for the person.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(texts.PASSWORD_LENGTH.format(shortest=SHORTEST, longest=LONGEST))
        folded = _normal(password).casefold()
        if not common().isdisjoint({folded, folded.translate(LAYOUT)}):
            raise ValueError(texts.PASSWORD_COMMON)
        if self.composition and not _composed(password):
            raise ValueError(texts.PASSWORD_COMPOSITION)

    def expired(self, set_at: datetime, now: datetime) -> bool:
        """Say whether a password that was set at this moment has to be changed by now."""
        return self.days > 0 and now - set_at >= timedelta(days=self.days)


NOTHING_MORE: Final = Policy()
"""No more than what holds everywhere."""


def _composed(password: str) -> bool:
    has_sign = any(not sign.isalnum() for sign in password)
    return has_sign and all(any(map(kind, password)) for kind in (str.isupper, str.islower, str.isdigit))


@cache
def common() -> frozenset[str]:
    """Give the commonest passwords that are long enough, folded; read once (see data/README.md)."""
    return frozenset(COMMON.read_text('utf-8').splitlines())


def random_password() -> str:
    """Make a password that nobody will guess: 20 characters, 119 bits."""
    return secrets.token_urlsafe(15)


def hash_password(password: str) -> str:
    """Give the hash to keep; takes a processor for some 100 ms."""
    return str(context.hash(_normal(password)))


def verify_password(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Compare a password with a kept hash; takes as long as `hash_password` whatever the answer.

    Args:
        password: what was typed.
        kept: the hash, or None for a name that nobody has: the same work is done, and the answer is no.

    Returns:
        Whether it is right; and a new hash to keep, when the kept one was made with other parameters than today's.
    """
    # Nobody has a password this long, even where keyboards write a letter in several characters.
    if len(password) > 4 * LONGEST:
        password, kept = '', None
    right, renewed = context.verify_and_update(_normal(password), kept or nobodys_hash())
    return bool(right) and kept is not None, renewed if right and kept else None


@cache
def nobodys_hash() -> str:
    """Give the hash that a wrong name is compared with; call it once before anybody can sign in."""
    return hash_password(random_password())


def _normal(password: str) -> str:
    """Make one of the several ways in which keyboards write the same letter."""
    return unicodedata.normalize('NFKC', password)
