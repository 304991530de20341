"""Logs: one format for all lines, the request id in each, and no patient data."""

import json
import logging
from collections.abc import Iterator

import pytest

from journal_ui.monitoring import logs


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Restore the logging configuration of the tests."""
    root, names = logging.getLogger(), logs.OWN_LOGGERS
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)


def fail(name: str) -> None:
    raise LookupError(name)


@pytest.mark.parametrize('name', ['services.live_updates', 'uvicorn.error', 'nicegui', 'asyncio'])
@pytest.mark.parametrize('as_json', [True, False])
def test_an_exception_is_logged_without_its_message(
    name: str, as_json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that another test ran in this process has set its own way up for these; the program lets it not.
    for each in ('uvicorn', 'uvicorn.error'):
        monkeypatch.setattr(logging.getLogger(each), 'handlers', [])
        monkeypatch.setattr(logging.getLogger(each), 'propagate', True)
    logs.configure_logging('warning', as_json=as_json)
    logs.request_id.set('0123456789abcdef')
    person = 'Щукарёв Ждан'
    try:
        fail(person)
    except LookupError:
        logging.getLogger(name).exception('it failed')
    said = capsys.readouterr().err
    assert 'Щукарёв' not in said
    assert 'builtins.LookupError, reference ' in said
    assert 'in fail' in said
    assert '0123456789abcdef' in said
    if as_json:
        (line,) = said.splitlines()
        told = json.loads(line)
        assert set(told) == {'time', 'level', 'logger', 'request', 'message', 'trace'}
        assert (told['level'], told['logger'], told['request']) == ('error', name, '0123456789abcdef')


def test_the_log_level_applies_to_the_program_only(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging('info', as_json=False)
    for name in ('services.x', 'journal_ui.x', 'httpx', 'socketio.server', 'sqlalchemy.engine'):
        logging.getLogger(name).info('told by %s', name)
    said = capsys.readouterr().err
    assert [line.rpartition(' ')[2] for line in said.splitlines()] == ['services.x', 'journal_ui.x']
    logs.configure_logging('error', as_json=False)
    logging.getLogger('services.x').warning('hushed')
    logging.getLogger('httpx').warning('hushed')
    logging.getLogger('services.x').error('heard')
    said = capsys.readouterr().err
    assert 'hushed' not in said
    assert said.count('\n') == 1
