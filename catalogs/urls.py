from django.urls import path

from catalogs.views import downloads, instruments, lists, procedures, references

urlpatterns = [
    path("danh-muc/", lists.catalogue_index, name="catalogue_index"),
    path("danh-muc/tim/", lists.catalogue_search, name="catalogue_search"),
    path("danh-muc/<slug:slug>/", lists.catalogue_detail, name="catalogue_detail"),
    # Before the items, none of which any list numbers so.
    path("danh-muc/<slug:slug>/ma-tran/", lists.catalogue_matrix, name="catalogue_matrix"),
    path("danh-muc/<slug:slug>/tai-ve/<str:form>/", downloads.catalogue_download, name="catalogue_download"),
    path("danh-muc/<slug:slug>/<str:code>/", lists.catalogue_item, name="catalogue_item"),
    path("danh-muc-tham-chieu/<slug:slug>/", references.reference_list, name="reference_list"),
    path("van-ban/", instruments.instrument_index, name="instrument_index"),
    path("van-ban/<slug:slug>/", instruments.instrument_detail, name="instrument_detail"),
    path("chuong-trinh/<slug:slug>/", procedures.programme_detail, name="programme_detail"),
    path("thu-tuc/<slug:slug>/", procedures.procedure_detail, name="procedure_detail"),
    path("api/danh-muc/", downloads.api_catalogues, name="api_catalogues"),
    path("api/danh-muc/<slug:slug>/", downloads.api_catalogue, name="api_catalogue"),
    path("api/danh-muc/<slug:slug>/<str:code>/", downloads.api_item, name="api_item"),
]
