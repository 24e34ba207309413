from django.db import models
from django.utils.translation import ugettext_lazy as _


class Flow(models.Model):
    name = models.CharField(_('name'), max_length=200)
    folder = models.CharField(max_length=32)
    active = models.NullBooleanField(_('active'))
