"""Passwords: the policy, argon2id hashes, and a check that costs the same whether or not the name exists."""

import secrets
import unicodedata
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

with warnings.catch_warnings():
    # passlib 1.7.4 imports `crypt` and reads the deprecated `argon2.__version__`; both are harmless.
    warnings.filterwarnings('ignore', "'crypt' is deprecated", DeprecationWarning)
    warnings.filterwarnings('ignore', 'Accessing argon2.__version__ is deprecated', DeprecationWarning)
    from passlib.context import CryptContext
    from passlib.hash import argon2

    argon2.set_backend('argon2_cffi')

from services import texts
from services.names import LATIN_LAYOUT_KEYS, RUSSIAN_LAYOUT_KEYS
from services.program_folders import DATA_FOLDER

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 128
"""The length of a password in characters. Any character is allowed, and none is required (NIST SP 800-63B)."""
COMMON_PASSWORDS_FILE: Final = DATA_FOLDER / 'common_passwords.txt'
RUSSIAN_TO_LATIN_KEYS: Final = str.maketrans(RUSSIAN_LAYOUT_KEYS[:33], LATIN_LAYOUT_KEYS[:33])
"""Maps Russian letters to the Latin letters on the same keys: «парольпароль» is as common as gfhjkmgfhjkm."""

HASHING_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix='password')
"""One hash needs 64 MiB and a processor for 100 ms, so the number of simultaneous hashes is limited."""


def create_hash_context() -> CryptContext:
    """Build the context with the current parameters; hashes with other parameters are renewed at sign-in."""
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
    """The requirements of an installation beyond length and commonness; none by default."""

    require_composition: bool = False
    """Whether a password must contain letters of both cases, a digit and another character."""
    max_age_days: int = 0
    """Days after which a password has to be changed; 0 for never."""

    def check(self, password: str) -> None:
        """Validate a new password.

        Raises:
            ValueError: it is too short, too long, too common, or lacks a required character; the message is for the
                user.
        """
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise ValueError(texts.PASSWORD_LENGTH.format(shortest=MIN_LENGTH, longest=MAX_LENGTH))
        folded = _normalize(password).casefold()
        if not common_passwords().isdisjoint({folded, folded.translate(RUSSIAN_TO_LATIN_KEYS)}):
            raise ValueError(texts.PASSWORD_COMMON)
        if self.require_composition and not _has_mixed_characters(password):
            raise ValueError(texts.PASSWORD_COMPOSITION)

    def is_expired(self, set_at: datetime, now: datetime) -> bool:
        """Return whether a password set at `set_at` has to be changed by now."""
        return self.max_age_days > 0 and now - set_at >= timedelta(days=self.max_age_days)


DEFAULT_POLICY: Final = PasswordPolicy()
"""No requirements beyond those of every installation."""


def _has_mixed_characters(password: str) -> bool:
    has_sign = any(not character.isalnum() for character in password)
    return has_sign and all(any(map(kind, password)) for kind in (str.isupper, str.islower, str.isdigit))


@cache
def common_passwords() -> frozenset[str]:
    """Return the most common passwords of sufficient length, folded; the file is read once (see data/README.md)."""
    return frozenset(COMMON_PASSWORDS_FILE.read_text('utf-8').splitlines())


def random_password() -> str:
    """Generate a password of 20 characters with 120 random bits."""
    return secrets.token_urlsafe(15)


def demonstration_password() -> str:
    """Generate a password that is easy to type: twelve random digits, which are on the same keys in every layout."""
    digits = f'{secrets.randbelow(10**12):012}'
    return '-'.join(digits[start : start + 4] for start in range(0, 12, 4))


def hash_password(password: str) -> str:
    """Return the hash to store; uses a processor for about 100 ms."""
    return str(hash_context.hash(_normalize(password)))


def verify_password(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Verify a password against a stored hash; takes as long as `hash_password` whatever the result.

    Args:
        password: the password as typed.
        password_hash: the stored hash, or None for an unknown name: the same work is done, and the result is False.

    Returns:
        Whether the password is right; and a new hash to store if the stored one has outdated parameters, else None.
    """
    # No valid password is this long, even if a keyboard writes one letter as several characters.
    if len(password) > 4 * MAX_LENGTH:
        password, password_hash = '', None
    is_correct, new_hash = hash_context.verify_and_update(_normalize(password), password_hash or dummy_hash())
    if password_hash is None or not is_correct:
        return False, None
    return True, new_hash


@cache
def dummy_hash() -> str:
    """Return the hash that is verified for an unknown name; call it once before the first sign-in."""
    return hash_password(random_password())


def _normalize(password: str) -> str:
    """Convert to NFKC, because keyboards encode the same letter differently."""
    return unicodedata.normalize('NFKC', password)
