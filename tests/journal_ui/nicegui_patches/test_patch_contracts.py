"""The parts of NiceGUI and its libraries that the patches depend on; a failure here means that a patch needs a review.

After a review, adapt the patch or the expectation here, and the bounds of NiceGUI's version in pyproject.toml.
"""

import asyncio
import gc
import hashlib
import inspect
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import nicegui.client
import nicegui.outbox
import pytest
from fastapi import FastAPI, Request
from nicegui import Client, background_tasks, binding, core, ui
from nicegui.elements.echart import EChart
from nicegui.page import page
from nicegui.style import Style
from nicegui.version import __version__ as nicegui_version
from packaging.requirements import Requirement

from journal_ui.nicegui_patches import gc_tuning
from journal_ui.nicegui_patches.chart import Chart
from journal_ui.nicegui_patches.lean_element import LeanElement
from tests.helpers.program import PROJECT_ROOT

OUTBOX_ATTRIBUTES = {
    '_client',
    '_enqueue_event',
    '_loaded_components',
    '_should_stop',
    'message_history',
    'messages',
    'next_message_id',
    'updates',
}
"""The attributes of NiceGUI's outbox that the patch reads or writes."""
REPLACED_SOURCES = {
    nicegui.outbox.Outbox.loop: 'dd50bbba6b28805b',
    nicegui.outbox.Outbox._emit: '600d8420f31269d0',
}
"""The start of the SHA-256 of the source of each method that the patch replaces."""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A page without a browser."""
    monkeypatch.setattr(background_tasks, 'create_or_defer', lambda coroutine, **_: coroutine.close())
    client = Client(page(''))
    with client:
        yield client
    del Client.instances[client.id]


def test_the_version_of_nicegui_is_bounded_to_the_one_that_the_patches_were_reviewed_for() -> None:
    project = tomllib.loads((PROJECT_ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    (requirement,) = (each for each in map(Requirement, project['dependencies']) if each.name == 'nicegui')
    assert {each.operator for each in requirement.specifier} == {'>=', '<'}
    assert requirement.specifier.contains(nicegui_version)


@pytest.mark.parametrize('method', REPLACED_SOURCES, ids=lambda method: method.__qualname__)
def test_the_replaced_methods_of_the_outbox_are_as_reviewed(method: Callable[..., Any]) -> None:
    source = textwrap.dedent(inspect.getsource(method))
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == REPLACED_SOURCES[method]


def test_nicegui_still_creates_its_chart_in_a_later_task() -> None:
    assert EChart.component
    assert Chart.component
    script = EChart.component.path.read_text(encoding='utf-8')
    # Once these two lines are gone, journal_ui/nicegui_patches/chart.js is no longer needed.
    assert 'setTimeout(resolve, 0)' in script
    assert '    this.chart.dispose();' in script
    own_script = Chart.component.path.read_text(encoding='utf-8')
    for imported in ('"nicegui-echart"', '"../../static/utils/dynamic_properties.js"'):
        assert f'from {imported};' in script
        assert f'from {imported};' in own_script


def test_the_outbox_has_the_attributes_that_the_patch_uses(client: Client) -> None:
    assert vars(client.outbox).keys() >= OUTBOX_ATTRIBUTES
    assert list(inspect.signature(client.outbox.enqueue_message).parameters) == ['message_type', 'data', 'target_id']


def test_a_page_creates_its_outbox_by_the_name_that_the_patch_replaces(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[Client] = []

    class RecordingOutbox(nicegui.outbox.Outbox):
        def __init__(self, client: Client) -> None:
            super().__init__(client)
            created.append(client)

    monkeypatch.setattr(nicegui.client, 'Outbox', RecordingOutbox)
    another_client = Client(page(''))
    del Client.instances[another_client.id]
    assert created == [another_client]


def test_socket_io_has_the_functions_that_the_outbox_calls() -> None:
    assert list(inspect.signature(core.sio.manager.get_participants).parameters) == ['namespace', 'room']
    assert list(inspect.signature(core.sio.eio.send).parameters) == ['sid', 'data']
    assert core.sio.packet_class(data=['update', {'1': None}], binary=False).encode() == '2["update",{"1":null}]'


def test_an_element_keeps_its_style_in_the_attribute_that_the_lean_element_replaces(client: Client) -> None:
    assert isinstance(vars(ui.element())['_style'], Style)
    element = LeanElement('p').classes('words')
    assert element._to_dict() == ui.element('p').classes('words')._to_dict()
    assert element.style is LeanElement().style


def test_a_bindable_property_is_registered_and_works_without_its_entry(client: Client) -> None:
    label = ui.label('before')
    assert (id(label), ('text',)) in binding.bindable_properties
    binding.bindable_properties.clear()
    label.text = 'after'
    assert label._to_dict()['text'] == 'after'


async def test_a_page_keeps_its_request_with_the_exit_stacks_of_fastapi(client: Client) -> None:
    app, requests = FastAPI(), []

    @app.get('/')
    async def endpoint(request: Request) -> None:
        requests.append(request)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url='http://journal') as http:
        assert (await http.get('/')).status_code == 200
    (request,) = requests
    assert [name for name, value in request.scope.items() if isinstance(value, AsyncExitStack)]
    client_of_request = Client(page(''), request=request)
    del Client.instances[client_of_request.id]
    assert client_of_request.request is request


def test_only_the_youngest_objects_are_collected_by_thresholds_after_the_tuning() -> None:
    thresholds = gc.get_threshold()

    async def configure() -> None:
        core_loop, core.loop = core.loop, asyncio.get_running_loop()
        try:
            gc_tuning.configure_gc()
        finally:
            core.loop = core_loop

    try:
        asyncio.run(configure())
        disabled = gc_tuning.DISABLED_THRESHOLD
        assert gc.get_threshold() == (thresholds[0], disabled, disabled)
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def test_a_full_collection_runs_after_enough_pages_have_closed() -> None:
    generations: list[int] = []

    def record(phase: str, info: dict[str, int]) -> None:
        if phase == 'start':
            generations.append(info['generation'])

    collector = gc_tuning.ClosedPageCollector()
    gc.disable()
    gc.callbacks.append(record)
    try:
        for _ in range(gc_tuning.CLOSED_PAGES_PER_COLLECTION - 1):
            collector.count_closed_page()
        assert generations == []
        collector.count_closed_page()
        assert generations == [2]
    finally:
        gc.callbacks.remove(record)
        gc.enable()
