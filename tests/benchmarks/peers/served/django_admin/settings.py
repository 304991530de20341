"""Settings of the Django project; PEERS_DATABASE is the SQLAlchemy URL of the peers' database."""

import os

from sqlalchemy.engine import make_url

URL = make_url(os.environ['PEERS_DATABASE'])

SECRET_KEY = 'measured on the loopback, then thrown away'
ALLOWED_HOSTS = ['127.0.0.1']
ROOT_URLCONF = 'tests.benchmarks.peers.served.django_admin.urls'
TIME_ZONE = 'Europe/Moscow'
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'

INSTALLED_APPS = [
    'django.contrib.admin',
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
    'tests.benchmarks.peers.served.django_admin',
]
STATIC_URL = 'static/'
MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
]
TEMPLATES = [
    {
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'APP_DIRS': True,
        'OPTIONS': {
            'context_processors': [
                'django.template.context_processors.request',
                'django.contrib.auth.context_processors.auth',
                'django.contrib.messages.context_processors.messages',
            ]
        },
    }
]

if URL.get_backend_name() == 'sqlite':
    # The page cache is the journal's own size.
    DATABASE = {'ENGINE': 'django.db.backends.sqlite3', 'OPTIONS': {'init_command': 'PRAGMA cache_size = -32768'}}
else:
    DATABASE = {
        'ENGINE': 'django.db.backends.postgresql',
        'USER': URL.username or '',
        'PASSWORD': URL.password or '',
        'HOST': URL.host or URL.query.get('host', ''),
        'PORT': URL.port or '',
    }
DATABASES = {'default': {'NAME': URL.database, 'CONN_MAX_AGE': None, **DATABASE}}
