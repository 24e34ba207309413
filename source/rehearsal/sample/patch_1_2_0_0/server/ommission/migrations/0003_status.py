from django.db import migrations, models


def fill_status(apps, schema_editor):
    mission = apps.get_model('ommission', 'Mission')
    mission.objects.filter(closed=True).update(status='closed')
    mission.objects.filter(closed=None).update(status='unknown')


class Migration(migrations.Migration):
    dependencies = [('ommission', '0002_note')]
    operations = [
        migrations.AlterField('mission', 'closed', models.BooleanField(null=True, verbose_name='closed')),
        migrations.AddField('mission', 'status', models.CharField(default='open', max_length=20, verbose_name='status')),
        migrations.RunPython(fill_status, migrations.RunPython.noop),
    ]
