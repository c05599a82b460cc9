from django.urls import path
from django.views.i18n import set_language

from config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("huong-dan/", views.guide, name="guide"),
    path("bat-dau/", views.landing, name="landing"),
    path("ngon-ngu/", set_language, name="set_language"),
    path("suc-khoe/", views.health, name="health"),
]
