from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Dispatch")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from complaints.services.outbox import register_sink
        from dispatch.services import handlers, outbox

        register_sink(outbox.enqueue)
        handlers.register_all()
