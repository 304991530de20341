"""Logs: one format for all lines, the request id in each, and no patient data."""

import json
import logging

import pytest

from journal_ui.monitoring import logs

pytestmark = pytest.mark.usefixtures('restored_logging')


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


HOSTILE = 'one\n2026-01-01 00:00:00,000 ERROR services [-] forged\r\x1b[2J\x85\u2028\u2029\u202e\x7f\ud800\0'


@pytest.mark.parametrize('as_json', [True, False])
def test_text_from_outside_cannot_begin_a_line_or_control_a_terminal(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure_logging('warning', as_json=as_json)
    logging.getLogger('nicegui').error(HOSTILE)
    logging.getLogger('nicegui').error('argument: %s', HOSTILE)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == said.count('\n') == 2
    assert all(letter.isprintable() for letter in said.replace('\n', ''))
    for line in said.splitlines():
        message = json.loads(line)['message'] if as_json else line
        assert '\\u000a2026-01-01' in message
        assert message.endswith(r'forged\u000d\u001b[2J\u0085\u2028\u2029\u202e\u007f\ud800\u0000')


@pytest.mark.parametrize('as_json', [True, False])
def test_a_traceback_cannot_look_like_another_line(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging('warning', as_json=as_json)
    forged = compile('fail(str())', 'file\r\x1b[2J\u2028forged', 'exec')
    try:
        exec(forged, {'fail': fail})
    except LookupError:
        logging.getLogger('services.x').exception('it failed')
    logging.getLogger('services.x').warning('with its stack', stack_info=True)
    said = capsys.readouterr().err
    if as_json:
        entry, _ = map(json.loads, said.splitlines())
        assert all(letter.isprintable() for letter in entry['trace'].replace('\n', ''))
        return
    assert all(letter.isprintable() for letter in said.replace('\n', ''))
    starts = [line for line in said.split('\n') if not line.startswith(logs.TRACE_INDENT)]
    assert len(starts) == 3
    assert starts[-1] == ''
