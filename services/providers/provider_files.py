"""The files that describe SMS providers: those of `data/providers/`, and those of the administrator."""

import re
import tomllib
from functools import cache
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from services import texts
from services.errors import InvalidInputError
from services.program_folders import DATA_FOLDER
from services.providers.declaration import ProviderDeclaration
from services.providers.declared_provider import build_provider
from services.providers.provider import Provider, Providers
from services.providers.registry import PROVIDERS

SHIPPED_FOLDER: Final = DATA_FOLDER / 'providers'
KEY_PATTERN: Final = re.compile(r'[a-z][a-z0-9_]{0,31}')
"""The name of a file without its ending: the provider's name in URLs, in settings and in the database."""
RESERVED_KEYS: Final = frozenset({'ledger', 'none'})
"""The sources of the balance that are no providers."""
POSITION_PATTERN: Final = re.compile(r'at line (\d+), column \d+')
MAX_QUOTED_LENGTH: Final = 60
"""Characters of a wrong value that a sentence repeats, in one line."""
REASONS: Final = {
    'missing': texts.PROVIDER_MISSING,
    'extra_forbidden': texts.PROVIDER_UNKNOWN_KEY,
    'string_type': texts.PROVIDER_NO_TEXT,
    'bool_type': texts.SETTING_NOT_BOOL,
    'list_type': texts.PROVIDER_NO_LIST,
    'dict_type': texts.PROVIDER_NO_TABLE,
    'model_type': texts.PROVIDER_NO_TABLE,
    'literal_error': texts.SETTING_NOT_ONE_OF,
    'string_too_short': texts.SETTING_EMPTY,
    'string_pattern_mismatch': texts.PROVIDER_WRONG_VALUE,
    'too_short': texts.SETTING_EMPTY,
    'string_too_long': texts.PROVIDER_TOO_LONG,
    'value_error': '{error}',
}
"""Sentences about errors by the types that Pydantic gives them."""


class InvalidProviderFileError(InvalidInputError):
    """A file that describes a provider is invalid; the message is one line with the file, the place and the reason."""


def load_providers(folder: Path | None) -> Providers:
    """Return all providers by their key.

    Args:
        folder: the administrator's own files, of which one replaces a shipped file with the same name; or None.

    Raises:
        InvalidProviderFileError: a file or the folder is invalid.
    """
    if folder is None:
        return _shipped_providers()
    if not folder.is_dir():
        raise InvalidProviderFileError(texts.PROVIDER_NO_FOLDER.format(path=folder))
    return MappingProxyType({**_shipped_providers(), **_load_folder(folder)})


@cache
def _shipped_providers() -> Providers:
    """Return the providers with a module, and those of the files that belong to the program, which never change."""
    return MappingProxyType({**PROVIDERS, **_load_folder(SHIPPED_FOLDER)})


def _load_folder(folder: Path) -> dict[str, Provider]:
    return {path.stem: load_provider(path) for path in sorted(folder.glob('*.toml'))}


def load_provider(path: Path) -> Provider:
    """Load the provider that a file describes.

    Raises:
        InvalidProviderFileError: the file is invalid.
    """
    if not KEY_PATTERN.fullmatch(path.stem):
        raise InvalidProviderFileError(texts.PROVIDER_NO_KEY.format(path=path))
    if path.stem in PROVIDERS or path.stem in RESERVED_KEYS:
        raise InvalidProviderFileError(texts.PROVIDER_KEY_TAKEN.format(path=path, key=path.stem))
    try:
        return build_provider(path.stem, ProviderDeclaration.model_validate(_read(path)))
    except ValidationError as error:
        reason = _describe_error(error.errors(include_url=False)[0])
        raise InvalidProviderFileError(f'{path}: {reason}') from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding='utf-8'))
    except tomllib.TOMLDecodeError as error:
        position = POSITION_PATTERN.search(str(error))
        line = position[1] if position else texts.PROVIDER_LAST_LINE
        raise InvalidProviderFileError(texts.PROVIDER_NO_TOML.format(path=path, line=line)) from None
    except (OSError, UnicodeDecodeError):
        raise InvalidProviderFileError(texts.SETTING_UNREADABLE_FILE.format(path=path)) from None


def _describe_error(error: Any) -> str:
    """Describe a validation error: the key in the file, and what its value should be."""
    reason = REASONS.get(error['type'], texts.PROVIDER_WRONG_VALUE)
    location = '.'.join(str(part) for part in error['loc'] if part != '[key]')
    limits = {name: str(limit).replace(' or ', ' или ') for name, limit in error.get('ctx', {}).items()}
    value = shorten(str(error['input']), MAX_QUOTED_LENGTH, placeholder='…')
    sentence = reason.format(value=value, **limits)
    return f'{location}: {sentence}' if location else sentence
