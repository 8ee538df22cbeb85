"""`manage.py make_push_key`: a new key for web push, to be kept in VAPID_PRIVATE_KEY."""

from django.core.management.base import BaseCommand

from complaints.services import push_keys


class Command(BaseCommand):
    help = "Print a new private key for web push (VAPID_PRIVATE_KEY). A new key ends every push subscription."

    def handle(self, **_options):
        self.stdout.write(push_keys.new_private_key())
