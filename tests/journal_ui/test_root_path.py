"""Under `JOURNAL_ROOT_PATH` every URL of the program has this path, and nothing is served outside it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from journal_ui.layout.navigation import SECTIONS
from services import texts
from services.settings import PROJECT_ROOT
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.page_socket import ELEMENTS, PageSocket
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, fill_journal, sample_messages

ROOT_PATH = '/journal'
PORTAL = 'https://portal.example.ru'
OWN_PATH = re.compile(
    r"""(?<!/journal)(?<=["'=(`\\ ])/(?:messages|summary|callbacks|iemk|import|users|dictionaries|error-codes|access"""
    r"""|account|help|login|logout|export|api|_nicegui|favicon)\b[^"'\\ >)]*"""
)
"""The path of a page or a file of the program without the root path."""
LINK_TAG = 'nicegui-link'
PREFIXED_PROPS = frozenset({'resource-path', 'dynamic-resource-path'})
"""The tag of `ui.link`, and properties of elements, to which scripts of NiceGUI add the root path."""
URL_PROPS = frozenset({'href', 'action'})
URL_IN_HTML = re.compile(r"""\b(?:href|action|src)=["']?/""")


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal under a root path, which a portal may frame."""
    folder = tmp_path_factory.mktemp('subpath')
    (folder / 'journal.db').write_bytes(sqlite_template.read_bytes())
    url = fill_journal(f'sqlite:///{folder}/journal.db', sample_messages())
    with Program(folder, url, JOURNAL_ROOT_PATH=ROOT_PATH, JOURNAL_FRAME_ANCESTORS=PORTAL) as running:
        yield running


@pytest.fixture(scope='module')
def client(program: Program) -> Iterator[httpx.Client]:
    """An administrator who has signed in; the client sends a header that must have no effect."""
    headers = {**HTML_HEADERS, 'X-Forwarded-Prefix': '/evil'}
    with httpx.Client(base_url=program.url + ROOT_PATH, headers=headers, timeout=30) as opened:
        assert opened.get('/').headers['location'] == '/journal/login'
        answer = opened.post('/login?redirect_to=/users', data={'name': 'chief', 'password': PASSWORD})
        assert answer.headers['location'] == '/journal/users'
        yield opened


@pytest.mark.parametrize(
    'path', ['/', '/login', '/messages', '/healthz', '/api/v1/messages', '/journalx', '/_nicegui/x']
)
def test_nothing_is_served_outside_the_path(program: Program, path: str) -> None:
    answer = httpx.get(program.url + path, headers=HTML_HEADERS)
    assert (answer.status_code, answer.text) == (404, texts.OUTSIDE_ROOT_PATH.format(path='/journal/'))
    assert 'set-cookie' not in answer.headers


def test_requests_are_redirected_within_the_path(program: Program) -> None:
    def location(path: str) -> str:
        return httpx.get(program.url + path, headers={**HTML_HEADERS, 'X-Forwarded-Prefix': '/evil'}).headers[
            'location'
        ]

    assert location('/journal') == '/journal/'
    assert location('/journal/messages?page=2') == '/journal/login?redirect_to=/messages%3Fpage%3D2'
    assert location('/journal/login/') == '/journal/login'


def test_cookies_belong_to_the_path(program: Program) -> None:
    with httpx.Client(base_url=program.url + ROOT_PATH, headers=HTML_HEADERS) as visitor:
        visitor.get('/login')
        visitor.post('/login', data={'name': 'clerk', 'password': PASSWORD})
        cookies = {cookie.name: cookie.path for cookie in visitor.cookies.jar}
    assert cookies == {'journal_session': ROOT_PATH, 'journal_device': ROOT_PATH}


def test_every_url_of_every_page_has_the_path(client: httpx.Client) -> None:
    paths = ['/', '/login', '/help', '/account', '/account/password', '/account/factor', '/nope', '/api/v1/docs']
    paths += [section.path for section in SECTIONS]
    for path in paths:
        page = client.get(path).text
        assert OWN_PATH.findall(ELEMENTS.sub('', page)) == [], path
        assert '/evil' not in page, path
    for path in set(paths) - {'/login', '/api/v1/docs'}:
        elements = [each for each in PageSocket(client, path).elements.values() if each['tag'] != LINK_TAG]
        for element in elements:
            props = {name: value for name, value in element.get('props', {}).items() if name not in PREFIXED_PROPS}
            content = json.dumps({**element, 'props': props}, ensure_ascii=False).replace('\\"', '"')
            assert OWN_PATH.findall(content) == [], path


def test_a_page_works_over_its_socket(client: httpx.Client, program: Program) -> None:
    with PageSocket(client) as socket:
        socket.send(socket.event_frame(texts.FIND, 'click'))
        frame = socket.wait_for('setRows')
    assert IVANOV in frame
    assert '/journal/messages/' in frame
    assert OWN_PATH.findall(frame.replace('\\"', '"')) == []
    assert 'ERROR' not in program.output


def test_files_of_nicegui_are_cached(client: httpx.Client) -> None:
    page = client.get('/').text
    path = re.search(r'/journal(/_nicegui/[^"]+\.css)', page)
    assert path
    assert 'immutable' in client.get(path[1]).headers['cache-control']


def test_the_api_names_its_path(client: httpx.Client) -> None:
    assert client.get('/api/v1/openapi.json').json()['servers'] == [{'url': '/journal/api/v1'}]
    assert client.get('/api/v1/docs').text.count('"/journal/api/v1/static-offline-docs/') == 3
    assert client.get('/api/v1/messages').status_code == 401


def test_files_are_sent_and_received_under_the_path(client: httpx.Client) -> None:
    answer = client.post('/import/files/unknown?offset=0', content=b'x')
    assert (answer.status_code, answer.text) == (409, texts.UPLOAD_UNKNOWN)
    assert client.get('/export/unknown').status_code == 404
    assert client.get('/help/images/guide-row.png').headers['content-type'] == 'image/png'


def test_monitoring_is_under_the_path(client: httpx.Client) -> None:
    assert client.get('/healthz').json() == {'status': 'ok'}
    assert client.get('/readyz').status_code == 200
    assert 'journal_' in client.get('/metrics').text


def test_only_the_named_origin_may_frame_a_page(client: httpx.Client) -> None:
    page = client.get('/messages').headers
    assert page['content-security-policy'].endswith(f'frame-ancestors {PORTAL}')
    assert 'x-frame-options' not in page
    api = client.get('/api/v1/docs').headers
    assert api['content-security-policy'].endswith("frame-ancestors 'none'")
    assert api['x-frame-options'] == 'DENY'


def test_no_path_is_written_into_html() -> None:
    """Every `href` and `action` in the source is a placeholder, and `public_path` gives its value."""
    found = [
        f'{path.relative_to(PROJECT_ROOT)}:{line}'
        for path in (PROJECT_ROOT / 'journal_ui').rglob('*.py')
        for line in lines_with_unprefixed_urls(ast.parse(path.read_text(encoding='utf-8')))
    ]
    assert found == []


def lines_with_unprefixed_urls(module: ast.Module) -> Iterator[int]:
    """Yield the lines of a module that write a URL into HTML without `public_path`."""
    for node in ast.walk(module):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and URL_IN_HTML.search(node.value):
            yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == 'format':
            values = [each.value for each in node.keywords if each.arg == 'url' and is_html_constant(node.func.value)]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value in URL_PROPS]
        elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript):
            is_url = isinstance(target.slice, ast.Constant) and target.slice.value in URL_PROPS
            values = [node.value] if is_url else []
        yield from (each.lineno for each in values if each and not ast.unparse(each).startswith('public_path('))


def is_html_constant(template: ast.expr) -> bool:
    """Return whether a template is a constant with HTML, as its name says."""
    return isinstance(template, ast.Name) and template.id.endswith('_HTML')
