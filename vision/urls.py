from django.urls import path

from vision import views

urlpatterns = [
    path("d/<slug:district>/vision/", views.vision, name="vision"),
    path("d/<slug:district>/vision/edit/", views.vision_edit, name="vision_edit"),
    path("d/<slug:district>/vision/history/", views.vision_history, name="vision_history"),
    path("d/<slug:district>/vision/themes/new/", views.theme_new, name="theme_new"),
    path("d/<slug:district>/vision/themes/<int:theme>/edit/", views.theme_edit, name="theme_edit"),
    path("d/<slug:district>/vision/themes/<int:theme>/history/", views.theme_history, name="theme_history"),
    path("d/<slug:district>/vision/themes/<int:theme>/move/", views.theme_move, name="theme_move"),
    path("d/<slug:district>/vision/themes/<int:theme>/archive/", views.theme_archive, name="theme_archive"),
    path(
        "d/<slug:district>/vision/themes/<int:theme>/bring-back/",
        views.theme_bring_back,
        name="theme_bring_back",
    ),
]
