"""Uploaded files: stored in order and in bounds, previewed, imported by a process, and deleted."""

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import AuditEvent, AuditRecord, Message
from services import texts
from services.audit.hash_chain import Actor
from services.database.engine import Database
from services.imports import import_jobs
from services.imports.import_jobs import ImportJobs, Journal, UploadError
from tests.helpers.factories import message_cells, write_csv

MOSCOW = ZoneInfo('Europe/Moscow')
OWNER = 'session'
CHIEF = Actor(None, 'chief', '192.0.2.1')


@pytest.fixture
def jobs(database: Database, tmp_path: Path) -> ImportJobs:
    """The imports into a database."""
    jobs = ImportJobs(
        database.url.render_as_string(hide_password=False), MOSCOW, tmp_path / 'uploads', accepts_unknown_kinds=False
    )
    jobs.clear()
    return jobs


@pytest.fixture
def file_jobs(tmp_path: Path) -> ImportJobs:
    """The storage of files, without a database."""
    jobs = ImportJobs('sqlite://', MOSCOW, tmp_path / 'uploads', accepts_unknown_kinds=False)
    jobs.clear()
    return jobs


async def upload(jobs: ImportJobs, path: Path) -> str:
    """Upload a file in two parts and return its key."""
    key, content = jobs.begin_upload(OWNER, path.name), path.read_bytes()
    half = len(content) // 2
    await jobs.append(key, OWNER, 0, content[:half])
    await jobs.append(key, OWNER, half, content[half:])
    return key


async def test_a_file_is_previewed_and_imported_with_its_user_on_record(
    jobs: ImportJobs, database: Database, tmp_path: Path
) -> None:
    cells = message_cells()
    invalid = message_cells({texts.PHONE: '123'})
    path = write_csv(tmp_path / 'ноябрь.csv', [cells, invalid, message_cells({texts.KIND: 'Неизвестный'})])
    key = await upload(jobs, path)
    preview = await jobs.preview(key, Journal.MESSAGES)
    assert [row.line for row in preview.rows] == [2, 3, 4]
    assert [row.error is not None for row in preview.rows] == [False, True, False]
    assert dict(zip(preview.columns, preview.rows[0].cells, strict=True)) == cells
    assert not database.read_sync(lambda session: session.exec(select(Message)).all())

    progress: list[tuple[int, int]] = []
    finished = await jobs.run(key, Journal.MESSAGES, CHIEF, lambda *done: progress.append(done))
    assert (finished.report.created, finished.report.rejected) == (1, 2)
    assert finished.rejects
    assert finished.rejects.name == 'ноябрь — отказы.csv'
    lines = finished.rejects.path.read_text('utf-8-sig').splitlines()
    assert [line.split(';')[0] for line in lines] == [texts.IMPORT_LINE, '3', '4']
    statement = select(AuditRecord).where(AuditRecord.act == AuditEvent.DATA_IMPORTED)
    record = database.read_sync(lambda session: session.exec(statement).one())
    assert (record.name, record.address, record.found) == ('chief', '192.0.2.1', 1)


async def test_a_file_that_cannot_be_imported_is_refused_by_its_own_name(file_jobs: ImportJobs, tmp_path: Path) -> None:
    (path := tmp_path / 'a.csv').write_text('нет;столбцов\n')
    key = await upload(file_jobs, path)
    with pytest.raises(UploadError, match=r'файла a\.csv нет названий столбцов'):
        await file_jobs.preview(key, Journal.MESSAGES)


async def test_parts_follow_each_other_and_belong_to_one_session(
    file_jobs: ImportJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_jobs, 'MAX_FILE_BYTES', 10)
    monkeypatch.setattr(import_jobs, 'MAX_UPLOADS', 2)
    key = file_jobs.begin_upload(OWNER, '../../etc/паспорт\n.csv')
    await file_jobs.append(key, OWNER, 0, b'12345678')
    for owner, offset in (('another', 8), (OWNER, 0), (OWNER, 9)):
        with pytest.raises(UploadError, match='прервана'):
            await file_jobs.append(key, owner, offset, b'9')
    with pytest.raises(UploadError, match='Файл больше'):
        await file_jobs.append(key, OWNER, 8, b'901')
    file_jobs.begin_upload(OWNER, 'b')
    with pytest.raises(UploadError, match='слишком много файлов'):
        file_jobs.begin_upload(OWNER, 'c')
    file_jobs.discard(key)
    assert file_jobs.begin_upload(OWNER, 'c')
    with pytest.raises(UploadError, match='прервана'):
        await file_jobs.append(key, OWNER, 8, b'9')


@pytest.mark.parametrize(
    'name', ['../../etc/passwd', 'C:\\Отчёты\\a.csv', '', '..', 'a\n\u202eb.csv', 'x' * 300 + '.csv']
)
async def test_a_file_stays_in_the_folder_whatever_its_name(file_jobs: ImportJobs, tmp_path: Path, name: str) -> None:
    file_jobs.begin_upload(OWNER, name)
    (file,) = [path for path in (tmp_path / 'uploads').rglob('*') if path.is_file()]
    assert file.parent.parent == tmp_path / 'uploads'
    assert file.name.isprintable()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_a_cancelled_import_keeps_whole_batches_and_says_so_on_record(
    jobs: ImportJobs, database: Database, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / 'a.csv', [message_cells() for _ in range(20_000)])
    key = await upload(jobs, path)
    started = asyncio.Event()
    task = asyncio.create_task(jobs.run(key, Journal.MESSAGES, CHIEF, lambda *_: started.set()))
    begun = asyncio.create_task(started.wait())
    await asyncio.wait({task, begun}, return_when=asyncio.FIRST_COMPLETED)
    assert begun.done(), task
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    statement = select(AuditRecord).where(AuditRecord.act == AuditEvent.DATA_IMPORTED)
    record = database.read_sync(lambda session: session.exec(statement).one())
    stored = len(database.read_sync(lambda session: session.exec(select(Message.id)).all()))
    assert stored % 1000 == 0
    assert 0 < stored < 20_000
    assert (record.found, record.what.endswith('импорт прерван')) == (stored, True)
    jobs.discard(key)
