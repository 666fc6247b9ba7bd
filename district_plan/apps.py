from django.apps import AppConfig


class DistrictPlanConfig(AppConfig):
    name = "district_plan"
    verbose_name = "District Plan"

    def ready(self) -> None:
        # The Celery application must exist in every process: without it a shared task that the web process
        # sends would go to Celery's default broker.
        from district_plan import celery, checks  # noqa: F401
