import os

from django.utils.translation import ugettext_lazy as _

BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

OMFLOW_TYPE = 'server'
LOCAL_IP = '127.0.0.1'
LOCAL_PORT = '80'
LOCAL_PROTOCOL = 'http'
SERVER_IP = ''
SERVER_PORT = ''
BOOSTER_IP = ''

# Belongs to the sample server alone, which never leaves a rehearsal.
SECRET_KEY = 'sample-server-of-a-rehearsal'
DEBUG = False
ALLOWED_HOSTS = ['*']
CSRF_TRUSTED_ORIGINS = ['omflow.example.com']

INSTALLED_APPS = [
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
    'omflow.apps.OmflowConfig',
    'omformflow',
    'ommission',
]

MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.locale.LocaleMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
]

ROOT_URLCONF = 'omflow.urls'
WSGI_APPLICATION = 'omflow.wsgi.application'

TEMPLATES = [
    {
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'DIRS': [os.path.join(BASE_DIR, 'templates')],
        'APP_DIRS': True,
        'OPTIONS': {'context_processors': ['django.template.context_processors.request']},
    },
]

DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(BASE_DIR, 'db.omflow'), 'USER': '', 'PASSWORD': '', 'HOST': '', 'PORT': '', "OPTSIONS": {}}}

LANGUAGE_CODE = 'en'
LANGUAGES = [
    ('en', _('English')),
    ('ja', _('Japanese')),
    ('zh-hant', _('Traditional Chinese')),
]
LOCALE_PATHS = [os.path.join(BASE_DIR, 'locale')]
TIME_ZONE = 'UTC'
USE_I18N = True
USE_TZ = False

STATIC_URL = '/static/'
STATIC_ROOT = os.path.join(BASE_DIR, 'staticfiles')
STATICFILES_DIRS = [os.path.join(BASE_DIR, 'static')]
MEDIA_ROOT = os.path.join(BASE_DIR, 'uploads')
