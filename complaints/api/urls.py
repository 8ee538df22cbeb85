"""The API's addresses (namespace `api`); ApiMiddleware makes the slash at the end optional."""

from django.urls import include, path

from complaints.api import (
    views_city,
    views_docs,
    views_places,
    views_reporter,
    views_reports,
    views_similar,
)

v1 = [
    path("reports/", views_reports.Reports.as_view(), name="reports"),
    path("reports/nearby/", views_similar.Nearby.as_view(), name="nearby"),
    path("reports/<str:code>/", views_reports.OneReport.as_view(), name="report"),
    path("reports/<str:code>/photos/", views_reporter.Photos.as_view(), name="photos"),
    path("reports/<str:code>/comments/", views_reporter.Comments.as_view(), name="comments"),
    path("reports/<str:code>/support/", views_reporter.Support.as_view(), name="support"),
    path("reports/<str:code>/feedback/", views_reporter.FeedbackView.as_view(), name="feedback"),
    path("categories/", views_city.Categories.as_view(), name="categories"),
    path("categories/suggest/", views_similar.Suggest.as_view(), name="suggest"),
    path("areas/", views_city.Areas.as_view(), name="areas"),
    path("places/", views_places.Places.as_view(), name="places"),
    path("address/", views_places.Address.as_view(), name="address"),
    path("departments/", views_city.Departments.as_view(), name="departments"),
]
api = [
    path("v1/", include(v1)),
    path("schema/", views_docs.schema, name="schema"),
    path("docs/", views_docs.page, name="docs"),
]
urlpatterns = [path("api/", include((api, "api")))]
