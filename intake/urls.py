from django.urls import path

from intake.views import calendars, conversations, dossiers, drafting, files, filings, filling, handing, tracking

urlpatterns = [
    path("theo-doi/", tracking.dossier_track, name="dossier_track"),
    path("ho-so/", dossiers.dossier_list, name="dossier_list"),
    path("ho-so/moi/", dossiers.dossier_new, name="dossier_new"),
    path("ho-so/<uuid:public_id>/", dossiers.dossier_detail, name="dossier_detail"),
    path("ho-so/<uuid:public_id>/lich.ics", calendars.dossier_calendar, name="dossier_calendar"),
    path("ho-so/<uuid:public_id>/khai/<slug:section>/", filling.dossier_section, name="dossier_section"),
    path("ho-so/<uuid:public_id>/muc/", drafting.dossier_items, name="dossier_items"),
    path("ho-so/<uuid:public_id>/goi-y/", drafting.dossier_suggestions, name="dossier_suggestions"),
    path("ho-so/<uuid:public_id>/tai-lieu/", files.dossier_documents, name="dossier_documents"),
    path("ho-so/<uuid:public_id>/tai-lieu/<slug:document>/", files.attachment_upload, name="attachment_upload"),
    path("ho-so/<uuid:public_id>/tom-tat/", drafting.dossier_summary, name="dossier_summary"),
    path("ho-so/<uuid:public_id>/xoa/", dossiers.dossier_delete, name="dossier_delete"),
    path("ho-so/<uuid:public_id>/lan-nop/<int:number>/", filings.dossier_filing, name="dossier_filing"),
    path("ho-so/<uuid:public_id>/ban-giao/", handing.dossier_handover, name="dossier_handover"),
    path("ho-so/<uuid:public_id>/chuyen-don-vi/", handing.dossier_transfer, name="dossier_transfer"),
    path("to-chuc/<int:organisation_id>/ban-giao/", handing.organisation_handover, name="organisation_handover"),
    path("ho-so/<uuid:public_id>/trao-doi/", conversations.dossier_messages, name="dossier_messages"),
    path("tin-nhan/tep/<uuid:pk>/", conversations.message_file_open, name="message_file_open"),
    path("tep/<uuid:pk>/", files.attachment_open, name="attachment_open"),
    path("tep/<uuid:pk>/go/", files.attachment_remove, name="attachment_remove"),
]
