"""How Lighthouse grades the pages that an operator sees first, on a desktop, with demonstration data.

Usage: python -m tests.lighthouse [FOLDER]; the whole reports land in FOLDER. Ends with status 1 below what is wanted.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from tests.helpers.journal_operator import session_cookies
from tests.helpers.running_demo import NAME, demonstration

LIGHTHOUSE = Path(__file__).with_name('node_modules') / 'lighthouse' / 'cli' / 'index.js'
WANTED = {'accessibility': 1.0, 'best-practices': 1.0, 'performance': 0.9}
PAGES = ('/login', '/', '/messages')
FLAWS = 5
"""Audits named for a grade that is not full: the heaviest."""


def main(reports: Path) -> int:
    """Grade every page; give the exit status."""
    reports.mkdir(parents=True, exist_ok=True)
    with demonstration() as (program, driver):
        grades = [grade(driver, program.url, path, reports) for path in PAGES]
    return int(not all(grades))


def grade(driver: Chrome, url: str, path: str, reports: Path) -> bool:
    """Let Lighthouse grade a page in the browser of `driver`, and print what it says; say whether it is enough."""
    driver.execute_cdp_cmd('Network.clearBrowserCookies', {})
    if path != '/login':
        for cookie in session_cookies(url, NAME):
            driver.execute_cdp_cmd('Network.setCookie', {'url': url, **cookie})
    report = run(driver, url + path, reports / f'{path.strip("/") or "home"}.json')
    enough = True
    for category, wanted in WANTED.items():
        score = report['categories'][category]['score'] or 0
        enough = enough and score >= wanted
        print(f'{path}: {category} {score * 100:.0f}', flush=True)
        for flaw in flaws(report, category):
            print(f'    {flaw}')
    return enough


def run(driver: Chrome, address: str, report: Path) -> dict[str, Any]:
    """Run Lighthouse beside the driver; give its report.

    Raises:
        CalledProcessError: it could not grade the page.
        FileNotFoundError: it was not fetched.
    """
    if not LIGHTHOUSE.exists():
        raise FileNotFoundError(f'{LIGHTHOUSE} is missing: run `make lighthouse`.')
    port = driver.capabilities['goog:chromeOptions']['debuggerAddress'].rpartition(':')[2]
    command = ['node', str(LIGHTHOUSE), address, f'--port={port}', '--preset=desktop', '--disable-storage-reset']
    categories = ','.join(WANTED)
    command += [f'--only-categories={categories}', '--output=json', f'--output-path={report}', '--quiet']
    subprocess.run([*command, '--no-enable-error-reporting'], check=True)
    answer: dict[str, Any] = json.loads(report.read_text(encoding='utf-8'))
    return answer


def flaws(report: dict[str, Any], category: str) -> list[str]:
    """Name what costs a grade, the heaviest first."""
    weights = {each['id']: each['weight'] for each in report['categories'][category]['auditRefs']}
    audits = [report['audits'][name] for name, weight in weights.items() if weight]
    lost = [audit for audit in audits if audit['score'] is not None and audit['score'] < 1]
    lost.sort(key=lambda audit: -weights[audit['id']] * (1 - audit['score']))
    return [f'{each["title"]} {each.get("displayValue", "")}'.strip() for each in lost[:FLAWS]]


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else 'screenshots/lighthouse')))
