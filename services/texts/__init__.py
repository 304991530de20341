"""Every Russian word of the program, one file a subject.

They live here and not in journal_ui because a refused line of an import, a query's own sentence and the record of who
looked at what are worded where they arise.
"""

from services.texts.accounts import *
from services.texts.audit_log import *
from services.texts.call_list import *
from services.texts.column_layout import *
from services.texts.command_line import *
from services.texts.demo import *
from services.texts.documents import *
from services.texts.export_and_searches import *
from services.texts.help_page import *
from services.texts.import_and_api import *
from services.texts.maintenance import *
from services.texts.messages import *
from services.texts.page_elements import *
from services.texts.session_secret import *
from services.texts.shortcuts import *
from services.texts.summary import *
