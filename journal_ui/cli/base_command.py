"""The base classes of the commands of `python main.py`."""

from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from services.database.engine import Database
from services.settings import CLI_CONFIG, Settings


class Command(BaseSettings):
    """A command with its arguments, which are read from the command line only and not from the environment."""

    model_config = SettingsConfigDict(**CLI_CONFIG)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the command line as the only source."""
        return (init_settings,)

    def run(self, settings: Settings, database: Database) -> int:
        """Run the command on an open, migrated database and return the exit status."""
        raise NotImplementedError


class StandaloneCommand(Command):
    """A command that opens the database itself, without a migration before."""

    def run_standalone(self, settings: Settings) -> int:
        """Run the command and return the exit status."""
        raise NotImplementedError
