from django.urls import path

from catalogs import learning_views, matching_views, views

urlpatterns = [
    path("danh-muc/", views.catalogue_index, name="catalogue_index"),
    path("danh-muc/tim/", views.catalogue_search, name="catalogue_search"),
    path("danh-muc/doi-chieu/", matching_views.matching_page, name="matching_page"),
    path("api/doi-chieu/", matching_views.matching_api, name="matching_api"),
    path("danh-muc/<slug:slug>/", views.catalogue_detail, name="catalogue_detail"),
    path("danh-muc/<slug:slug>/<str:code>/", views.catalogue_item, name="catalogue_item"),
    path("quan-ly/doi-chieu/", learning_views.evidence_queue, name="evidence_queue"),
    path("quan-ly/doi-chieu/cau-hinh/", learning_views.candidate_page, name="candidate_page"),
    path(
        "quan-ly/doi-chieu/cau-hinh/<int:evaluation_id>/", learning_views.evaluation_detail, name="evaluation_detail"
    ),
    path("quan-ly/doi-chieu/ten-goi/", learning_views.alias_index, name="alias_index"),
    path("quan-ly/doi-chieu/ten-goi/<slug:slug>/<str:code>/", learning_views.item_aliases, name="item_aliases"),
    path("quan-ly/doi-chieu/ten-goi/<slug:slug>/<str:code>/bo/", learning_views.alias_retire, name="alias_retire"),
    path("van-ban/<slug:slug>/", views.instrument_detail, name="instrument_detail"),
    path("chuong-trinh/<slug:slug>/", views.programme_detail, name="programme_detail"),
    path("thu-tuc/<slug:slug>/", views.procedure_detail, name="procedure_detail"),
]
