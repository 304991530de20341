"""The names in nicegui.js on which the patch depends."""

import re
from pathlib import Path

import nicegui

from journal_ui.nicegui_patches.early_events import EMITTER_NAME, HANDSHAKE_FLAG

NICEGUI_SCRIPT = (Path(nicegui.__file__).parent / 'static' / 'nicegui.js').read_text(encoding='utf-8')


def test_nicegui_polls_with_the_function_that_the_patch_intercepts() -> None:
    assert f'const {EMITTER_NAME} = () => {{' in NICEGUI_SCRIPT
    assert re.search(
        rf'if \(window\.{HANDSHAKE_FLAG}\) emitter\(\);\s+else setTimeout\({EMITTER_NAME}, 10\);', NICEGUI_SCRIPT
    )


def test_nicegui_sets_the_handshake_flag_only_when_it_mounts_and_when_it_is_connected() -> None:
    assert re.findall(rf'window\.{HANDSHAKE_FLAG} = (\w+);', NICEGUI_SCRIPT) == ['false', 'true']
