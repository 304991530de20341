"""How a person arranges the columns of a journal."""

COLUMNS = 'Столбцы'
COLUMN_EARLIER = 'Переставить раньше: {column}'
COLUMN_LATER = 'Переставить позже: {column}'
COLUMN_PLACE = '{column}: место {place} из {count}'
ROWS = 'Строки'
DENSE = 'Плотно'
ROOMY = 'Просторно'
AS_DECLARED = 'Как было'
