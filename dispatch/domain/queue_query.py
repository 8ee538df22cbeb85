"""Which part of the queue's address may be kept: known parameters only, so that a saved filter stays one."""

from urllib.parse import parse_qsl, urlencode

# In the order in which they stand in an address that we write. The page number is no part of a view.
PARAMETERS = (
    *("q", "status", "tenggat", "kategori", "tingkat", "wilayah", "dinas", "penangan", "tanda", "kanal"),
    *("foto", "insiden", "nilai", "label", "urut"),
)
# Names of orders; empty is the nearest promise.
SEVEREST = "tingkat"
ORDERS = ("", "terbaru", "terlama", SEVEREST, "perubahan")
EVERYTHING_OPEN = "status=open"
_VALUE_MAX_CHARS, _QUERY_MAX_CHARS = 200, 5_000


def clean(query: str) -> str:
    """The known parameters of an address's query, each once, with a value; never empty.

    The same view always gives the same text. Unknown values of known parameters stay: the list ignores them.
    """
    pairs = parse_qsl(query.removeprefix("?")[:_QUERY_MAX_CHARS])
    given = {name: value.strip()[:_VALUE_MAX_CHARS] for name, value in pairs}
    kept = [(name, given[name]) for name in PARAMETERS if given.get(name)]
    without_default = [pair for pair in kept if pair != ("status", "open")]
    return urlencode(without_default) or EVERYTHING_OPEN
