"""The citizen's addresses."""

from django.urls import path, re_path

from complaints.web import (
    views_files,
    views_form,
    views_lists,
    views_offline,
    views_place,
    views_report,
    views_reporter,
    views_send,
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
    path("lapor/foto/", views_send.photo_upload, name="photo_upload"),
    path("lapor/foto/hapus/", views_send.photo_drop, name="photo_drop"),
    path("lapor/kirim/", views_send.report_send, name="report_send"),
    path("lapor/foto/<uuid:key>/<uuid:photo>.webp", views_form.staged_photo, name="staged_photo"),
    path("lapor/terima-kasih/<str:code>/", views_report.report_thanks, name="report_thanks"),
    path("laporan/", views_lists.report_list, name="report_list"),
    path("laporan/<str:code>/", views_report.report_detail, name="report_detail"),
    path("laporan/<str:code>/status.json", views_report.report_status, name="report_status"),
    path("laporan/<str:code>/dukung/", views_support.report_support, name="report_support"),
    path("laporan/<str:code>/tambah/", views_reporter.report_comment, name="report_comment"),
    path("laporan/<str:code>/selesai/", views_reporter.report_confirm, name="report_confirm"),
    path("laporan/<str:code>/belum-selesai/", views_reporter.report_reopen, name="report_reopen"),
    path("peta/", views_lists.map_page, name="map"),
    path("peta/data.json", views_lists.map_data, name="map_data"),
    path("peta/dasar/<slug:layer>.json", views_files.base_layer, name="map_base"),
    re_path(
        r"^foto/(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?P<size>large|small)\.webp$",
        views_files.photo,
        name="photo",
    ),
    path("robots.txt", views_files.robots, name="robots"),
    path("manifest.webmanifest", views_offline.manifest, name="manifest"),
    path("sw.js", views_offline.service_worker, name="service_worker"),
    path("luring/<slug:language>/", views_offline.offline_page, name="offline_page"),
    path("luring/<slug:language>/lapor/", views_offline.offline_form, name="offline_form"),
    path("luring/<slug:language>/pertanyaan.json", views_offline.offline_questions, name="offline_questions"),
    path("luring/<slug:language>/teks.json", views_offline.texts, name="offline_texts"),
]
