"""The one settings file; what differs between places comes from the environment, read strictly."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from techvet import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).absolute()

PORTAL_ENV = env.choice("PORTAL_ENV", env.ENVIRONMENTS, "development")
PRODUCTION = PORTAL_ENV == "production"
DEVELOPMENT = PORTAL_ENV == "development"
DEBUG = False  # tracebacks never reach a page, in no environment

PORT = env.number("PORT", 8000)
PORTAL_ORIGIN = env.origin(
    "PORTAL_ORIGIN", env.text("PORTAL_ORIGIN") if PRODUCTION else f"http://127.0.0.1:{PORT}"
)
PORTAL_HOST = urlsplit(PORTAL_ORIGIN).hostname or ""
SECURE = PORTAL_ORIGIN.startswith("https://")
SECRET_KEY = env.secret("SECRET_KEY", None if PRODUCTION else "only-for-development-" + "x" * 40)
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters.")
# Wraps the signing keys; given to workers only, so that web processes cannot sign.
MASTER_KEY = env.secret("MASTER_KEY", "")
# Keys in use for a year: "rotate" them by the sweeper, or only "warn" in its log.
KEY_ROTATION = env.choice("KEY_ROTATION", ("warn", "rotate"), "warn")
# Of credentials as tokens, beside their proof; the validators of 1EdTech ask for RS256.
JWT_ALGORITHM = env.choice("JWT_ALGORITHM", ("RS256", "ES256"), "RS256")
# Names the suspension list beside the revocation list; strict Open Badges readers take one only.
SUSPENSION_ENTRY = env.flag("SUSPENSION_ENTRY")

# Failpoints let tests kill a worker at a named step; they do nothing unless switched on.
TESTING_FAILPOINTS = env.flag("TESTING_FAILPOINTS")
FAILPOINT = env.text("FAILPOINT", "")

# The Host header only has to be one of these; links and ids come from PORTAL_ORIGIN.
ALLOWED_HOSTS = [PORTAL_HOST, "127.0.0.1", "localhost"]
if PORTAL_ENV == "test":
    ALLOWED_HOSTS.append("testserver")

INSTALLED_APPS = [
    "techvet",
    "partners",
    "materials",
    "guidance",
    "badges",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "allauth.mfa",
    "django_htmx",
    "rest_framework",
]

MIDDLEWARE = [
    "techvet.requestlog.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Outside what may answer by itself: a wrong host, a missing slash.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "techvet.middleware.PrivateByDefaultMiddleware",
    "techvet.middleware.MachineDocumentMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "techvet.middleware.ActorMiddleware",
    "techvet.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "techvet.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "techvet.urls"
WSGI_APPLICATION = "techvet.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "techvet.context.portal",
            ],
            "builtins": ["django.templatetags.i18n", "techvet.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ---------------------------------------------------------------- storage
DATABASES = {
    "default": dj_database_url.parse(
        env.secret("DATABASE_URL", None if PRODUCTION else "postgresql://portal@127.0.0.1/portal"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DATABASES["default"].setdefault("OPTIONS", {})
# A page that waits longer than this for the database is better told so than kept waiting.
DATABASES["default"]["OPTIONS"]["options"] = "-c statement_timeout=15000 -c lock_timeout=5000"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits live in PostgreSQL: sign-in must not depend on the queue's server.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
    }
}
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "media")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_BYTES = 10 * 1024 * 1024

# ---------------------------------------------------------------- queue
REDIS_URL = env.secret("REDIS_URL", None if PRODUCTION else "redis://127.0.0.1:6379/0")

# ---------------------------------------------------------------- people and sign-in
AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "techvet.accounts.PortalAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
# A school is often behind one address: two classes may sign in within a minute.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,8/300s/key"}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "partners.forms.sign_in.LoginForm",
    "add_email": "partners.forms.sign_in.AddEmailForm",
    "change_password": "partners.forms.sign_in.ChangePasswordForm",
    "set_password": "partners.forms.sign_in.SetPasswordForm",
    "reset_password": "partners.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "partners.forms.sign_in.ResetPasswordKeyForm",
    "reauthenticate": "partners.forms.sign_in.ReauthenticateForm",
    "request_login_code": "partners.forms.sign_in.RequestLoginCodeForm",
    "confirm_login_code": "partners.forms.sign_in.ConfirmLoginCodeForm",
}
MFA_FORMS = {
    "authenticate": "partners.forms.sign_in.SecondFactorForm",
    "reauthenticate": "partners.forms.sign_in.SecondFactorAgainForm",
    "activate_totp": "partners.forms.sign_in.ActivateTOTPForm",
    "add_webauthn": "partners.forms.sign_in.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "NextSteps@TechVET"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
# ---------------------------------------------------------------- programs that act for people
# The OAuth server of the Open Badges API 3.0; programs register themselves (RFC 7591).
IDP_OIDC_ADAPTER = "badges.api.openbadges.adapter.OpenBadgesAdapter"
IDP_OIDC_DCR_ENABLED = True
IDP_OIDC_DCR_REQUIRES_INITIAL_ACCESS_TOKEN = False
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 60 * 60 * 24 * 90
IDP_OIDC_RATE_LIMITS = {"client_registration": "20/h/ip"}

TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# ---------------------------------------------------------------- messages
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"NextSteps <no-reply@{PORTAL_HOST}>")
CONTACT_EMAIL = env.text("CONTACT_EMAIL", f"portal@{PORTAL_HOST}")
SMS_BACKEND = env.text("SMS_BACKEND", "partners.sms.ConsoleSms")

# ---------------------------------------------------------------- language and time
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fi", _("Finnish")),
    ("lv", _("Latvian")),
    ("et", _("Estonian")),
    ("nl", _("Dutch")),
]
LOCALE_PATHS = [BASE_DIR / "techvet" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Europe/Helsinki"
USE_I18N = True
USE_TZ = True

# ---------------------------------------------------------------- browsers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SILENCED_SYSTEM_CHECKS = [
    # The reverse proxy redirects to https; doing it here as well would break its health checks.
    "security.W008",
    # E-mail addresses are unique whatever their case: a constraint on Lower("email").
    "auth.W004",
]
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PORTAL_ORIGIN]
CSRF_FAILURE_VIEW = "techvet.views.csrf_failed"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["techvet.parsers.ShallowJSONParser"],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO" if PORTAL_ENV != "test" else "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "httpx": {"level": "WARNING"},
    },
}
