"""docs/providers.md lists every shipped file and every key of a file, and its example is valid."""

import re
from pathlib import Path

from services.providers.declaration import BalanceQuery, ProviderDeclaration, Signature, SmppFieldNames
from services.providers.provider_files import SHIPPED_FOLDER, load_provider
from services.providers.registry import PROVIDERS
from services.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / 'docs' / 'providers.md').read_text(encoding='utf-8')


def test_every_provider_is_listed() -> None:
    shipped = {path.stem for path in SHIPPED_FOLDER.glob('*.toml')}
    assert set(re.findall(r'^\| .+? \| `(\w+)` \| `data/providers/\1\.toml` \|', PAGE, re.MULTILINE)) == shipped
    assert all(f'`{key}`' in PAGE for key in PROVIDERS)


def test_every_key_is_explained() -> None:
    keys = [
        f'`[{name}]`'
        if name in ('fields', 'smpp', 'time', 'signature', 'balance', 'statuses', 'errors')
        else f'`{name}`'
        for name in ProviderDeclaration.model_fields
    ]
    assert re.findall(r'^\| (`\[?\w+\]?`) \| [^|]+ \| [^|]* \|$', PAGE.partition('## SMPP')[0], re.MULTILINE) == keys
    assert all(
        f'`{name}`' in PAGE for model in (Signature, SmppFieldNames, BalanceQuery) for name in model.model_fields
    )


def test_the_example_is_valid(tmp_path: Path) -> None:
    example, balance = re.findall(r'```toml\n(.*?)```', PAGE, re.DOTALL)
    path = tmp_path / 'example.toml'
    path.write_text(example + balance, encoding='utf-8')
    provider = load_provider(path)
    assert (provider.title, provider.balance_settings) == ('Наш шлюз', ('balance_login', 'balance_key'))
