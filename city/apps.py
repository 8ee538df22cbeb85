from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

_ROOMS = frozenset({"city", "complaints", "dispatch", "admin"})


class CityConfig(AppConfig):
    name = "city"
    verbose_name = _("City")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from city.services import refers

        refers.register()
        post_migrate.connect(_sync_groups, dispatch_uid="city.sync_groups")


def _sync_groups(sender, using="default", plan=(), **kwargs):
    """The groups of the roles follow every migration: a new model brings new permissions.

    Django's own receiver, connected earlier, has made the sender's permissions by now.
    """
    if sender.label not in _ROOMS or using != "default":
        return
    from city.services import staff

    staff.sync_groups()
