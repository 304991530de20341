"""Several nodes of one journal: what their settings are told to be."""

SETTING_SHORT_SECRET = 'нужно не меньше {shortest} знаков.'
