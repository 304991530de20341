"""The command that verifies the audit log."""

from dataclasses import asdict

from pydantic import Field

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError, print_line
from services import texts
from services.audit.anchors import AnchorFile
from services.audit.chain_verification import ChainVerification, verify_chain
from services.composition import load_data_key
from services.database.engine import Database
from services.formats import integer
from services.keys.data_key import DataKeyError
from services.settings import Settings


class AccessVerify(Command):
    """Verify the whole audit log and its protection; exit with status 1 if a record was changed, removed or cut off."""

    noted: str | None = Field(None, description='NUMBER:HASH as printed by an earlier verification')

    def run(self, settings: Settings, database: Database) -> int:
        """Verify the audit log and print the result."""
        noted = _parse_noted_record(self.noted) if self.noted else None
        try:
            key = load_data_key(settings, database)
        except DataKeyError:
            key = None
            print_line(texts.ACCESS_NO_KEY)
        # The file comes first: it names a record that is older than all that other processes write meanwhile.
        anchor_file = AnchorFile(settings.storage_folder, database.url, key)
        try:
            anchored, is_file_valid = anchor_file.read(), True
        except (ValueError, OSError):
            anchored, is_file_valid = None, False
            print_line(texts.ACCESS_ANCHOR_FILE_INVALID.format(file=anchor_file.path))
        verdict = verify_chain(database, noted, key=key, anchored=anchored)
        for line in format_verdict(verdict):
            print_line(line)
        return EXIT_OK if verdict.is_intact and is_file_valid else EXIT_FAILED


def format_verdict(verdict: ChainVerification) -> list[str]:
    """Format the result of a verification as lines of text."""
    if not verdict.is_intact:
        lines = [texts.ACCESS_TAMPERED.format(count=integer(len(verdict.faults) + verdict.unlisted_faults))]
        lines += [texts.ACCESS_FAULTS[fault.kind].format(**asdict(fault)) for fault in verdict.faults]
        return (
            [*lines, texts.ACCESS_AND_MORE.format(count=integer(verdict.unlisted_faults))]
            if verdict.unlisted_faults
            else lines
        )
    if not verdict.records_checked:
        return [texts.ACCESS_IS_EMPTY]
    last = texts.ACCESS_LAST.format(number=verdict.number, hash=verdict.hash)
    counts = ((texts.ACCESS_REDACTED, verdict.redacted), (texts.ACCESS_ANCHORED, verdict.anchors))
    return [
        texts.ACCESS_INTACT.format(count=integer(verdict.records_checked)),
        last,
        *(line.format(count=integer(count)) for line, count in counts if count),
        texts.ACCESS_SAVE_HASH,
    ]


def _parse_noted_record(text: str) -> tuple[int, str]:
    number, _, record_hash = text.strip().partition(':')
    if not (number.isascii() and number.isdecimal() and record_hash):
        raise CommandError(texts.ACCESS_HASH_INVALID.format(text=text))
    return int(number), record_hash
