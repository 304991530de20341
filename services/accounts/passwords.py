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
from services.names import LATIN_LAYOUT_KEYS, RUSSIAN_LAYOUT_KEYS

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 128
"""Characters of a password. Any character counts, and none is required (NIST SP 800-63B)."""
COMMON_PASSWORDS_FILE: Final = Path(__file__).resolve().parents[2] / 'data' / 'common_passwords.txt'
RUSSIAN_TO_LATIN_KEYS: Final = str.maketrans(RUSSIAN_LAYOUT_KEYS[:33], LATIN_LAYOUT_KEYS[:33])
"""What the keys of Russian letters type in the Latin layout: «парольпароль» is as common as gfhjkmgfhjkm."""

HASHING_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix='password')
"""A hash takes 64 MiB and a processor for a while: a flood of sign-ins must not take them all."""


def create_hash_context() -> CryptContext:
    """Give today's way of hashing; hashes made in another way are renewed at sign-in."""
    return CryptContext(
        schemes=['argon2'],
        argon2__type='ID',
        # RFC 9106, the second recommended choice.
        argon2__time_cost=3,
        argon2__memory_cost=64 * 1024,
        argon2__parallelism=4,
    )


hash_context: Final = create_hash_context()


@dataclass(frozen=True)
class PasswordPolicy:
    """What an installation asks of passwords beyond their length; nothing unless it was switched on."""

    require_composition: bool = False
    """Whether letters of both cases, a digit and a sign have to be in each."""
    max_age_days: int = 0
    """Days after which a password has to be changed; 0 for never."""

    def check(self, password: str) -> None:
        """Refuse a password that may not be set.

        Raises:
            ValueError: it is too short, too long, one of the commonest, or lacks what is asked; said for the person.
        """
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise ValueError(texts.PASSWORD_LENGTH.format(shortest=MIN_LENGTH, longest=MAX_LENGTH))
        folded = _normalize(password).casefold()
        if not common_passwords().isdisjoint({folded, folded.translate(RUSSIAN_TO_LATIN_KEYS)}):
            raise ValueError(texts.PASSWORD_COMMON)
        if self.require_composition and not _has_mixed_characters(password):
            raise ValueError(texts.PASSWORD_COMPOSITION)

    def is_expired(self, set_at: datetime, now: datetime) -> bool:
        """Say whether a password that was set at this moment has to be changed by now."""
        return self.max_age_days > 0 and now - set_at >= timedelta(days=self.max_age_days)


DEFAULT_POLICY: Final = PasswordPolicy()
"""No more than what holds everywhere."""


def _has_mixed_characters(password: str) -> bool:
    has_sign = any(not character.isalnum() for character in password)
    return has_sign and all(any(map(kind, password)) for kind in (str.isupper, str.islower, str.isdigit))


@cache
def common_passwords() -> frozenset[str]:
    """Give the commonest passwords that are long enough, folded; read once (see data/README.md)."""
    return frozenset(COMMON_PASSWORDS_FILE.read_text('utf-8').splitlines())


def random_password() -> str:
    """Make a password that nobody will guess: 20 characters, 119 bits."""
    return secrets.token_urlsafe(15)


def hash_password(password: str) -> str:
    """Give the hash to keep; takes a processor for some 100 ms."""
    return str(hash_context.hash(_normalize(password)))


def verify_password(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Compare a password with a kept hash; takes as long as `hash_password` whatever the answer.

    Args:
        password: what was typed.
        kept: the hash, or None for a name that nobody has: the same work is done, and the answer is no.

    Returns:
        Whether it is right; and a new hash to keep, when the kept one was made with other parameters than today's.
    """
    # Nobody has a password this long, even where keyboards write a letter in several characters.
    if len(password) > 4 * MAX_LENGTH:
        password, password_hash = '', None
    is_correct, new_hash = hash_context.verify_and_update(_normalize(password), password_hash or dummy_hash())
    return bool(is_correct) and password_hash is not None, new_hash if is_correct and password_hash else None


@cache
def dummy_hash() -> str:
    """Give the hash that a wrong name is compared with; call it once before anybody can sign in."""
    return hash_password(random_password())


def _normalize(password: str) -> str:
    """Make one of the several ways in which keyboards write the same letter."""
    return unicodedata.normalize('NFKC', password)
