from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Dispatch")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from city.services.load import register_section
        from complaints.services.elsewhere import register_teller
        from complaints.services.outbox import register_sink
        from complaints.services.suggestions import register_improver
        from dispatch.services import (
            handlers,
            learning,
            outbox,
            pack_incidents,
            pack_ladder,
            pack_levels,
            pack_replies,
            pack_rules,
            referrals,
            refers,
        )

        register_sink(outbox.enqueue)
        register_teller(referrals.elsewhere)
        register_improver(learning.improve)
        handlers.register_all()
        refers.register()
        register_section("routing", pack_rules.validate, pack_rules.apply)
        register_section("service_levels", pack_levels.validate, pack_levels.apply)
        register_section("incidents", pack_incidents.validate, pack_incidents.apply)
        register_section("reply_templates", pack_replies.validate, pack_replies.apply)
        register_section("escalation", pack_ladder.validate, pack_ladder.apply)
