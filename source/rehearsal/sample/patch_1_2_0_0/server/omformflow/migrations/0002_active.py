from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('omformflow', '0001_initial')]
    operations = [
        migrations.AlterField('flow', 'active', models.BooleanField(null=True, verbose_name='active')),
    ]
