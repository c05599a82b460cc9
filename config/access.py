"""The one table of who may open which address. tests/test_access.py walks all of it with every role."""

from accounts.access import APPLICANT, PUBLIC, SIGNED_IN, STAFF, Access, staff
from accounts.models import Role

__all__ = ["CLOSED", "TABLE", "Role", "staff"]

# Those who answer questions, and who looks after them.
ENQUIRY_READERS = (Role.INTAKE_OFFICER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.CATALOGUE_MANAGER, Role.AUDITOR)

TABLE: dict[str, Access] = {
    # the site
    "home": PUBLIC,
    "guide": PUBLIC,
    "landing": SIGNED_IN,
    "set_language": PUBLIC,
    "health": PUBLIC,
    # catalogues and procedures
    "catalogue_index": PUBLIC,
    "catalogue_search": PUBLIC,
    "matching_page": PUBLIC,
    "matching_api": PUBLIC,
    "catalogue_detail": PUBLIC,
    "catalogue_item": PUBLIC,
    "catalogue_matrix": PUBLIC,
    "catalogue_download": PUBLIC,
    "reference_list": PUBLIC,
    "instrument_index": PUBLIC,
    "catalogue_comparison": PUBLIC,
    "instrument_detail": PUBLIC,
    "programme_detail": PUBLIC,
    "procedure_detail": PUBLIC,
    "api_catalogues": PUBLIC,
    "api_catalogue": PUBLIC,
    "api_item": PUBLIC,
    # questions outside a dossier
    "faq_index": PUBLIC,
    "faq_detail": PUBLIC,
    "enquiry_new": PUBLIC,
    "enquiry_sent": PUBLIC,
    # whoever knows the key from the mail
    "enquiry_follow": PUBLIC,
    "enquiry_mine": APPLICANT,
    "enquiry_detail": APPLICANT,
    "enquiry_desk": staff(*ENQUIRY_READERS),
    "enquiry_work": staff(*ENQUIRY_READERS),
    "faq_edit": staff(Role.INTAKE_OFFICER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.CATALOGUE_MANAGER),
    "faq_withdraw": staff(Role.HEAD_OF_UNIT, Role.CATALOGUE_MANAGER),
    # what matching learns
    "evidence_queue": staff(Role.CATALOGUE_MANAGER),
    "candidate_page": staff(Role.CATALOGUE_MANAGER),
    "evaluation_detail": staff(Role.CATALOGUE_MANAGER),
    "alias_index": staff(Role.CATALOGUE_MANAGER),
    "item_aliases": staff(Role.CATALOGUE_MANAGER),
    "alias_retire": staff(Role.CATALOGUE_MANAGER),
    # verification and papers
    "verify": PUBLIC,
    "verify_code": PUBLIC,
    "document_download": SIGNED_IN,
    # sign-in
    "account_login": PUBLIC,
    "account_logout": SIGNED_IN,
    "account_signup": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_inactive": PUBLIC,
    "profile": SIGNED_IN,
    "organisation_create": APPLICANT,
    "organisation_detail": APPLICANT,
    "organisation_edit": APPLICANT,
    "organisation_leave": APPLICANT,
    "member_role": APPLICANT,
    "member_remove": APPLICANT,
    "invitation_new": APPLICANT,
    "invitation_resend": APPLICANT,
    "invitation_revoke": APPLICANT,
    # whoever has the link reads what they are invited to; the view asks whether they may accept
    "invitation": PUBLIC,
    # notifications
    "notification_list": SIGNED_IN,
    "notification_open": SIGNED_IN,
    "notification_read_all": SIGNED_IN,
    # work that somebody waits for; the view asks whose it is
    "job_detail": SIGNED_IN,
    "job_progress": SIGNED_IN,
    "job_stop": SIGNED_IN,
    # what an applicant does
    # the status alone, for whoever knows the code and the e-mail address of somebody of the applicant
    "dossier_track": PUBLIC,
    "dossier_list": APPLICANT,
    "dossier_new": APPLICANT,
    "dossier_detail": APPLICANT,
    "dossier_filing": APPLICANT,
    "dossier_calendar": APPLICANT,
    "dossier_section": APPLICANT,
    "dossier_items": APPLICANT,
    "dossier_suggestions": APPLICANT,
    "dossier_documents": APPLICANT,
    "dossier_summary": APPLICANT,
    "dossier_delete": APPLICANT,
    "dossier_handover": APPLICANT,
    "dossier_transfer": APPLICANT,
    "organisation_handover": APPLICANT,
    "attachment_upload": APPLICANT,
    "attachment_remove": APPLICANT,
    "dossier_submit": APPLICANT,
    "dossier_supplement": APPLICANT,
    "dossier_withdraw": APPLICANT,
    "dossier_messages": APPLICANT,
    # both sides open attachments; the view asks whose they are
    "attachment_open": SIGNED_IN,
    "message_file_open": SIGNED_IN,
    # the desk
    "queue": STAFF,
    "case_detail": STAFF,
    "case_filing": STAFF,
    "case_messages": STAFF,
    "case_action": STAFF,
    "case_finding": staff(Role.SPECIALIST),
    "case_assessment": staff(Role.SPECIALIST),
    "delivery_resend": staff(
        Role.INTAKE_OFFICER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.SIGNATORY, Role.CLERK, Role.ADMINISTRATOR
    ),
    "calendar_days": staff(Role.ADMINISTRATOR),
    "calendar_day_remove": staff(Role.ADMINISTRATOR),
    # what catalogue managers do with lists
    "managing_index": staff(Role.CATALOGUE_MANAGER),
    "managing_new": staff(Role.CATALOGUE_MANAGER),
    "managing_template": staff(Role.CATALOGUE_MANAGER),
    "managing_list": staff(Role.CATALOGUE_MANAGER),
    "managing_details": staff(Role.CATALOGUE_MANAGER),
    "managing_content": staff(Role.CATALOGUE_MANAGER),
    "managing_links": staff(Role.CATALOGUE_MANAGER),
    "managing_link": staff(Role.CATALOGUE_MANAGER),
    "managing_comparison": staff(Role.CATALOGUE_MANAGER),
    "managing_propose": staff(Role.CATALOGUE_MANAGER),
    "managing_send_back": staff(Role.CATALOGUE_MANAGER),
    "managing_publish": staff(Role.CATALOGUE_MANAGER),
    "managing_delete": staff(Role.CATALOGUE_MANAGER),
    # who is affected by a new list
    "affected_index": staff(Role.CATALOGUE_MANAGER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR),
    "affected_list": staff(Role.CATALOGUE_MANAGER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR),
    "affected_case": staff(Role.CATALOGUE_MANAGER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR),
    "affected_export": staff(Role.CATALOGUE_MANAGER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR),
    "affected_handle": staff(Role.CATALOGUE_MANAGER, Role.HEAD_OF_UNIT),
    "affected_compute": staff(Role.CATALOGUE_MANAGER),
    # figures
    "programme_indicators": STAFF,
}

# Addresses that an installed package brings and the product does not use: closed to everybody.
CLOSED = frozenset(
    {
        "account_email",
        "account_set_password",
        "account_reauthenticate",
        "account_confirm_login_code",
    }
)
