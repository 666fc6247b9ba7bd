"""Settings, all of them from the environment, each with a type.

A value that cannot be understood stops the start with one line that names it (see `district_plan/env.py`).
Names that others rely on: DATABASE_URL, CELERY_BROKER_URL, SECRET_KEY, ALLOWED_HOSTS, EMAIL_URL,
SITE_URL, SAMPLE_SIGN_IN, DEBUG. `.env.example` lists every one with its default.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from district_plan import logs
from district_plan.env import read_environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = read_environment(BASE_DIR)

VAR_DIR = ENV.var_dir
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
SECRET_KEY_IS_GENERATED = ENV.secret_key_is_generated
ALLOWED_HOSTS = ENV.allowed_hosts
SITE_URL = ENV.site_url
SAMPLE_SIGN_IN = ENV.sample_sign_in
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "reports",
    "milestones",
    "vision",
    "stakeholders",
    "district_plan",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_htmx",
    "simple_history",
    "csp",
]

MIDDLEWARE = [
    "district_plan.logs.one_line_a_request",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "stakeholders.coming_in.sessions.LastSeen",
]

ROOT_URLCONF = "district_plan.urls"
WSGI_APPLICATION = "district_plan.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stakeholders.context.site",
            ],
            "builtins": ["stakeholders.templatetags.parts"],
        },
    },
]

# --- database: the truth ----------------------------------------------------------------------
DATABASES = {"default": ENV.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, so that all web processes know it, and without a server that may be away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "stakeholders_kept",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- who --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "stakeholders.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # NIST 800-63B-4: fifteen where the password is the only factor
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_request_login_code"
ACCOUNT_ADAPTER = "stakeholders.coming_in.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# Sign-up is closed; without the second field there is no password sign-in.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = (
    False  # stakeholders/coming_in/delays.py does that, for all web processes together
)
SIGN_IN_PROVIDERS = ENV.providers
PROXIES = ENV.proxies
SOCIALACCOUNT_ADAPTER = "stakeholders.coming_in.providers.ProviderAdapter"
SOCIALACCOUNT_ONLY = SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "stakeholders.coming_in.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {"authenticate": "stakeholders.coming_in.second_factor.SecondStepForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "District Plan"
MFA_TOTP_TOLERANCE = 1
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())

# --- web --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SECURE_SSL_REDIRECT = ENV.ssl_redirect
    SECURE_REDIRECT_EXEMPT = [r"^healthz(/jobs)?$"]  # asked from inside, where there is no https
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"

# --- words and days ---------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"  # a day is a district's own: District.today(now)
USE_I18N = True
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- mail -------------------------------------------------------------------------------------
vars().update(ENV.email)
DEFAULT_FROM_EMAIL = ENV.from_email
SERVER_EMAIL = ENV.from_email

# --- work that happens later ------------------------------------------------------------------
CELERY_BROKER_URL = ENV.broker_url
CELERY_BROKER_TRANSPORT = ENV.broker_transport
CELERY_BROKER_TRANSPORT_OPTIONS = ENV.broker_transport_options
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away for a night is waited for
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # a lease and a counter in the row do that job
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # what runs has its lease and may end
# The longest task is a render: 120 s in its child process, under a lease of 180 s.
CELERY_TASK_SOFT_TIME_LIMIT = 150
CELERY_TASK_TIME_LIMIT = 170
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_BEAT_SCHEDULER = "district_plan.celery:Scheduler"
HEALTH_TOKEN = ENV.health_token
BEAT_ALIVE_FILE = VAR_DIR / "beat-alive"  # touched by beat whenever it has sent something
# A line a job. The sweep finds every row that is due; nothing depends on a message arriving. When it has come to
# its end it keeps a Heartbeat of the name that it has here, for `manage.py jobs_alive`.
CELERY_BEAT_SCHEDULE = {
    # First, and kept for longer: it tells how long what is sent waits behind other work.
    "canary": {"task": "stakeholders.tasks.canary", "schedule": 60.0, "options": {"expires": 170}},
    "notices": {"task": "stakeholders.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "slips": {"task": "milestones.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "reports": {"task": "reports.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
}

LOG_FORMAT = ENV.log_format
LOGGING = logs.configuration(LOG_FORMAT)
