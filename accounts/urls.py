from django.urls import path

from accounts import invitation_views, organisation_views, views

urlpatterns = [
    path("tai-khoan/toi/", views.profile, name="profile"),
    path("to-chuc/moi/", views.organisation_create, name="organisation_create"),
    path("to-chuc/<int:organisation_id>/", organisation_views.organisation_detail, name="organisation_detail"),
    path("to-chuc/<int:organisation_id>/sua/", views.organisation_edit, name="organisation_edit"),
    path("to-chuc/<int:organisation_id>/roi/", organisation_views.organisation_leave, name="organisation_leave"),
    path(
        "to-chuc/<int:organisation_id>/thanh-vien/<int:member_id>/",
        organisation_views.member_role,
        name="member_role",
    ),
    path(
        "to-chuc/<int:organisation_id>/thanh-vien/<int:member_id>/cho-roi/",
        organisation_views.member_remove,
        name="member_remove",
    ),
    path("to-chuc/<int:organisation_id>/loi-moi/", invitation_views.invitation_new, name="invitation_new"),
    path(
        "to-chuc/<int:organisation_id>/loi-moi/<int:invitation_id>/gui-lai/",
        invitation_views.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "to-chuc/<int:organisation_id>/loi-moi/<int:invitation_id>/thu-hoi/",
        invitation_views.invitation_revoke,
        name="invitation_revoke",
    ),
    path("loi-moi/<str:key>/", invitation_views.invitation, name="invitation"),
]
