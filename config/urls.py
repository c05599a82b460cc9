from django.urls import include, path

handler400 = "config.views.bad_request"

urlpatterns = [
    path("", include("config.site_urls")),
    path("tai-khoan/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("catalogs.urls")),
    path("", include("intake.urls")),
    path("", include("documents.urls")),
    path("", include("workflow.urls")),
    path("", include("insights.urls")),
]
