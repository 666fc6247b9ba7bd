from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('milestones', '0003_measure_history'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='milestone',
            name='milestone_open_due',
        ),
        migrations.RemoveIndex(
            model_name='slip',
            name='slip_of_milestone',
        ),
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(condition=models.Q(('archived_on__isnull', True), ('done_on__isnull', True), ('dropped_on__isnull', True)), fields=['district', 'due'], name='milestone_open_due'),
        ),
        migrations.AddIndex(
            model_name='slip',
            index=models.Index(condition=models.Q(('closed_on__isnull', False)), fields=['ended', 'district'], name='slip_ended'),
        ),
    ]
