"""Create Django's own tables, and the user who signs in, in the peers' database; run with `python -m`."""

import os

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command


def main() -> None:
    """Create what is missing; PEERS_USER and PEERS_PASSWORD are the name and the password of the user."""
    django.setup()
    call_command('migrate', verbosity=0)
    name, password = os.environ['PEERS_USER'], os.environ['PEERS_PASSWORD']
    user, _ = get_user_model().objects.get_or_create(username=name, is_staff=True, is_superuser=True)
    user.set_password(password)
    user.save()


if __name__ == '__main__':
    main()
