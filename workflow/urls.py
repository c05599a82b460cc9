from django.urls import path

from workflow import calendar_views, filing, talk_views, views
from workflow.affected import views as affected

urlpatterns = [
    path("ho-so/<uuid:public_id>/nop/", filing.dossier_submit, name="dossier_submit"),
    path("ho-so/<uuid:public_id>/bo-sung/", filing.dossier_supplement, name="dossier_supplement"),
    path("ho-so/<uuid:public_id>/rut/", filing.dossier_withdraw, name="dossier_withdraw"),
    path("xu-ly/", views.queue, name="queue"),
    path("danh-muc-anh-huong/", affected.affected_index, name="affected_index"),
    path("danh-muc-anh-huong/<slug:slug>/", affected.affected_list, name="affected_list"),
    path("danh-muc-anh-huong/<slug:slug>/tinh/", affected.affected_compute, name="affected_compute"),
    path("danh-muc-anh-huong/<slug:slug>/xem-xet/", affected.affected_handle, name="affected_handle"),
    path("danh-muc-anh-huong/<slug:slug>/tai-ve.csv", affected.affected_export, name="affected_export"),
    path("danh-muc-anh-huong/<slug:slug>/<int:pk>/", affected.affected_case, name="affected_case"),
    path("lich-lam-viec/", calendar_views.calendar_days, name="calendar_days"),
    path("lich-lam-viec/<slug:day>/bo/", calendar_views.calendar_day_remove, name="calendar_day_remove"),
    path("xu-ly/<uuid:public_id>/", views.case_detail, name="case_detail"),
    path("xu-ly/<uuid:public_id>/lan-nop/<int:number>/", views.case_filing, name="case_filing"),
    path("xu-ly/<uuid:public_id>/muc/", views.case_finding, name="case_finding"),
    path("xu-ly/<uuid:public_id>/tham-dinh/", views.case_assessment, name="case_assessment"),
    path("xu-ly/<uuid:public_id>/trao-doi/", talk_views.case_messages, name="case_messages"),
    path("xu-ly/<uuid:public_id>/<slug:action>/", views.case_action, name="case_action"),
]
