"""Pages that only administrators see: they hold keys of other systems, or say where data goes."""

from city import roles
from dispatch.services import casework


class AdminOnly:
    """Mix-in of a ModelAdmin. Goes by role, not by permissions: the complaints desk may view whatever else
    the dispatch room keeps."""

    @staticmethod
    def _is_admin(request) -> bool:
        return casework.role_of(request.user) == roles.ADMIN

    def has_module_permission(self, request):
        return self._is_admin(request)

    def has_view_permission(self, request, obj=None):
        return self._is_admin(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request):
        return self._is_admin(request) and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return self._is_admin(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._is_admin(request) and super().has_delete_permission(request, obj)
