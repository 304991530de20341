"""The lists of messages in Django's admin."""

from django.contrib import admin

from tests.benchmarks.peers.served.django_admin.models import Message, PlainMessage


@admin.register(PlainMessage)
class PlainMessageAdmin(admin.ModelAdmin):
    """The journal's columns, search and filters.

    The search is over the folded name: on SQLite Django's `icontains` folds no Cyrillic and would find fewer rows.
    """

    list_display = (
        'uuid',
        'recipient_name',
        'phone',
        'appointment_at',
        'organization',
        'kind',
        'sent_at',
        'status',
        'cost',
    )
    search_fields = ('name_key', 'phone')
    list_filter = ('status', 'kind', 'organization', 'moment')
    list_per_page = 20
    list_select_related = ('organization',)
    ordering = ('-moment',)
    # The whole table is not counted, as the documentation advises for large tables.
    show_full_result_count = False


@admin.register(Message)
class MessageAdmin(PlainMessageAdmin):
    """The same with the drill-down by date."""

    date_hierarchy = 'moment'
