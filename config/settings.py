"""Settings come from the environment; `make run` needs none of them. docs/deploy.md lists them all."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# One folder holds everything that the embedded default writes: database, queue, mail, uploads.
VAR_DIR = Path(env.str("HOSO_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

PRODUCTION = env.str("HOSO_ENV", default="development") == "production"
DEBUG = env.bool("HOSO_DEBUG", default=False)
# In demonstration mode each page and each PDF says that it has no legal value.
DEMO_MODE = env.bool("HOSO_DEMO", default=not PRODUCTION)
INSECURE_SECRET_KEY = "insecure-development-key-never-used-in-production"  # noqa: S105
SECRET_KEY = env.str("HOSO_SECRET_KEY", default=INSECURE_SECRET_KEY)
ALLOWED_HOSTS = env.list("HOSO_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
# Printed in QR codes and mails, so it must be the address that the public uses.
SITE_URL = env.str("HOSO_SITE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "config.apps.SiteConfig",
    "audit",
    "accounts",
    "notifications",
    "catalogs",
    "intake",
    "documents",
    "workflow",
    "insights",
    "django_fsm",
    "allauth",
    "allauth.account",
    "csp",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "config.unread.ReadToTheEnd",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "config.templatetags.ui",
            ],
        },
    },
    {
        # For parts of pages: docs/adr/0012.
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "config.jinja2.environment"},
    },
]
FORM_RENDERER = "config.forms.FormRenderer"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'hoso.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock when a transaction starts: two writers then wait instead of failing halfway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "accounts.sessions"
AUTHENTICATION_BACKENDS = ["accounts.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.NotLikeThePerson", "OPTIONS": {"user_attributes": ["full_name", "email"]}},
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.passwords.NotCommon"},
    {"NAME": "accounts.passwords.NotOnlyDigits"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "landing"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Hồ Sơ] "
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "reset_password": "accounts.forms.AskResetForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# Tell the owner when the password was changed.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Per address (ip), per signed-in person (user) or per account that is tried (key). An office shares one address.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = env.bool("HOSO_RATE_LIMITS", default=True) and {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "confirm_email": "1/m/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
}
# The last hops of X-Forwarded-For that are ours: without it all visitors behind the proxy count as one.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("HOSO_PROXIES", default=1 if PRODUCTION else 0)
# The person named in `config.access` decides what each address is open to; nothing else does.
ACCESS_TABLE = "config.access.TABLE"

# --- language ---------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("HOSO_STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
S3_BUCKET = env.str("S3_BUCKET", default="")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.str("S3_ENDPOINT_URL", default=None),
                "default_acl": "private",
                "file_overwrite": False,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}}
    ),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
# Bytes. Uploads stream to disk above this; the limit per file is the procedure's.
FILE_UPLOAD_HANDLERS = [
    "intake.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_MAX_BYTES = env.int("HOSO_UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
# The ClamAV daemon that scans uploads: host:port or the path of its socket; empty: uploads are not scanned.
CLAMD = env.str("HOSO_CLAMD", default="")
SCAN_SECONDS = env.int("HOSO_SCAN_SECONDS", default=60)  # for one file, answer included

# --- tax codes --------------------------------------------------------------------------------
# Who answers for a tax code: a registry with {code} in its address; else a table that is a file; else nobody.
TAX_REGISTRY_URL = env.str("HOSO_TAX_REGISTRY_URL", default="")
TAX_REGISTRY_TOKEN = env.str("HOSO_TAX_REGISTRY_TOKEN", default="")
TAX_REGISTRY_SECONDS = env.int("HOSO_TAX_REGISTRY_SECONDS", default=10)  # a page waits two at most
# Where in the answer a thing stands: thing=key.key, separated by commas.
TAX_REGISTRY_FIELDS: dict[str, str] = {
    thing.strip(): path.strip()
    for thing, _equals, path in (
        part.partition("=")
        for part in env.str(
            "HOSO_TAX_REGISTRY_FIELDS", default="name=name,address=address,status=status,code=tax_code"
        ).split(",")
    )
}
TAX_REGISTRY_ACTIVE = env.list("HOSO_TAX_REGISTRY_ACTIVE", default=["active"])
TAX_TABLE = env.str(
    "HOSO_TAX_TABLE", default=str(BASE_DIR / "accounts" / "data" / "taxpayers.json") if DEMO_MODE else ""
)

# --- messages ---------------------------------------------------------------------------------
# For how many days after a dossier's life ended both sides may still write to each other about it.
MESSAGES_GRACE_DAYS = env.int("HOSO_MESSAGES_GRACE_DAYS", default=30)
MESSAGES_PER_MINUTE = env.int("HOSO_MESSAGES_PER_MINUTE", default=10)

# --- questions outside a dossier ----------------------------------------------------------------
# How often one address of the network may send the form, how much one asker may ask, and how long a visitor has to
# confirm the e-mail address.
ENQUIRIES_PER_MINUTE = env.int("HOSO_ENQUIRIES_PER_MINUTE", default=5)
ENQUIRIES_PER_DAY = env.int("HOSO_ENQUIRIES_PER_DAY", default=10)
ENQUIRIES_CONFIRMED_WITHIN_DAYS = env.int("HOSO_ENQUIRIES_CONFIRMED_WITHIN_DAYS", default=7)

# --- tracking without signing in ---------------------------------------------------------------
# How often one address of the network may ask, and how often one dossier may be asked about.
TRACKINGS_PER_MINUTE = env.int("HOSO_TRACKINGS_PER_MINUTE", default=10)

# --- papers -----------------------------------------------------------------------------------
# How often one address may look up a verification code, and how large a file it may send for comparison.
VERIFY_LOOKUPS_PER_MINUTE = env.int("HOSO_VERIFY_LOOKUPS_PER_MINUTE", default=30)
VERIFY_UPLOAD_MAX_BYTES = env.int("HOSO_VERIFY_UPLOAD_MAX_BYTES", default=5 * 1024 * 1024)

# --- matching ---------------------------------------------------------------------------------
# How often one address may ask, by the public page and the API together.
MATCHINGS_PER_MINUTE = env.int("HOSO_MATCHINGS_PER_MINUTE", default=60)

# --- mail -------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("HOSO_FROM_EMAIL", default="Hồ Sơ <khong-tra-loi@hoso.example>")

# --- tasks ------------------------------------------------------------------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Connections live by Django's rules, see config/celery.py; Celery would open a new one for each task.
CELERY_DB_REUSE_MAX = 1_000_000_000
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
REDIS_BROKER_OPTIONS = {
    "visibility_timeout": 600,
    # A web request that cannot reach Redis gives up at once: the outbox has what it wanted to send.
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = REDIS_BROKER_OPTIONS
else:
    _broker = VAR_DIR / "broker"
    for _folder in ("messages", "processed", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "processed_folder": str(_broker / "processed"),
        "control_folder": str(_broker / "control"),
        "store_processed": False,
        "polling_interval": 0.25,  # seconds
    }
CELERY_BEAT_SCHEDULE: dict[str, dict] = {
    # Whatever a crashed worker or a lost broker message left behind is picked up here.
    "deliver-outbox": {"task": "notifications.tasks.deliver_outbox", "schedule": 30.0},
    "take-up-jobs": {"task": "notifications.tasks.take_up_jobs", "schedule": 30.0},
    "scan-waiting-files": {"task": "intake.tasks.scan_waiting_files", "schedule": 60.0},
    "enlist-unscanned-files": {"task": "intake.tasks.enlist_unscanned_files", "schedule": 600.0},
    "render-pending-documents": {"task": "documents.tasks.render_pending", "schedule": 60.0},
    "forget-unconfirmed-enquiries": {"task": "catalogs.tasks.forget_unconfirmed_enquiries", "schedule": 3600.0},
    "check-waiting-tax-codes": {"task": "accounts.tasks.check_waiting_tax_codes", "schedule": 60.0},
    "watch-deadlines": {"task": "workflow.tasks.watch_deadlines", "schedule": 300.0},
}

# --- the office -------------------------------------------------------------------------------
# Code of the agency in a dossier's code: the rule that assigns it is still to be issued, so it is a setting.
AGENCY_CODE = env.str("HOSO_AGENCY_CODE", default="G06")
OFFICE = {
    "parent": env.str("HOSO_OFFICE_PARENT", default="Bộ Khoa học và Công nghệ"),
    "name": env.str("HOSO_OFFICE_NAME", default="Cục Công nghiệp công nghệ thông tin"),
    "symbol": env.str("HOSO_OFFICE_SYMBOL", default="CNCNTT"),
    "place": env.str("HOSO_OFFICE_PLACE", default="Hà Nội"),
    "head_title": env.str("HOSO_OFFICE_HEAD_TITLE", default="Cục trưởng"),
    "phone": env.str("HOSO_OFFICE_PHONE", default=""),
    "email": env.str("HOSO_OFFICE_EMAIL", default=""),
}

# --- safety -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("HOSO_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("HOSO_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Being built into browsers is for the owner of the domain to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("HOSO_LOG_LEVEL", default="INFO")},
    # They tell of each step of each PDF.
    "loggers": {name: {"level": "ERROR"} for name in ("weasyprint", "pikepdf", "fontTools")},
}
