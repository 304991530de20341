"""The reference for a search: a NiceGUI page that sends fixed rows, without any query."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from nicegui import ui

from services import texts
from tests.benchmarks.measurement import median_milliseconds
from tests.benchmarks.page_client import PageClient
from tests.helpers.program import PROJECT_ROOT, Program

ROW = {
    'code': 'a1b2c3d4',
    'recipient_name': 'Иванов Иван Иванович',
    'phone': '+7 (900) 000-00-00',
    'appointment_at': '26.11.2026 10:15',
    'organization': 'Городская поликлиника № 1',
    'kind': 'Напоминание о записи',
    'sent_at': '25.11.2026 10:15',
    'status': 'Отправлено',
    'cost': '2,35',
}
BUTTON_PRESSES = 200


async def measure() -> float:
    """Return the median time from the click on its button until twenty rows have arrived, in milliseconds."""
    with (
        TemporaryDirectory() as folder,
        Program(
            Path(folder), '', entry=('-m', 'tests.benchmarks.nicegui_baseline'), PYTHONPATH=str(PROJECT_ROOT)
        ) as program,
    ):
        async with aiohttp.ClientSession() as http:
            operator = PageClient(http, program.url)
            await operator.open()
            value = await median_milliseconds(operator.press_find, BUTTON_PRESSES)
            await operator.close()
    return value


def main() -> None:
    """Serve the page at the URL path of the journal, because `PageClient` opens that path."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--host')
    arguments.add_argument('--port', type=int)
    options = arguments.parse_args()

    @ui.page('/messages')
    def page() -> None:
        grid = ui.aggrid({'columnDefs': [{'field': field} for field in ROW]})
        ui.button(texts.FIND, on_click=lambda: grid.run_grid_method('setRows', [ROW] * 20))

    ui.run(host=options.host, port=options.port, show=False, reload=False)


if __name__ == '__main__':
    main()
