from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "guide.html")


def landing(request: HttpRequest) -> HttpResponse:
    """After signing in: staff go to their queue, applicants to their dossiers."""
    return redirect("queue" if request.user.is_staff_member() else "dossier_list")


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")
