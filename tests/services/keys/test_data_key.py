"""The data key: where it comes from, and that a database refuses another one."""

from pathlib import Path

import pytest

from services.database.engine import Database
from services.keys.data_key import DataKey, DataKeyError, open_data_key


def test_a_secret_is_read_with_the_same_key_and_purpose_alone() -> None:
    key = DataKey('a' * 32)
    encrypted = key.encrypt('second factor', 'JBSWY3DP')
    assert 'JBSWY3DP' not in encrypted
    assert key.decrypt('second factor', encrypted) == 'JBSWY3DP'
    for stranger, purpose in ((DataKey('b' * 32), 'second factor'), (key, 'other')):
        with pytest.raises(DataKeyError):
            stranger.decrypt(purpose, encrypted)


def test_digests_differ_by_key_purpose_and_parts() -> None:
    key = DataKey('a' * 32)
    assert key.digest('phone', '+7', '916') == DataKey('a' * 32).digest('phone', '+7', '916')
    others = (
        key.digest('phone', '+79', '16'),
        key.digest('name', '+7', '916'),
        DataKey('b' * 32).digest('phone', '+7', '916'),
    )
    assert key.digest('phone', '+7', '916') not in others


def test_the_first_start_creates_a_file_that_only_its_owner_reads(database: Database, tmp_path: Path) -> None:
    key = open_data_key(database, tmp_path)
    assert (tmp_path / 'data.key').stat().st_mode & 0o777 == 0o600
    assert open_data_key(database, tmp_path).digest('p', 't') == key.digest('p', 't')


def test_a_database_refuses_another_key_and_a_missing_file(database: Database, tmp_path: Path) -> None:
    open_data_key(database, tmp_path, data_key='a' * 32)
    with pytest.raises(DataKeyError):
        open_data_key(database, tmp_path, data_key='b' * 32)
    with pytest.raises(DataKeyError):
        open_data_key(database, tmp_path)
    assert not (tmp_path / 'data.key').exists(), 'a second key must not be created for the same database'
    open_data_key(database, tmp_path, data_key='a' * 32)


def test_nodes_that_share_the_storage_secret_have_the_same_key(database: Database, tmp_path: Path) -> None:
    first = open_data_key(database, tmp_path / 'first', storage_secret='s' * 32)
    second = open_data_key(database, tmp_path / 'second', storage_secret='s' * 32)
    assert first.digest('p', 't') == second.digest('p', 't')
