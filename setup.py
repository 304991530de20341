"""What the wheel contains; everything else about the package is in pyproject.toml.

pyproject.toml cannot say that the package `message_journal` lies in this folder, beside the packages that are found.
"""

from setuptools import find_packages, setup

setup(
    script_name='setup.py',  # which pip hides; the file of this name is then no module of `message_journal`
    packages=[*find_packages(include=['models*', 'services*', 'journal_ui*']), 'message_journal'],
    package_dir={'message_journal': '.'},  # main.py, and the files that services/program_folders.py finds
    package_data={
        'message_journal': [
            'data/*.csv',
            'data/*.txt',
            'data/providers/*.toml',
            'docs/operator.md',
            'docs/images/*.png',
        ],
        'journal_ui': ['favicon.svg', 'components/control.js', 'nicegui_patches/chart.js'],
        'models.migrations': ['script.py.mako'],
    },
    include_package_data=False,
)
