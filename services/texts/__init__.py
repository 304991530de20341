"""Every Russian text of the program, one module for each subject.

The texts belong to services and not to journal_ui, because services also build sentences: for rejected rows of an
import, for the conditions of a query and for the records of the audit log.
"""

from services.texts.accounts import *
from services.texts.audit_log import *
from services.texts.call_list import *
from services.texts.command_line import *
from services.texts.demo import *
from services.texts.dictionaries import *
from services.texts.documents import *
from services.texts.export_and_searches import *
from services.texts.import_and_api import *
from services.texts.maintenance import *
from services.texts.messages import *
from services.texts.page_elements import *
from services.texts.shortcuts import *
from services.texts.summary import *
