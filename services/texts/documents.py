"""The words of «Журнал ИЭМК»: columns, dictionaries, a query in words, what is said of documents coming in."""

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

EXCHANGED_AT = 'Дата и время'
PATIENT = 'ФИО пациента'
SNILS = 'СНИЛС'
DOCUMENT_KIND = 'Вид документа'
OPERATION = 'Операция'
DOCUMENT_STATUS = 'Статус'
IDENTIFIER = 'Идентификатор'
REMD_NUMBER = 'Регистрационный номер РЭМД'
DOCTOR = 'Врач'
ERROR_TEXT = 'Текст ошибки'
EXCHANGE_PERIOD = 'Дата обмена'
SHOW_DOCUMENT = 'Показать документ'
HIDE_DOCUMENT = 'Скрыть документ'
NOT_GIVEN = 'Не указан'

SAID_SNILS = 'СНИЛС {snils}'
SAID_SNILS_DIGITS = 'в СНИЛС {digits}'
SNILS_WRONG = 'Контрольное число не сходится. Проверьте цифры СНИЛС или оставьте их часть.'
EXCHANGE_EMPTY = 'В журнале ещё нет документов.'

DOCUMENT_FIELDS = {
    'id': IDENTIFIER,
    'at': EXCHANGED_AT,
    'organization': 'Наименование МО',
    'patient_name': PATIENT,
    'snils': SNILS,
    'kind': DOCUMENT_KIND,
    'operation': OPERATION,
    'status': DOCUMENT_STATUS,
    'remd_number': REMD_NUMBER,
    'doctor': DOCTOR,
    'error_code': 'Код ошибки',
    'error_text': ERROR_TEXT,
}
"""How each field of services.documents.document_parsing.DocumentField is called in a file and in a sentence."""

IMPORT_DOCUMENTS_ACCEPTED = 'Принято документов: {count}'
