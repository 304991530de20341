"""Exports without a process of their own, for tests of what the files contain."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from services.export.__main__ import export


async def run_export_in_thread(module: str, request: Mapping[str, Any], on_progress: Callable[[Any], None]) -> Any:
    """Run an export in a thread, as `run_worker` runs it in a process, which takes a second of CPU time to start."""
    assert module == 'services.export'
    return await asyncio.to_thread(export, json.loads(json.dumps(request)))
