from django.db import models
from django.utils.translation import gettext_lazy as _


class Mission(models.Model):
    title = models.CharField(_('title'), max_length=200)
    content = models.TextField(_('content'))
    closed = models.BooleanField(_('closed'), null=True)
    note = models.CharField(_('note'), max_length=200, default='')
    status = models.CharField(_('status'), max_length=20, default='open')
