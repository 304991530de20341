"""The page «Справочники», the errors of its actions, and the texts of its records in the audit log."""

DICTIONARIES_TITLE = 'Справочники'
DICTIONARIES_HINT = 'Медицинские организации и виды сообщений'
ORGANIZATIONS_TITLE = 'Медицинские организации'
KINDS_TITLE = 'Виды сообщений'

ENTRY_NAME = 'Название'
ENTRY_SPELLINGS = 'Другие написания'
ENTRY_MESSAGES = 'Сообщений'
ENTRY_ACTIONS = 'Действия'
ENTRY_ACTIONS_OF = 'Действия: {name}'
ENTRY_FILTER = 'Часть названия'
ENTRIES_MORE = 'Показать ещё'
ENTRY_MORE_SPELLINGS = 'и ещё {count}'
ENTRIES_SHOWN = 'Показано {shown} из {count}'
ENTRIES_NONE = 'Таких записей нет.'

ENTRY_ADD = 'Добавить'
KIND_ADD = 'Добавить вид сообщения'
ENTRY_ADD_HINT = 'Сообщения этого вида можно будет принимать и искать сразу.'
ENTRY_RENAME = 'Переименовать'
ENTRY_RENAME_TITLE = 'Переименовать запись'
ENTRY_RENAME_HINT = (
    'Новое название появится во всех сообщениях, списках и файлах экспорта. Сообщения с прежним названием '
    'принимаются как раньше.'
)
ENTRY_NEW_NAME = 'Новое название'
ENTRY_MERGE = 'Объединить'
ENTRY_MERGE_TITLE = 'Объединить с другой записью'
ENTRY_MERGE_HINT = (
    'Сообщения этой записи, прежние и новые, будут показаны под выбранным названием. Объединение можно отменить.'
)
ENTRY_NOT_CHOSEN = 'Выберите запись, под названием которой показывать сообщения.'
ENTRY_MERGE_TARGET = 'Под каким названием'
ENTRY_SEPARATE = 'Отделить'
ENTRY_SEPARATE_TITLE = 'Отделить написание'
ENTRY_SEPARATE_HINT = 'Сообщения, которые пришли под выбранным названием, снова будут показаны под ним.'
ENTRY_SPELLING = 'Написание'
ENTRY_DONE = {
    'add': 'Добавлено: {name}',
    'rename': 'Новое название: {name}',
    'merge': 'Объединено. Общее название: {target}',
    'separate': 'Отделено: {name}',
}

ENTRY_NAME_RULE = 'Нужно название: от 1 до {longest} знаков.'
ENTRY_EXISTS = 'Такая запись уже есть: {name}'
ENTRY_EXISTS_MERGE = 'Такая запись уже есть, объедините с ней: {name}'
ENTRY_GONE = 'Эту запись уже изменил кто-то другой. Проверьте список и повторите.'
ENTRY_SAME = 'Выберите другую запись.'
ENTRY_TOO_MANY_SPELLINGS = 'У одной записи бывает не больше {most} написаний.'
ENTRY_SAME_SPELLING = 'Это написание отличается только знаками или регистром, поэтому его нельзя отделить.'

# Records in the audit log
ACCESS_ENTRY_ADDED = 'новая запись'
ACCESS_ENTRY_RENAMED = 'новое название: {name}'
ACCESS_ENTRY_MERGED = 'объединена с записью: {name}'
ACCESS_ENTRY_MERGED_WITH = 'объединена с записью: {name}; вместе с написаниями: {spellings}'
ACCESS_ENTRY_SEPARATED = 'отделена от записи: {name}'
