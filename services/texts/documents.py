"""«Журнал ИЭМК»: columns, dictionaries, a query in words, the import of documents."""

from models import DocumentOperation, DocumentStatus

DOCUMENT_OPERATIONS = {
    DocumentOperation.REGISTRATION: 'Регистрация',
    DocumentOperation.CHANGE: 'Изменение',
    DocumentOperation.ANNULMENT: 'Аннулирование',
    DocumentOperation.REQUEST: 'Запрос',
}
DOCUMENT_STATUSES = {
    DocumentStatus.REGISTERED: 'Зарегистрирован',
    DocumentStatus.PROCESSING: 'В обработке',
    DocumentStatus.FAILED: 'Ошибка регистрации',
}

DOCUMENT_AT = 'Дата и время'
PATIENT = 'ФИО пациента'
SNILS = 'СНИЛС'
DOCUMENT_KIND = 'Вид документа'
OPERATION = 'Операция'
DOCUMENT_STATUS = 'Статус'
IDENTIFIER = 'Идентификатор'
REMD_NUMBER = 'Регистрационный номер РЭМД'
DOCTOR = 'Врач'
ERROR_TEXT = 'Текст ошибки'
DOCUMENT_PERIOD = 'Дата обмена'
SHOW_DOCUMENT = 'Показать документ'
HIDE_DOCUMENT = 'Скрыть документ'
NOT_SPECIFIED = 'Не указан'

CONDITION_SNILS = 'СНИЛС {snils}'
CONDITION_SNILS_DIGITS = 'в СНИЛС {digits}'
SNILS_WRONG = 'Контрольное число не сходится. Проверьте цифры СНИЛС или оставьте их часть.'
DOCUMENTS_EMPTY = 'В журнале ещё нет документов.'

IMPORT_DOCUMENTS_ACCEPTED = 'Принято документов: {count}'
