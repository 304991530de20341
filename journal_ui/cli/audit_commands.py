"""The command that checks the journal of access."""

from dataclasses import asdict

from pydantic import Field

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import FAILED, OK, Failed, say
from services import texts
from services.audit.chain_verification import Verdict, verify
from services.database.engine import Database
from services.formats import whole
from services.settings import Settings


class AccessVerify(Command):
    """Go through the whole journal of access; any change, gap or cut-off end makes it a failure."""

    noted: str | None = Field(None, description='NUMBER:HASH, as an earlier check printed it')

    def run(self, settings: Settings, database: Database) -> int:
        """Check it."""
        verdict = verify(database, _noted(self.noted) if self.noted else None)
        for line in said_verdict(verdict):
            say(line)
        return OK if verdict.whole else FAILED


def said_verdict(verdict: Verdict) -> list[str]:
    """Say in lines what a check of the journal of access came to."""
    if not verdict.whole:
        lines = [texts.ACCESS_NOT_WHOLE.format(count=whole(len(verdict.faults) + verdict.more))]
        lines += [texts.ACCESS_FAULTS[fault.kind].format(**asdict(fault)) for fault in verdict.faults]
        return [*lines, texts.ACCESS_AND_MORE.format(count=whole(verdict.more))] if verdict.more else lines
    if not verdict.count:
        return [texts.ACCESS_IS_EMPTY]
    last = texts.ACCESS_LAST.format(number=verdict.number, hash=verdict.hash)
    return [texts.ACCESS_IS_WHOLE.format(count=whole(verdict.count)), last, texts.ACCESS_NOTE]


def _noted(text: str) -> tuple[int, str]:
    number, _, noted = text.strip().partition(':')
    if not (number.isascii() and number.isdecimal() and noted):
        raise Failed(texts.ACCESS_NOT_NOTED.format(text=text))
    return int(number), noted
