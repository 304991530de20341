"""The column layout of a list."""

COLUMNS = 'Столбцы'
COLUMN_EARLIER = 'Переставить раньше: {column}'
COLUMN_LATER = 'Переставить позже: {column}'
COLUMN_POSITION = '{column}: место {position} из {count}'
ROWS = 'Строки'
ROWS_COMPACT = 'Плотно'
ROWS_COMFORTABLE = 'Просторно'
RESET_COLUMNS = 'Как было'
