from django.urls import path

from catalogs import matching_views, views

urlpatterns = [
    path("danh-muc/", views.catalogue_index, name="catalogue_index"),
    path("danh-muc/tim/", views.catalogue_search, name="catalogue_search"),
    path("danh-muc/doi-chieu/", matching_views.matching_page, name="matching_page"),
    path("api/doi-chieu/", matching_views.matching_api, name="matching_api"),
    path("danh-muc/<slug:slug>/", views.catalogue_detail, name="catalogue_detail"),
    path("danh-muc/<slug:slug>/<str:code>/", views.catalogue_item, name="catalogue_item"),
    path("van-ban/<slug:slug>/", views.instrument_detail, name="instrument_detail"),
    path("chuong-trinh/<slug:slug>/", views.programme_detail, name="programme_detail"),
    path("thu-tuc/<slug:slug>/", views.procedure_detail, name="procedure_detail"),
]
