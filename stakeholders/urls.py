"""Coming in, one's own page, help. The names of the sign-in pages are allauth's, which looks them up by name."""

from django.urls import path

from stakeholders.views import appointing, district_settings, home, invitation, people, rights, sign_in
from stakeholders.views.first_sign_in import first_sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", home.account, name="account"),
    path("account/password/", home.password, name="account_password"),
    path("help/", home.help_page, name="help"),
    path("sign-in/", sign_in.ask_for_code, name="account_request_login_code"),
    path("sign-in/code/", sign_in.enter_code, name="account_confirm_login_code"),
    path("sign-in/password/", sign_in.with_password, name="account_login"),
    path("sign-in/inactive/", sign_in.inactive, name="account_inactive"),
    path("sign-up/", sign_in.no_sign_up, name="account_signup"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("first-sign-in/", first_sign_in, name="first_sign_in"),
    path("invitations/<str:key>/", invitation.invitation, name="invitation"),
    path("join/<int:invitation>/", invitation.join, name="join"),
    path("look-around/<slug:who>/", sign_in.look_around, name="look_around"),
    path("d/<slug:district>/people/", people.people, name="people"),
    path("d/<slug:district>/rights/", rights.rights, name="rights"),
    path("d/<slug:district>/settings/", district_settings.settings_page, name="settings"),
    path("d/<slug:district>/settings/edit/", district_settings.settings_edit, name="settings_edit"),
    path("d/<slug:district>/settings/history/", district_settings.settings_history, name="settings_history"),
    path("d/<slug:district>/roles/areas/", appointing.areas, name="areas"),
    path("d/<slug:district>/roles/<int:role>/appoint/", appointing.appoint, name="appoint"),
    path("d/<slug:district>/appointments/<int:appointment>/", appointing.appointment, name="appointment"),
]
