"""The peers' tables as Django's models; unmanaged, because the benchmark creates them."""

from django.db import models


class Organization(models.Model):
    """A medical organisation."""

    name = models.CharField(max_length=500)

    class Meta:
        """Over the peers' table."""

        managed = False
        db_table = 'peer_organization'
        ordering = ('name',)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """A message as the journal lists it."""

    class Kind(models.IntegerChoices):
        """«Вид сообщения»."""

        VACCINATION = 1, 'Вакцинация'
        REMINDER = 2, 'Напоминание'
        DAY_HOSPITAL = 3, 'Дневной стационар'
        ATTACHMENT = 4, 'Прикрепление'

    class Status(models.IntegerChoices):
        """«Статус отправки СМС»."""

        WAITING = 1, 'Ожидает'
        SENT = 2, 'Отправлено'
        FAILED = 3, 'Ошибка'

    uuid = models.UUIDField(unique=True)
    recipient_name = models.CharField(max_length=500, db_index=True)
    name_key = models.CharField(max_length=500)
    phone = models.CharField(max_length=16, db_index=True)
    appointment_at = models.DateTimeField(null=True)
    organization = models.ForeignKey(Organization, models.PROTECT)
    kind = models.SmallIntegerField(choices=Kind)
    status = models.SmallIntegerField(choices=Status, db_index=True)
    moment = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    cost = models.DecimalField(max_digits=10, decimal_places=2)
    text = models.TextField()
    error_code = models.CharField(max_length=500, null=True)
    error_name = models.CharField(max_length=500, null=True)

    class Meta:
        """Over the peers' table."""

        managed = False
        db_table = 'peer_message'


class PlainMessage(Message):
    """The same rows for a list without `date_hierarchy`, whose drill-down reads every date of the result."""

    class Meta:
        """Another view of the same table."""

        proxy = True
