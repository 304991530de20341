"""The signed-in user for whom a page is built."""

from dataclasses import dataclass

from journal_ui.layout.user_preferences import UserPreferences
from services import texts
from services.accounts.accounts import Identity
from services.audit.audit_log import AuditLog
from services.audit.audited_source import SectionActivityRecorder
from services.audit.hash_chain import Actor
from services.overview.alerts import Alerts


@dataclass(frozen=True)
class Viewer:
    """The user of a page, with their preferences and the IP address of their computer."""

    person: Identity
    preferences: UserPreferences
    iemk_url: str = ''
    """The URL of the region's own document journal; empty where the region has none."""
    ip_address: str = ''
    has_full_access: bool = True
    """Whether all pages of the role are open; false while a required step, such as a new password, is pending."""
    notice: str = ''
    """A sentence that this page shows at its top; empty for none."""
    alerts: Alerts | None = None
    """The alerts that the header shows; None for a user who may not open the journals."""
    organizations: tuple[str, ...] | None = None
    """The names of the organisations to which the user is bound; None for all organisations."""

    @property
    def actor(self) -> Actor:
        """The viewer as the audit log records them."""
        return Actor(self.person.id, self.person.name, self.ip_address)

    def audit_recorder(self, audit_log: AuditLog, section: str) -> SectionActivityRecorder:
        """Build the recorder of what the viewer does in the section with this title."""
        return SectionActivityRecorder(audit_log, self.actor, section, of_audit_log=section == texts.ACCESS_TITLE)
