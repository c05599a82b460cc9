from django.urls import path

from notifications import views

urlpatterns = [
    path("thong-bao/", views.notification_list, name="notification_list"),
    path("thong-bao/da-doc/", views.notification_read_all, name="notification_read_all"),
    path("thong-bao/<uuid:delivery_id>/", views.notification_open, name="notification_open"),
    path("thong-bao/<uuid:delivery_id>/gui-lai/", views.delivery_resend, name="delivery_resend"),
]
