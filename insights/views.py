from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalogs.models import Programme
from insights.indicators import measure


@require_safe
def programme_indicators(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the accepted proposals stand against the programme's indicators."""
    programme = get_object_or_404(Programme.objects.select_related("instrument"), slug=slug)
    return render(
        request, "insights/programme_indicators.html", {"programme": programme, "portfolio": measure(programme)}
    )
