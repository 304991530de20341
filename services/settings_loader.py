"""Loading of settings from all sources, and the error sentences about wrong ones."""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from services import texts
from services.cli_errors import translate_parser_error
from services.setting_fields import ENV_PREFIX, env_variable
from services.settings import ENV_FILE, InvalidSettingError, Settings, cli_option

FOREIGN_VARIABLES: Final = {'JOURNAL_STREAM'}
"""Variables with the prefix of the program that belong to others: systemd sets this one for each service."""

S = TypeVar('S', bound=BaseSettings)


def load_settings(settings_class: type[S], arguments: Sequence[str], *, program: str = 'python main.py') -> S:
    """Load settings, or the arguments of a command, from the command line and the other sources of the class.

    Args:
        settings_class: the class to create.
        arguments: the command line without the name of the program.
        program: the name of the program in the help text.

    Raises:
        InvalidSettingError: a setting is invalid, unknown or missing.
        SystemExit: the help was requested and has been printed.
    """
    try:
        _reject_unknown(name.upper() for name in {*os.environ, *dotenv_values(ENV_FILE)})
        return settings_class(_cli_parse_args=list(arguments), _cli_prog_name=program)
    except SettingsError as error:
        raise InvalidSettingError(translate_parser_error(str(error))) from None
    except (UnicodeDecodeError, OSError):
        raise InvalidSettingError(texts.SETTING_UNREADABLE_FILE.format(path=ENV_FILE)) from None
    except ValidationError as error:
        raise InvalidSettingError(_describe_error(error.errors(include_url=False)[0])) from None


def _reject_unknown(names: Iterable[str]) -> None:
    """Raise InvalidSettingError for a variable with the prefix that is not a setting, which is probably misspelt."""
    known = {env_variable(field) for field in Settings.model_fields}
    for name in sorted(names):
        if name.startswith(ENV_PREFIX) and name not in known | FOREIGN_VARIABLES:
            close_matches = get_close_matches(name, known, n=1)
            hint = texts.SETTING_SUGGESTION.format(name=close_matches[0]) if close_matches else ''
            raise InvalidSettingError(texts.SETTING_UNKNOWN.format(name=name) + hint)


def _describe_error(error: Any) -> str:
    """Describe a validation error in one line: the setting, and what its value should be."""
    limits = error.get('ctx', {})
    reason = {
        'int_parsing': texts.SETTING_NOT_WHOLE,
        'bool_parsing': texts.SETTING_NOT_BOOL,
        'greater_than_equal': texts.SETTING_TOO_SMALL,
        'less_than_equal': texts.SETTING_TOO_LARGE,
        'string_too_short': texts.SETTING_EMPTY,
        'value_error': '{error}',
        'literal_error': texts.SETTING_NOT_ONE_OF,
        'decimal_parsing': texts.SETTING_NOT_MONEY,
        'decimal_type': texts.SETTING_NOT_MONEY,
        'dict_type': texts.SETTING_NOT_JSON,
        'string_pattern_mismatch': texts.SETTING_NO_HOSTS,
    }.get(error['type'], error['msg'])
    location = [str(part) for part in error['loc']]
    if not location:  # an error about a combination of settings
        return str(reason.format(**limits))
    name = location[-1]
    if location[0] in Settings.model_fields:
        name = f'{env_variable(location[0])} ({cli_option(location[0])})'
    return f'{name}: {reason.format(value=error["input"], **limits)}'
