"""The README and the pages that it links to agree with the program."""

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from journal_ui.api import schemas
from journal_ui.api.ingest.message_input import parse_message
from journal_ui.api.ingest.status_input import parse_status_event
from journal_ui.api.reading.search_filters import LinkIn, MessageFilters, MessageSearchIn
from journal_ui.api.request_limits import MAX_BATCH_SIZE, MAX_BODY_BYTES
from journal_ui.cli.argument_parser import COMMANDS, parse_arguments
from services import texts
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.messages.message_query import MessageQuery
from services.providers.registry import PROVIDERS
from services.setting_fields import env_variable
from services.settings import PROJECT_ROOT, Settings, cli_option

PAGES = {
    str(path.relative_to(PROJECT_ROOT)): path.read_text(encoding='utf-8')
    for pattern in ('*.md', '*/*.md')
    for path in sorted(PROJECT_ROOT.glob(pattern))
    if not path.relative_to(PROJECT_ROOT).parts[0].startswith('.')
}
SETTINGS, OPERATION, IMPORT, API = (PAGES[f'docs/{name}.md'] for name in ('settings', 'operation', 'import', 'api'))
FENCED = re.compile(r'^ *```\w*\n(.*?)^ *```', re.MULTILINE | re.DOTALL)
INLINE = re.compile(r'`([^`]+)`')
LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')


def code(text: str) -> Iterator[str]:
    """Yield each line of the code blocks of a page, and each inline code."""
    for block in FENCED.findall(text):
        yield from block.replace('\\\n', ' ').splitlines()
    for inline in INLINE.findall(FENCED.sub('', text)):
        yield ' '.join(inline.split())


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings: lower case, no punctuation, hyphens instead of spaces."""
    headings = re.findall(r'^#+ (.+)$', FENCED.sub('', text), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


LINKS = [(page, link) for page, text in PAGES.items() for link in LINK.findall(FENCED.sub('', text)) if ':' not in link]
CALLS = [
    (page, found[1])
    for page, text in PAGES.items()
    for line in code(text)
    if (found := re.search(r'\bpython (?:\S*/)?main\.py\b(.*)', line))
]
TARGETS = [
    (page, target)
    for page, text in PAGES.items()
    for line in code(text)
    for target in re.findall(r'(?:^|[ =])make ([a-z][a-z-]*)', line)
]


def test_every_setting_is_documented() -> None:
    rows = re.findall(r'^\| `(--\S+)` \| `(\S+)` \| `(\S+)` \| (.+) \|$', SETTINGS, re.MULTILINE)
    described = [
        (
            cli_option(name),
            env_variable(name),
            str(field.default).replace(f'{PROJECT_ROOT}/', '') or '—',
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert rows == described


def test_every_command_is_documented() -> None:
    for words in COMMANDS:
        assert f'python main.py {" ".join(words)}' in OPERATION


@pytest.mark.parametrize(('page', 'arguments'), CALLS)
def test_every_command_is_accepted(page: str, arguments: str) -> None:
    with suppress(SystemExit):  # --help
        parse_arguments(shlex.split(arguments, comments=True))


@pytest.mark.parametrize(('page', 'target'), sorted(set(TARGETS)))
def test_every_make_target_exists(page: str, target: str) -> None:
    assert re.search(rf'^{target}:', (PROJECT_ROOT / 'Makefile').read_text(), re.MULTILINE)


@pytest.mark.parametrize(('heading', 'format'), [('Messages', MESSAGE_FORMAT), ('Documents', DOCUMENT_FORMAT)])
def test_every_import_column_is_documented(heading: str, format: ImportFormat[Any]) -> None:
    section = IMPORT.partition(f'## {heading}')[2].partition('\n## ')[0]
    rows = dict(re.findall(r'^\| «(.+?)» \| (\w+)', section, re.MULTILINE))
    assert rows == {column: 'yes' if column in format.required else 'optional' for column in format.fields}


def test_other_titles_of_import_columns_are_documented() -> None:
    rows = dict(re.findall(r'^\| «(.+?)» \| («.+») \|$', IMPORT, re.MULTILINE))
    expected = {column: ', '.join(f'«{title}»' for title in texts.OTHER_COLUMN_TITLES[column]) for column in rows}
    assert rows == expected
    assert rows.keys() == texts.OTHER_COLUMN_TITLES.keys()


def test_every_example_request_is_accepted() -> None:
    message, status, search, link = (json.loads(body) for body in re.findall(r"-d '\n(.*?)'", API, re.DOTALL))
    now = datetime.fromisoformat(status['at'])
    assert parse_message(message, now, PROVIDERS).message.recipient_name == message['recipient_name']
    event = parse_status_event(status, 'a program', now, PROVIDERS)
    assert (event.provider, event.provider_id) == (status['provider'], status['provider_id'])
    query = schemas.validate_model(MessageSearchIn, search).to_query()
    assert (query.name, query.phone) == (search['name'], search['phone'])
    assert schemas.validate_model(LinkIn, link).to_query() == MessageQuery(link['name'], '+79165550122')


def test_every_condition_of_lists_is_documented() -> None:
    table = API.partition('## Lists')[2].partition('## Changes')[0]
    titles = re.findall(r'^\| (`.+?) \| .+ \|$', table, re.MULTILINE)
    documented = [name for title in titles for name in re.findall(r'`(\w+)`', title)]
    assert sorted(documented) == sorted(field.alias or name for name, field in MessageFilters.model_fields.items())


def test_the_limits_of_the_api_are_documented() -> None:
    assert f'| messages or documents per request | {MAX_BATCH_SIZE:_} |'.replace('_', ' ') in API
    assert f'| size of a request | {MAX_BODY_BYTES >> 20} MB |' in API


def test_every_provider_of_receipts_is_documented() -> None:
    assert re.findall(r'^\| .+? \| `(\w+)` \| ', API, re.MULTILINE) == [
        key for key, provider in PROVIDERS.items() if provider.methods
    ]


@pytest.mark.parametrize(('page', 'link'), LINKS)
def test_every_link_has_a_target(page: str, link: str) -> None:
    path, _, anchor = link.partition('#')
    target = ((PROJECT_ROOT / page).parent / path).resolve() if path else PROJECT_ROOT / page
    assert target.exists()
    if anchor:
        assert anchor in anchors(target.read_text(encoding='utf-8'))


def test_links_with_an_anchor_and_commands_are_checked() -> None:
    assert any('#' in link for _, link in LINKS)
    assert len(CALLS) > len(COMMANDS)
    assert ('README.md', 'run') in TARGETS


def test_anchors_are_built_as_by_code_hosts() -> None:
    assert anchors('# A *b*, c: d-e\n```\n# no heading\n```\n') == {'a-b-c-d-e'}


def test_the_readme_links_to_every_page() -> None:
    linked = {link for page, link in LINKS if page == 'README.md'}
    pages = {str(path.relative_to(PROJECT_ROOT)) for path in (PROJECT_ROOT / 'docs').glob('*.md')}
    assert pages | {'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/README.md'} <= linked


def test_every_picture_exists() -> None:
    pictures = re.findall(r'!\[.+\]\((.+)\)', PAGES['README.md'])
    assert len(pictures) == 2
    for picture in pictures:
        assert (PROJECT_ROOT / Path(picture)).exists(), picture
