from django.db import models


class Start(models.Model):
    number = models.IntegerField(default=0)
