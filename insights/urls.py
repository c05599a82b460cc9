from django.urls import path

from insights import views

urlpatterns = [
    path("bao-cao/chuong-trinh/<slug:slug>/", views.programme_indicators, name="programme_indicators"),
]
