"""Compiled statements that the databases of all tests of a worker share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from services.database.engine import Database


@contextmanager
def shared_statements() -> Iterator[None]:
    """Share the dialect and the compiled statements between the pools of one kind, for the time of the block.

    Each test has databases of its own, and compiling a statement takes several times as long as running it. What is
    compiled depends on the statement and on the engine alone.
    """
    known: dict[tuple[str, bool], Engine] = {}
    initialize = Database.__init__

    def share(engine: Engine, *, read_only: bool) -> None:
        kind = (engine.dialect.name, read_only)
        if first := known.get(kind):
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
            return

        @event.listens_for(engine, 'connect')
        def remember(*_: object) -> None:
            # From its first connection on, the dialect knows the version of the engine.
            known.setdefault(kind, engine)

    def initialize_shared(self: Database, *arguments: Any, **options: Any) -> None:
        initialize(self, *arguments, **options)
        share(self._readers, read_only=True)
        share(self._writer, read_only=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, '__init__', initialize_shared)
        yield
