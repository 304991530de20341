"""What every command of `python main.py` is."""

from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from services.database.engine import Database
from services.settings import COMMAND_LINE, Settings


class Command(BaseSettings):
    """What stands after the words of a command; the environment has no say in it."""

    model_config = SettingsConfigDict(**COMMAND_LINE)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the command line alone."""
        return (init_settings,)

    def run(self, settings: Settings, database: Database) -> int:
        """Do it; give the exit status."""
        raise NotImplementedError


class Apart(Command):
    """A command that works over a database which nobody has migrated or opened for it."""

    def run_apart(self, settings: Settings) -> int:
        """Do it; give the exit status."""
        raise NotImplementedError
