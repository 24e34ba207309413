from django.db import models
from django.utils.translation import gettext_lazy as _


class Flow(models.Model):
    name = models.CharField(_('name'), max_length=200)
    folder = models.CharField(max_length=32)
    active = models.BooleanField(_('active'), null=True)
