from django.urls import path

from accounts import views

urlpatterns = [
    path("tai-khoan/toi/", views.profile, name="profile"),
    path("to-chuc/moi/", views.organisation_create, name="organisation_create"),
    path("to-chuc/<int:organisation_id>/", views.organisation_edit, name="organisation_edit"),
]
