"""Codes to scan, as SVG in the page: nothing is fetched and nothing needs a style attribute."""

import segno
from django.utils.html import format_html
from django.utils.safestring import mark_safe


def code(address: str) -> segno.QRCode:
    """Error correction M: readable with a seventh of it dirty or torn, as on a lamp post."""
    return segno.make(address, error="m", micro=False, boost_error=False)


def svg(address: str, label: str) -> str:
    """The code with its quiet zone; it takes the size its container gives it."""
    drawn = code(address).svg_inline(svgclass="qr-svg", lineclass=None, omitsize=True)
    return format_html(
        '<span class="qr" role="img" aria-label="{}" data-qr="{}">{}</span>',
        label,
        address,
        mark_safe(drawn.replace("<svg ", '<svg aria-hidden="true" ', 1)),  # noqa: S308 - segno's own drawing of an address of ours
    )
