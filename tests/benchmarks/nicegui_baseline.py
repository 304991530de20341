"""A page of NiceGUI that has its rows in hand: the least that a search can take on the wire, whatever is behind it."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from nicegui import ui

from services import texts
from tests.benchmarks.measurement import median
from tests.benchmarks.page_client import Operator
from tests.helpers.program import ROOT, Program

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
RUNS = 200


async def measure() -> float:
    """Give the median time from the press of its button to twenty rows on the wire, in milliseconds."""
    with (
        TemporaryDirectory() as folder,
        Program(Path(folder), '', entry=('-m', 'tests.benchmarks.nicegui_baseline'), PYTHONPATH=str(ROOT)) as program,
    ):
        async with aiohttp.ClientSession() as http:
            operator = Operator(http, program.url)
            await operator.open()
            value = await median(operator.find, RUNS)
            await operator.close()
    return value


def main() -> None:
    """Serve the page, at the address of the journal's, that an operator finds his way."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--host')
    arguments.add_argument('--port', type=int)
    asked = arguments.parse_args()

    @ui.page('/messages')
    def page() -> None:
        grid = ui.aggrid({'columnDefs': [{'field': field} for field in ROW]})
        ui.button(texts.FIND, on_click=lambda: grid.run_grid_method('fill', [ROW] * 20))

    ui.run(host=asked.host, port=asked.port, show=False, reload=False)


if __name__ == '__main__':
    main()
