"""words.yaml: what people's own words are read with – words that say nothing, and short forms."""

from django.utils.translation import gettext as _

from city.models import PackRecord
from city.services.pack.fields import Fields
from city.services.pack.files import Block
from city.services.pack.merge import CREATED, UNCHANGED, UPDATED, Merge

FILE = "words.yaml"
RECORD = "words"  # kind and key of the record; `city.snapshot_build` reads it


def validate(pack) -> dict | None:
    """The file may be missing: the search then knows the kinds' own words only."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return None
    fields = Fields(content, pack.mistakes)
    fields.only(("stop_words", "short_forms"))
    return {"stop_words": fields.texts("stop_words"), "short_forms": _short_forms(fields)}


def _short_forms(fields: Fields) -> dict[str, str]:
    block = fields.block.get("short_forms") or Block()
    if not isinstance(block, Block):
        fields.fault("short_forms", "not_mapping", _("This must be a group of `key: value` lines."))
        return {}
    inner = Fields(block, fields.mistakes)
    return {str(key): inner.text(key, required=True, max_length=60) for key in block}


def apply(values: dict | None, merge: Merge) -> None:
    """The values live in a record of their own: nothing else of them is in the database."""
    counts = merge.counter("words")
    known = PackRecord.objects.filter(pack=merge.pack, kind=RECORD, key=RECORD).first()
    if values is None:
        if known is not None:
            known.delete()
            counts[UPDATED] += 1
        return
    if known is not None and known.values == values:
        counts[UNCHANGED] += 1
        return
    PackRecord.objects.update_or_create(pack=merge.pack, kind=RECORD, key=RECORD, defaults={"values": values})
    counts[UPDATED if known else CREATED] += 1
