"""Brings a settings.py to Django 4.2, keeping what the administrator set. May be run again."""
import re
import sys

path = sys.argv[1]
with open(path, encoding='utf-8', newline='') as file:
    text = file.read()

text = text.replace('ugettext_lazy', 'gettext_lazy')
protocol = re.search(r"^LOCAL_PROTOCOL = '(\w+)'", text, re.M).group(1)


def with_scheme(match):
    origins = re.findall(r"'([^']*)'", match.group(0))
    full = [origin if '://' in origin else '%s://%s' % (protocol, origin) for origin in origins]
    return 'CSRF_TRUSTED_ORIGINS = %r' % full


text = re.sub(r'^CSRF_TRUSTED_ORIGINS = \[[^\]]*\]', with_scheme, text, flags=re.M)
if 'DEFAULT_AUTO_FIELD' not in text:
    text += "\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n"

with open(path, 'w', encoding='utf-8', newline='') as file:
    file.write(text)
