import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('badges', '0005_batches'),
    ]

    operations = [
        migrations.CreateModel(
            name='StatusListVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('body', models.TextField()),
                ('body_sha256', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField()),
                ('status_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='badges.statuslist')),
            ],
            options={
                'ordering': ['status_list', '-number'],
                'constraints': [models.UniqueConstraint(fields=('status_list', 'number'), name='badges_status_version_number')],
            },
        ),
    ]
