from django.urls import path

from notifications import job_views, views

urlpatterns = [
    path("thong-bao/", views.notification_list, name="notification_list"),
    path("thong-bao/da-doc/", views.notification_read_all, name="notification_read_all"),
    path("thong-bao/<uuid:delivery_id>/", views.notification_open, name="notification_open"),
    path("thong-bao/<uuid:delivery_id>/gui-lai/", views.delivery_resend, name="delivery_resend"),
    path("viec/<uuid:job_id>/", job_views.job_detail, name="job_detail"),
    path("viec/<uuid:job_id>/tien-do/", job_views.job_progress, name="job_progress"),
    path("viec/<uuid:job_id>/dung/", job_views.job_stop, name="job_stop"),
]
