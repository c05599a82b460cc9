from django.urls import path

from catalogs.enquiries.views import office, public
from catalogs.learning import views as learning
from catalogs.managing import views as managing
from catalogs.views import downloads, instruments, lists, matching, procedures, references

urlpatterns = [
    path("danh-muc/", lists.catalogue_index, name="catalogue_index"),
    path("danh-muc/tim/", lists.catalogue_search, name="catalogue_search"),
    path("danh-muc/doi-chieu/", matching.matching_page, name="matching_page"),
    path("api/doi-chieu/", matching.matching_api, name="matching_api"),
    path("danh-muc/<slug:slug>/", lists.catalogue_detail, name="catalogue_detail"),
    # Before the items, none of which any list numbers so.
    path("danh-muc/<slug:slug>/ma-tran/", lists.catalogue_matrix, name="catalogue_matrix"),
    path("danh-muc/<slug:slug>/so-sanh/", lists.catalogue_comparison, name="catalogue_comparison"),
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
    # questions outside a dossier
    path("hoi-dap/", public.faq_index, name="faq_index"),
    path("hoi-dap/<int:pk>/", public.faq_detail, name="faq_detail"),
    path("hoi-dap/<int:pk>/rut/", office.faq_withdraw, name="faq_withdraw"),
    path("hoi-dap/gui/", public.enquiry_new, name="enquiry_new"),
    path("hoi-dap/da-gui/", public.enquiry_sent, name="enquiry_sent"),
    path("hoi-dap/theo-doi/<uuid:key>/", public.enquiry_follow, name="enquiry_follow"),
    path("hoi-dap/cua-toi/", public.enquiry_mine, name="enquiry_mine"),
    path("hoi-dap/cua-toi/<uuid:public_id>/", public.enquiry_detail, name="enquiry_detail"),
    path("tra-loi-hoi-dap/", office.enquiry_desk, name="enquiry_desk"),
    path("tra-loi-hoi-dap/<uuid:public_id>/", office.enquiry_work, name="enquiry_work"),
    path("tra-loi-hoi-dap/<uuid:public_id>/cong-bo/", office.faq_edit, name="faq_edit"),
    # what catalogue managers do
    path("quan-ly/danh-muc/", managing.managing_index, name="managing_index"),
    path("quan-ly/danh-muc/moi/", managing.managing_new, name="managing_new"),
    path("quan-ly/danh-muc/mau/<str:kind>/", managing.managing_template, name="managing_template"),
    path("quan-ly/danh-muc/<slug:slug>/", managing.managing_list, name="managing_list"),
    path("quan-ly/danh-muc/<slug:slug>/thong-tin/", managing.managing_details, name="managing_details"),
    path("quan-ly/danh-muc/<slug:slug>/noi-dung/", managing.managing_content, name="managing_content"),
    path("quan-ly/danh-muc/<slug:slug>/noi-muc/", managing.managing_links, name="managing_links"),
    path("quan-ly/danh-muc/<slug:slug>/noi-muc/<str:code>/", managing.managing_link, name="managing_link"),
    path("quan-ly/danh-muc/<slug:slug>/so-sanh/", managing.managing_comparison, name="managing_comparison"),
    path("quan-ly/danh-muc/<slug:slug>/trinh/", managing.managing_propose, name="managing_propose"),
    path("quan-ly/danh-muc/<slug:slug>/tra-lai/", managing.managing_send_back, name="managing_send_back"),
    path("quan-ly/danh-muc/<slug:slug>/cong-bo/", managing.managing_publish, name="managing_publish"),
    path("quan-ly/danh-muc/<slug:slug>/xoa/", managing.managing_delete, name="managing_delete"),
    path("quan-ly/doi-chieu/", learning.evidence_queue, name="evidence_queue"),
    path("quan-ly/doi-chieu/cau-hinh/", learning.candidate_page, name="candidate_page"),
    path("quan-ly/doi-chieu/cau-hinh/<int:evaluation_id>/", learning.evaluation_detail, name="evaluation_detail"),
    path("quan-ly/doi-chieu/ten-goi/", learning.alias_index, name="alias_index"),
    path("quan-ly/doi-chieu/ten-goi/<slug:slug>/<str:code>/", learning.item_aliases, name="item_aliases"),
    path("quan-ly/doi-chieu/ten-goi/<slug:slug>/<str:code>/bo/", learning.alias_retire, name="alias_retire"),
]
