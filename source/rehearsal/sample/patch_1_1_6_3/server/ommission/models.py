from django.db import models
from django.utils.translation import ugettext_lazy as _


class Mission(models.Model):
    title = models.CharField(_('title'), max_length=200)
    content = models.TextField(_('content'))
    closed = models.NullBooleanField(_('closed'))
    note = models.CharField(_('note'), max_length=200, default='')
