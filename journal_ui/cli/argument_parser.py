"""The command line of `python main.py`: options for the settings, then a command or none."""

from collections.abc import Sequence

from journal_ui.cli.audit_commands import AccessVerify
from journal_ui.cli.balance_command import BalanceSet
from journal_ui.cli.base_command import Command, join_values
from journal_ui.cli.console import print_line
from journal_ui.cli.demo_command import Demo
from journal_ui.cli.explain_command import Explain
from journal_ui.cli.forget_command import Forget
from journal_ui.cli.import_commands import Import, ImportDocuments
from journal_ui.cli.maintenance_commands import Backup, DataKeyReset, Purge, Restore, Verify
from journal_ui.cli.token_commands import TokenAdd, TokenList, TokenRevoke
from journal_ui.cli.user_commands import UserAdd, UserBind, UserBlock, UserList, UserReset, UserUnblock
from journal_ui.cli.webhook_commands import WebhookAdd, WebhookList, WebhookRemove, WebhookRetry
from services import texts
from services.settings import InvalidSettingError, Settings, cli_option
from services.settings_loader import load_settings

COMMANDS: dict[tuple[str, ...], type[Command]] = {
    ('import',): Import,
    ('balance', 'set'): BalanceSet,
    ('user', 'add'): UserAdd,
    ('user', 'list'): UserList,
    ('user', 'block'): UserBlock,
    ('user', 'unblock'): UserUnblock,
    ('user', 'reset'): UserReset,
    ('user', 'bind'): UserBind,
    ('demo',): Demo,
    ('import-iemk',): ImportDocuments,
    ('token', 'add'): TokenAdd,
    ('token', 'list'): TokenList,
    ('token', 'revoke'): TokenRevoke,
    ('webhook', 'add'): WebhookAdd,
    ('webhook', 'list'): WebhookList,
    ('webhook', 'remove'): WebhookRemove,
    ('webhook', 'retry'): WebhookRetry,
    ('access', 'verify'): AccessVerify,
    ('backup',): Backup,
    ('restore',): Restore,
    ('data-key', 'reset'): DataKeyReset,
    ('purge',): Purge,
    ('forget',): Forget,
    ('verify',): Verify,
    ('explain',): Explain,
}
"""The commands by their words. Each is parsed on its own, because pydantic-settings distinguishes the members of a
union of commands by their fields only, and `demo` is a setting too."""


def parse_arguments(arguments: Sequence[str]) -> tuple[Settings, Command | None]:
    """Parse a command line into the settings and the command; None means that the pages are served.

    Raises:
        InvalidSettingError: see services.settings_loader.load_settings; also for an unknown command.
        SystemExit: the help was requested, and has been printed.
    """
    command_start = _command_index(arguments)
    options, rest = list(arguments[:command_start]), arguments[command_start:]
    words = next((words for words in COMMANDS if tuple(rest[: len(words)]) == words), None)
    if rest and words is None:
        known = ', '.join(' '.join(words) for words in COMMANDS)
        raise InvalidSettingError(texts.USAGE_NO_COMMAND.format(what=' '.join(rest[:2]), known=known))
    command = None
    if words:
        kind = COMMANDS[words]
        command_arguments = join_values(rest[len(words) :], frozenset(map(cli_option, kind.repeated)))
        command = load_settings(kind, command_arguments, program=' '.join(('python main.py', *words)))
    try:
        settings = load_settings(Settings, [*options, *(['--demo'] if isinstance(command, Demo) else [])])
    except SystemExit:
        print_line('\n'.join(_commands_help()))
        raise
    return settings, command


def _command_index(arguments: Sequence[str]) -> int:
    """Return the index at which the command starts.

    If an option is unknown, return the number of arguments, so that parsing the options refuses it.
    """
    switches = {'-h', '--help'}
    with_value = set()
    for name, field in Settings.model_fields.items():
        if field.annotation is bool:
            switches |= {cli_option(name), cli_option(f'no_{name}')}
        else:
            with_value.add(cli_option(name))
    index = 0
    while index < len(arguments) and arguments[index].startswith('-'):
        name, separator, _ = arguments[index].partition('=')
        if name not in with_value | switches:
            return len(arguments)
        index += 2 if name in with_value and not separator else 1
    return index


def _commands_help() -> list[str]:
    width = max(len(' '.join(words)) for words in COMMANDS)
    lines = [f'  {" ".join(words):{width}}  {kind.__doc__}' for words, kind in COMMANDS.items()]
    return ['', texts.USAGE_COMMANDS, *lines, f'  {"--version":{width}}  Print the version.']
