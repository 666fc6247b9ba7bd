from django.urls import path

from reports.views import dashboard, reports, sample

urlpatterns = [
    path("d/<slug:district>/", dashboard.dashboard, name="dashboard"),
    path("d/<slug:district>/settings/remove-sample/", sample.remove, name="sample_remove"),
    path("running/sample/", sample.remove_as_staff, name="sample_remove_as_staff"),
    path("d/<slug:district>/changes/", dashboard.changes, name="changes"),
    path("d/<slug:district>/reports/", reports.report_list, name="reports"),
    path("d/<slug:district>/reports/new/", reports.report_new, name="report_new"),
    path("d/<slug:district>/reports/<int:report>/", reports.report_page, name="report"),
    path("d/<slug:district>/reports/<int:report>/retry/", reports.report_retry, name="report_retry"),
    path("d/<slug:district>/reports/<int:report>/web/", reports.report_web, name="report_web"),
    path("d/<slug:district>/reports/<int:report>/pdf/", reports.report_pdf, name="report_pdf"),
]
