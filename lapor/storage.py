"""Static files whose names carry a hash of their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports between ES modules: after an upgrade no page mixes old and new scripts."""

    support_js_module_import_aggregation = True
