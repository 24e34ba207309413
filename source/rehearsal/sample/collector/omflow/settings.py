import os

from django.utils.translation import ugettext_lazy as _

BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

OMFLOW_TYPE = 'collector'
LOCAL_IP = '127.0.0.1'
LOCAL_PORT = '5168'
LOCAL_PROTOCOL = 'http'
SERVER_IP = '127.0.0.1'
SERVER_PORT = '80'
BOOSTER_IP = ''

# Belongs to the sample alone, which never leaves a rehearsal.
SECRET_KEY = 'sample-collector-of-a-rehearsal'
DEBUG = False
ALLOWED_HOSTS = ['*']
CSRF_TRUSTED_ORIGINS = []

INSTALLED_APPS = [
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'omflow.apps.OmflowConfig',
    'ommission',
]

MIDDLEWARE = ['django.middleware.common.CommonMiddleware']

ROOT_URLCONF = 'omflow.urls'

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
TIME_ZONE = 'UTC'
USE_I18N = True
USE_TZ = False

STATIC_URL = '/static/'
