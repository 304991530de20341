"""Check the Lighthouse scores of three pages on a desktop, with demonstration data.

Usage: python -m tests.lighthouse [FOLDER]; the full reports are written to FOLDER. The exit status is 1 if a score is
below its minimum.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from tests.helpers.journal_operator import session_cookies
from tests.helpers.running_demo import ADMIN_NAME, running_demo

LIGHTHOUSE = Path(__file__).with_name('node_modules') / 'lighthouse' / 'cli' / 'index.js'
MINIMUM_SCORES = {'accessibility': 1.0, 'best-practices': 1.0, 'performance': 0.9}
PAGES = ('/login', '/', '/messages')
MAX_AUDITS = 5
"""Failed audits to print for each category, those with the greatest weight first."""


def main(reports: Path) -> int:
    """Check every page, and return the exit status."""
    reports.mkdir(parents=True, exist_ok=True)
    with running_demo() as (program, driver):
        passed = [check_page(driver, program.url, path, reports) for path in PAGES]
    return int(not all(passed))


def check_page(driver: Chrome, url: str, path: str, reports: Path) -> bool:
    """Run Lighthouse on a page in the browser of `driver`, print the scores, and return whether all are high enough."""
    driver.execute_cdp_cmd('Network.clearBrowserCookies', {})
    if path != '/login':
        for cookie in session_cookies(url, ADMIN_NAME):
            driver.execute_cdp_cmd('Network.setCookie', {'url': url, **cookie})
    report = run_lighthouse(driver, url + path, reports / f'{path.strip("/") or "home"}.json')
    passed = True
    for category, minimum in MINIMUM_SCORES.items():
        score = report['categories'][category]['score'] or 0
        passed = passed and score >= minimum
        print(f'{path}: {category} {score * 100:.0f}', flush=True)
        for audit in failed_audits(report, category):
            print(f'    {audit}')
    return passed


def run_lighthouse(driver: Chrome, page_url: str, report: Path) -> dict[str, Any]:
    """Run Lighthouse in the browser of the driver, and return its report.

    Raises:
        CalledProcessError: Lighthouse failed.
        FileNotFoundError: Lighthouse is not installed.
    """
    if not LIGHTHOUSE.exists():
        raise FileNotFoundError(f'{LIGHTHOUSE} is missing: run `make lighthouse`.')
    port = driver.capabilities['goog:chromeOptions']['debuggerAddress'].rpartition(':')[2]
    command = ['node', str(LIGHTHOUSE), page_url, f'--port={port}', '--preset=desktop', '--disable-storage-reset']
    categories = ','.join(MINIMUM_SCORES)
    command += [f'--only-categories={categories}', '--output=json', f'--output-path={report}', '--quiet']
    subprocess.run([*command, '--no-enable-error-reporting'], check=True)
    result: dict[str, Any] = json.loads(report.read_text(encoding='utf-8'))
    return result


def failed_audits(report: dict[str, Any], category: str) -> list[str]:
    """Return the failed audits of a category, those that reduce its score most first."""
    weights = {each['id']: each['weight'] for each in report['categories'][category]['auditRefs']}
    audits = [report['audits'][name] for name, weight in weights.items() if weight]
    failed = [audit for audit in audits if audit['score'] is not None and audit['score'] < 1]
    failed.sort(key=lambda audit: -weights[audit['id']] * (1 - audit['score']))
    return [f'{each["title"]} {each.get("displayValue", "")}'.strip() for each in failed[:MAX_AUDITS]]


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else 'screenshots/lighthouse')))
