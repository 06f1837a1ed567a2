"""Who may do what: one table, written into Django's groups after each migration.

A person has one group. What no line here says, nobody may do; there are no superusers.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions

DESK = "desk"
MANAGERS = "managers"
PARTNERS = "partners"

_WORK = {
    "callbacks.view_callbackrequest",
    "callbacks.work_callbackrequest",
    "callbacks.enter_callbackrequest",
}

ROLES: dict[str, set[str]] = {
    DESK: _WORK,
    MANAGERS: _WORK
    | {
        "callbacks.take_over_callbackrequest",
        "callbacks.report_callbackrequest",
        "callbacks.export_callbackrequest",
        "callbacks.erase_callbackrequest",
        "callbacks.view_openinghours",
        "callbacks.add_openinghours",
        "callbacks.change_openinghours",
        "callbacks.delete_openinghours",
        "callbacks.view_specialday",
        "callbacks.add_specialday",
        "callbacks.change_specialday",
        "callbacks.delete_specialday",
        "callbacks.view_deskcapacity",
        "callbacks.change_deskcapacity",
        "callbacks.view_datacomplaint",
        "callbacks.change_datacomplaint",
        "callbacks.view_retentionperiods",
        "callbacks.change_retentionperiods",
        "firm_site.view_user",
        "firm_site.add_user",
        "firm_site.change_user",
    },
    # Of requests, partners see those that wait for them: an open resemblance, or with a solicitor.
    PARTNERS: {
        "callbacks.view_callbackrequest",
        "callbacks.work_callbackrequest",
        "callbacks.clear_conflict_callbackrequest",
        "callbacks.decide_callbackrequest",
        "callbacks.view_party",
        "callbacks.add_party",
        "callbacks.change_party",
        "callbacks.delete_party",
        "callbacks.view_callscript",
        "callbacks.add_callscript",
        "callbacks.change_callscript",
        "callbacks.delete_callscript",
        "callbacks.view_messagetexts",
        "callbacks.change_messagetexts",
        "firm_site.view_firmdetails",
        "firm_site.change_firmdetails",
        "pages.view_page",
        "pages.add_page",
        "pages.change_page",
        "pages.publish_page",
        "pages.view_picture",
        "pages.add_picture",
        "pages.change_picture",
        "pages.delete_picture",
    },
}


def write_groups(*, using: str, **kwargs: Any) -> None:
    """Make the groups say exactly what ROLES says (a `post_migrate` receiver)."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for label in ("firm_site", "pages", "callbacks"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    ids = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, permissions in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([ids[permission] for permission in permissions])
