"""Fixtures of the outages: a user whose connection to the journal may be cut."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.helpers.cuttable_proxy import CuttableProxy
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program


@pytest.fixture
def cuttable_proxy(journal: Program) -> Iterator[CuttableProxy]:
    """A proxy between the browser and the journal."""
    with CuttableProxy(journal.port) as proxy:
        yield proxy


@pytest.fixture
def proxied_operator(driver: Chrome, cuttable_proxy: CuttableProxy, session: Cookies) -> Operator:
    """A user of the journal through the proxy, whose connections may be cut."""
    return Operator.open_signed_in(driver, cuttable_proxy.url, session)
