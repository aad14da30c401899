"""The platforms every center starts with."""

from django.db import migrations

PLATFORMS = [
    ("common", "공통", "All devices"),
    ("android", "안드로이드", "Android"),
    ("android-onestore", "안드로이드(원스토어)", "Android (ONE store)"),
    ("ios", "iOS", "iOS"),
    ("windows", "Windows", "Windows"),
    ("mac", "Mac", "Mac"),
]


def add_platforms(apps, schema_editor):
    platform = apps.get_model("kb", "Platform")
    for order, (slug, name, name_en) in enumerate(PLATFORMS):
        platform.objects.get_or_create(slug=slug, defaults={"name": name, "name_en": name_en, "order": order})


class Migration(migrations.Migration):
    dependencies = [("kb", "0001_initial")]
    operations = [migrations.RunPython(add_platforms, migrations.RunPython.noop)]
