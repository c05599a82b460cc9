from django.urls import path

from workflow import filing

urlpatterns: list = [
    path("ho-so/<uuid:public_id>/nop/", filing.dossier_submit, name="dossier_submit"),
    path("ho-so/<uuid:public_id>/bo-sung/", filing.dossier_supplement, name="dossier_supplement"),
    path("ho-so/<uuid:public_id>/rut/", filing.dossier_withdraw, name="dossier_withdraw"),
]
