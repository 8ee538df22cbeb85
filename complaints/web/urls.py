"""The citizen's addresses."""

from django.urls import path, re_path

from complaints.web import (
    views_files,
    views_form,
    views_lists,
    views_map,
    views_place,
    views_places,
    views_report,
    views_reporter,
    views_similar,
    views_support,
)

urlpatterns = [
    path("", views_lists.home, name="home"),
    path("lapor/", views_form.report_new, name="report_new"),
    path("lapor/cari-tempat.json", views_place.find_place, name="find_place"),
    path("lapor/alamat.json", views_place.address, name="place_address"),
    path("lapor/pertanyaan/<str:category>/", views_form.questions_fragment, name="report_questions"),
    path("lapor/jenis.json", views_similar.suggest_kinds, name="suggest_kinds"),
    path("lapor/serupa.json", views_similar.similar_reports, name="similar_reports"),
    path("lapor/foto/<uuid:key>/<uuid:photo>.webp", views_form.staged_photo, name="staged_photo"),
    path("lapor/terima-kasih/<str:code>/", views_report.report_thanks, name="report_thanks"),
    path("laporan/", views_lists.report_list, name="report_list"),
    path("laporan/<str:code>/", views_report.report_detail, name="report_detail"),
    path("laporan/<str:code>/status.json", views_report.report_status, name="report_status"),
    path("laporan/<str:code>/dukung/", views_support.report_support, name="report_support"),
    path("laporan/<str:code>/tambah/", views_reporter.report_comment, name="report_comment"),
    path("laporan/<str:code>/selesai/", views_reporter.report_confirm, name="report_confirm"),
    path("laporan/<str:code>/belum-selesai/", views_reporter.report_reopen, name="report_reopen"),
    path("peta/", views_map.map_page, name="map"),
    path("peta/data.json", views_map.map_data, name="map_data"),
    path("peta/laporan.html", views_map.map_cards, name="map_cards"),
    path("peta/laporan/<str:code>.html", views_map.map_card, name="map_card"),
    path("peta/dasar/<slug:layer>.json", views_files.base_layer, name="map_base"),
    path("wilayah/", views_places.area_index, name="area_index"),
    path("wilayah/<str:code>/", views_places.area_page, name="area_page"),
    path("dinas/", views_places.department_index, name="department_index"),
    path("dinas/<str:code>/", views_places.department_page, name="department_page"),
    path("utang/", views_places.debt_register, name="debt_register"),
    path("utang/utang-publik.csv", views_places.debt_csv, name="debt_csv"),
    re_path(
        r"^foto/(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?P<size>large|small)\.webp$",
        views_files.photo,
        name="photo",
    ),
    path("robots.txt", views_files.robots, name="robots"),
    path("manifest.webmanifest", views_files.manifest, name="manifest"),
]
