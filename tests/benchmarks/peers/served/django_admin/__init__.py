"""Django's admin over the peers' table: settings, models, admin, urls, wsgi, as `startproject` lays them out."""
