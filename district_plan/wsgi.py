"""The web application. It does not serve with settings that the system checks refuse."""

import io
import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "district_plan.settings")

application = get_wsgi_application()
call_command("check", stdout=io.StringIO())
