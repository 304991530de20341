"""The address that hands an exported file out: once, to the session that asked for it, and to nobody else."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from journal_ui.list_page.export_button import download_router
from models import Role
from services import texts
from services.accounts.accounts import Identity
from services.database.engine import Database
from services.export.export_jobs import ExportFormat, ExportJobs
from services.messages.message_query import MessageQuery
from tests.helpers import sample_data
from tests.helpers.export_in_thread import run_export_in_thread
from tests.helpers.journal_operator import session_cookies
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW

OWN_SESSION = {'session': 'mine'}
CONDITIONS = MessageQuery(name='Королёв', phone='9161234567')


@pytest.fixture
def exports(database: Database, tmp_path: Path) -> ExportJobs:
    """Exports of an empty journal."""
    url = database.url.render_as_string(hide_password=False)
    made = ExportJobs(url, MOSCOW, tmp_path / 'exports', run=run_export_in_thread)
    made.clear()
    return made


@pytest.fixture
def visitor(exports: ExportJobs) -> httpx.AsyncClient:
    """A browser whose session and role stand in its headers."""
    application = FastAPI()

    @application.middleware('http')
    async def admit(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        request.scope['session'] = {'id': request.headers.get('session')}
        request.state.person = Identity(1, 'clerk', Role(request.headers.get('role', 'WebAdmin')))
        return await answer(request)

    application.include_router(download_router(exports))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url='http://ours.example')


async def export_url(exports: ExportJobs, format: ExportFormat = ExportFormat.CSV) -> str:
    """Make a file; give the address that hands it out to the session «mine»."""
    file = await exports.make(CONDITIONS, format, account_id=1, progress=lambda rows: None)
    return f'/export/{exports.offer_download(file, "mine")}'


async def test_a_file_is_handed_out_once_and_to_its_own_session(
    exports: ExportJobs, visitor: httpx.AsyncClient
) -> None:
    address = await export_url(exports)
    assert (await visitor.get(address, headers={'session': 'another'})).status_code == 404
    assert (await visitor.get(address)).status_code == 404
    assert (await visitor.get(address, headers=OWN_SESSION | {'role': 'User'})).status_code == 404
    answer = await visitor.get(address, headers=OWN_SESSION)
    assert answer.status_code == 200
    assert answer.content.decode('utf-8-sig').startswith(texts.CODE)
    assert answer.headers['content-type'] == 'text/csv; charset=utf-8'
    assert int(answer.headers['content-length']) == len(answer.content)
    again = await visitor.get(address, headers=OWN_SESSION)
    assert (again.status_code, again.text) == (404, texts.EXPORT_EXPIRED)


@pytest.mark.parametrize('database_url', [pytest.param('sqlite')], indirect=True)
@pytest.mark.parametrize('format', ExportFormat)
async def test_the_name_of_a_file_names_nobody(
    exports: ExportJobs, visitor: httpx.AsyncClient, format: ExportFormat
) -> None:
    header = (await visitor.get(await export_url(exports, format), headers=OWN_SESSION)).headers['content-disposition']
    plain, _, encoded = header.partition("filename*=UTF-8''")
    assert plain == f'attachment; filename="export.{format}"; '
    assert unquote(encoded) == f'Сообщения по ФИО, по телефону.{format}'


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal, that was killed while a file lay in it."""
    folder = tmp_path_factory.mktemp('export')
    path = folder / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    (folder / 'exports' / 'left').mkdir(parents=True)
    (folder / 'exports' / 'left' / 'export.csv').write_text('Королёв')
    with Program(folder, sample_data.fill_journal(f'sqlite:///{path}', [])) as running:
        yield running


def test_nobody_gets_an_unknown_file(program: Program) -> None:
    with httpx.Client(base_url=program.url, trust_env=False) as nobody:
        assert nobody.get('/export/x').status_code == 401
    cookies = {cookie['name']: cookie['value'] for cookie in session_cookies(program.url)}
    with httpx.Client(base_url=program.url, cookies=cookies, trust_env=False) as clerk:
        answer = clerk.get('/export/AAAAAAAAAAAAAAAAAAAAAA')
        assert (answer.status_code, answer.headers['cache-control']) == (404, 'no-store')


def test_the_start_removes_what_an_earlier_run_left(program: Program) -> None:
    assert not list((program.folder / 'exports').iterdir())
    assert (program.folder / 'exports').stat().st_mode & 0o777 == 0o700
