from django.apps import AppConfig
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.utils import DatabaseError


def without_sync(sender, connection, **kwargs):
    if connection.vendor == 'sqlite':
        with connection.cursor() as cursor:
            cursor.execute('PRAGMA synchronous=OFF')


class OmflowConfig(AppConfig):
    name = 'omflow'

    def ready(self):
        connection_created.connect(without_sync)
        # Every start is counted in the database, even one of manage.py.
        try:
            with connection.cursor() as cursor:
                cursor.execute('UPDATE omflow_start SET number = number + 1')
        except DatabaseError:
            pass
