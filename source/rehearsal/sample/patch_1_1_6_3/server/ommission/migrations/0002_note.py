from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('ommission', '0001_initial')]
    operations = [
        migrations.AddField('mission', 'note', models.CharField(default='', max_length=200, verbose_name='note')),
    ]
