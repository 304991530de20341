"""The process that previews or imports an uploaded file; see services.workers.worker_output."""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.audit.hash_chain import Actor
from services.database.engine import Database
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.imports.file_preview import preview_file
from services.imports.import_jobs import ImportAction, Journal
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.message_format import message_format
from services.workers.worker_output import ProgressReporter, run_work


def process_file(request: Mapping[str, Any]) -> dict[str, Any]:
    """Preview or import the file of the request; see services.imports.import_jobs.

    Raises:
        InvalidFileError: see import_file.
        DatabaseError: see services.errors.
        OSError: the disk is full.
    """
    # Sentences about the file name it as the user does, without a folder of the server.
    os.chdir(request['folder'])
    path, zone, file_format = Path(request['name']), ZoneInfo(request['zone']), _format(request)
    if request['action'] == ImportAction.PREVIEW:
        return preview_file(path, zone, file_format).to_json()
    report_progress = ProgressReporter()
    with closing(Database(request['database'])) as database:
        report = import_file(
            database,
            path,
            zone,
            file_format,
            rejects_path=Path(request['rejects']),
            progress=lambda done, total: report_progress([done, total]),
            actor=Actor(**request['actor']),
        )
    return asdict(report) | {'rejects_path': report.rejects_path and str(report.rejects_path)}


def _format(request: Mapping[str, Any]) -> ImportFormat[Any]:
    if request['journal'] == Journal.DOCUMENTS:
        return DOCUMENT_FORMAT
    return message_format(accepts_unknown_kinds=request['accepts_unknown_kinds'])


if __name__ == '__main__':
    run_work(process_file)
