"""The base classes of the commands of `python main.py`."""

from collections.abc import Sequence, Set
from typing import Any, ClassVar, Final

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from services.database.engine import Database
from services.settings import CLI_CONFIG, Settings

SEPARATOR: Final = '\x1f'
"""Separates the values of an option that is repeated: the unit separator of ASCII, which no name contains."""


class Command(BaseSettings):
    """A command with its arguments, which are read from the command line only and not from the environment."""

    model_config = SettingsConfigDict(**CLI_CONFIG)
    repeated: ClassVar[Set[str]] = frozenset()
    """The fields whose options may be repeated: `split_values` separates their values.

    The list fields of pydantic-settings divide a value at its commas and quotation marks, which names contain.
    """

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the command line as the only source."""
        return (init_settings,)

    def run(self, settings: Settings, database: Database) -> int:
        """Run the command on an open, migrated database and return the exit status."""
        raise NotImplementedError


def join_values(arguments: Sequence[str], options: Set[str]) -> list[str]:
    """Join the values of options that are repeated, so that each option occurs once.

    Args:
        arguments: the command line of a command.
        options: the options that may be repeated, such as `--organization`.
    """
    joined: list[str] = []
    values: dict[str, list[str]] = {}
    remaining = iter(arguments)
    for argument in remaining:
        option, separator, value = argument.partition('=')
        if option not in options:
            joined.append(argument)
            continue
        following = value if separator else next(remaining, None)
        if following is None:
            joined.append(argument)  # the parser reports that the value is missing
        else:
            values.setdefault(option, []).append(following)
    return joined + [f'{option}={SEPARATOR.join(given)}' for option, given in values.items()]


def split_values(text: str) -> tuple[str, ...]:
    """Return the values of an option that may be repeated."""
    return tuple(value for value in text.split(SEPARATOR) if value)


class StandaloneCommand(Command):
    """A command that opens the database itself, without a migration before."""

    def run_standalone(self, settings: Settings) -> int:
        """Run the command and return the exit status."""
        raise NotImplementedError
