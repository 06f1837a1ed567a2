from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0003_a_time_that_holds")]

    operations = [UnaccentExtension()]
