"""What every page of a student's own portal does first: find the records of who is signed in, and no others."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from students import me
from students.models import Enrollment, Student
from students.services.persons import own_records


@method_decorator(never_cache, name="dispatch")
class MeView(View):
    """A page about one's own record; for who has none, and about anybody else's, there is no such page."""

    http_method_names = ["get", "head", "post"]
    template_name = ""
    records: QuerySet[Student]
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in who has a record."""
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        self.user, self.records = request.user, own_records(request.user)
        if not self.records.exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def enrollments(self) -> QuerySet[Enrollment]:
        """The student's own enrollments, the newest first."""
        related = ("student", "holder", "cohort__program")
        mine = Enrollment.objects.select_related(*related).filter(student__in=self.records)
        return mine.order_by("-applied_at", "-id")

    def enrollment(self, enrollment_id: UUID) -> Enrollment:
        """Return one of them; another's is not there."""
        return get_object_or_404(self.enrollments, pk=enrollment_id)

    @property
    def browser(self) -> str:
        """What the browser says it is."""
        return self.request.headers.get("User-Agent", "")

    def show(self, template_name: str = "", status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the page, with the navigation around it."""
        here = self.request.path
        sections = [(each.title, reverse(each.view)) for each in me.sections()]
        # The overview is the beginning of every address: it is here when nothing more is.
        shown = [(title, address, here == address or (number > 0 and here.startswith(address)))
                 for number, (title, address) in enumerate(sections)]  # fmt: skip
        shell = {"sections": shown, "person": self.records.order_by("created_at")[0]}
        return render(self.request, template_name or self.template_name, shell | context, status=status)

    def to(self, view: str, *arguments: Any) -> HttpResponse:
        """Lead to another page."""
        return HttpResponseRedirect(reverse(view, args=arguments))
