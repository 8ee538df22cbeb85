"""E-mail: the whole story with one-tap links, in text and HTML alike."""

import re
import smtplib

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from dispatch.services.channels.base import Message, PermanentError, TemporaryError

_MANY_BREAKS = re.compile(r"\n{3,}")


class EmailChannel:
    """Through Django's mail backend (EMAIL_URL); EMAIL_TIMEOUT is its time limit."""

    def send(self, address: str, keys: dict[str, str], message: Message) -> str:
        mail = self.mail(address, message)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as exc:
            # Codes below 500 ask to come back later (RFC 5321, 4.2.1): servers that keep strangers waiting
            # at first (greylisting) answer so.
            if all(code >= 500 for code, _text in exc.recipients.values()):
                raise PermanentError(f"{exc.__class__.__name__}: {exc}") from None
            raise TemporaryError(f"{exc.__class__.__name__}: {exc}") from None
        except UnicodeError as exc:
            raise PermanentError(f"{exc.__class__.__name__}: {exc}") from None
        except (smtplib.SMTPException, OSError) as exc:
            raise TemporaryError(f"{exc.__class__.__name__}: {exc}") from None
        return message.message_id

    def mail(self, address: str, message: Message) -> EmailMultiAlternatives:
        headers = {"Auto-Submitted": "auto-generated"}  # so that out-of-office replies stay away (RFC 3834)
        if message.message_id:
            headers["Message-ID"] = message.message_id
        if message.unsubscribe_url:  # the mail program's own "unsubscribe" (RFC 2369, RFC 8058)
            headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        with translation.override(message.language):
            text = render_to_string(f"dispatch/mail/{message.kind}.txt", message.context)
            html = render_to_string(f"dispatch/mail/{message.kind}.html", message.context)
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=_MANY_BREAKS.sub("\n\n", text).strip() + "\n",
            to=[address],
            headers=headers,
        )
        mail.attach_alternative(html, "text/html")
        return mail
