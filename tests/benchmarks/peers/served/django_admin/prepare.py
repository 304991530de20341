"""Make Django's own tables in the peers' database, and the one who signs in: `python -m` this, in its environment."""

import os

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command


def main() -> None:
    """Make what is not there yet; the name and the password are given as PEERS_USER and PEERS_PASSWORD."""
    django.setup()
    call_command('migrate', verbosity=0)
    name, password = os.environ['PEERS_USER'], os.environ['PEERS_PASSWORD']
    user, _ = get_user_model().objects.get_or_create(username=name, is_staff=True, is_superuser=True)
    user.set_password(password)
    user.save()


if __name__ == '__main__':
    main()
