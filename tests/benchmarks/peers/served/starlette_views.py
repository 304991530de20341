"""starlette-admin over SQLModel's models of the peers' tables; PEERS_DATABASE is the URL of their database."""

import os
import sqlite3
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import DateTime, Numeric, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlmodel import Field, Relationship, SQLModel
from starlette.applications import Starlette
from starlette_admin.contrib.sqlmodel import Admin, ModelView
from starlette_admin.i18n import TimezoneConfig

TIME = DateTime(timezone=True).with_variant(sqlite.DATETIME(truncate_microseconds=True), 'sqlite')


class PeerOrganization(SQLModel, table=True):
    """A medical organisation."""

    __tablename__ = 'peer_organization'

    id: int = Field(primary_key=True)
    name: str


class PeerMessage(SQLModel, table=True):
    """A message as the journal lists it."""

    __tablename__ = 'peer_message'

    id: int = Field(primary_key=True)
    uuid: UUID = Field(unique=True)
    recipient_name: str = Field(index=True)
    name_key: str
    phone: str = Field(index=True)
    appointment_at: datetime | None = Field(sa_type=TIME)
    organization_id: int = Field(foreign_key='peer_organization.id', index=True)
    organization: PeerOrganization = Relationship()
    kind: int
    status: int = Field(index=True)
    moment: datetime = Field(sa_type=TIME, index=True)
    sent_at: datetime | None = Field(sa_type=TIME)
    cost: Decimal = Field(sa_type=Numeric(10, 2))
    text: str
    error_code: str | None
    error_name: str | None


class OrganizationView(ModelView):
    """The target of the links of organisations."""

    fields = ('id', 'name')


class MessageView(ModelView):
    """The columns of the journal, and the key of the organisation, because relations cannot be filtered."""

    fields = (
        'id',
        'uuid',
        'recipient_name',
        'name_key',
        'phone',
        'appointment_at',
        'organization',
        'organization_id',
        'kind',
        'status',
        'moment',
        'sent_at',
        'cost',
    )
    # Only searchable fields can be filtered; the search field searches only text.
    searchable_fields = ('name_key', 'phone', 'moment', 'status', 'organization_id')
    sortable_fields = ('recipient_name', 'phone', 'moment', 'cost')
    fields_default_sort = (('moment', True),)
    page_size = 20
    page_size_options = (5, 10, 20)


ENGINE = create_engine(os.environ['PEERS_DATABASE'])


@event.listens_for(ENGINE, 'connect')
def _prepare(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        # The page cache has the size of the journal's.
        connection.execute('PRAGMA cache_size = -32768')
    else:
        connection.execute("SET timezone = 'UTC'")
        connection.commit()


app = Starlette()
admin = Admin(
    ENGINE,
    title='Messages',
    secret_key='measured on the loopback, then thrown away',
    timezone_config=TimezoneConfig(
        default_timezone='Europe/Moscow', database_timezone='UTC', use_user_locale_timezone=False
    ),
)
admin.add_view(MessageView(PeerMessage, key='message'))
admin.add_view(OrganizationView(PeerOrganization, key='organization'))
admin.mount_to(app)
