"""The project's own app, and the staff admin in place of Django's."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class FirmSiteConfig(AppConfig):
    name = "firm_site"
    verbose_name = "The firm"

    def ready(self) -> None:
        from firm_site import checks, deploy_checks, owner, roles  # noqa: F401 (checks register themselves)

        post_migrate.connect(roles.write_groups, sender=self)
        post_migrate.connect(owner.grant_to_the_site, sender=self)


class StaffAdminConfig(AdminConfig):
    default_site = "firm_site.admin_site.StaffSite"
