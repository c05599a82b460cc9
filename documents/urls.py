from django.urls import path

from documents import views

urlpatterns = [
    path("kiem-tra/", views.verify, name="verify"),
    path("kiem-tra/<str:code>/", views.verify_code, name="verify_code"),
    path("giay-to/<uuid:public_id>/", views.document_download, name="document_download"),
]
