"""Accounts, roles and their groups; keys of programmes."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.urls import reverse

from city import roles
from city.models import Department, User
from city.services import staff as staff_service
from complaints.models import ApiClient
from complaints.services import api_clients

PASSWORD = "kuda-laut-biru-7"


def create(*args) -> str:
    out = io.StringIO()
    call_command("create_staff", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestCommand:
    def test_a_given_password_is_not_printed(self):
        assert PASSWORD not in create(
            "budi", "--role", "handler", "--department", "DPU", "--password", PASSWORD
        )
        user = User.objects.get(username="budi")
        assert (user.role, user.department.code, user.is_staff) == ("handler", "DPU", True)
        assert user.is_superuser is False
        assert user.check_password(PASSWORD)
        assert [group.name for group in user.groups.all()] == ["handler"]

    def test_a_made_password_is_printed_once_and_works(self):
        printed = create("sari", "--role", "p3m").split("password: ")[1].strip()
        assert len(printed) == 14
        assert User.objects.get(username="sari").check_password(printed)

    @pytest.mark.parametrize("role", sorted(roles.NEED_DEPARTMENT))
    def test_these_roles_need_a_department(self, role):
        with pytest.raises(CommandError, match="DPU"):
            create("budi", "--role", role)
        assert not User.objects.filter(username="budi").exists()

    def test_an_unknown_department_names_the_known_ones(self):
        with pytest.raises(CommandError, match="BBWS"):
            create("budi", "--role", "handler", "--department", "PUPR")

    def test_an_unknown_role_names_the_known_ones(self):
        with pytest.raises(CommandError, match="duty_officer"):
            create("budi", "--role", "mayor")

    def test_a_department_may_be_written_in_small_letters(self):
        create("budi", "--role", "handler", "--department", "dpu")
        assert User.objects.get(username="budi").department.code == "DPU"

    @pytest.mark.parametrize("weak", ["12345678", "password", "budi"])
    def test_a_weak_password_is_refused(self, weak):
        with pytest.raises(CommandError):
            create("budi", "--role", "p3m", "--password", weak)
        assert not User.objects.filter(username="budi").exists()

    def test_an_existing_account_changes_only_with_update(self):
        create("budi", "--role", "handler", "--department", "DPU", "--password", PASSWORD)
        with pytest.raises(CommandError, match="--update"):
            create("budi", "--role", "p3m")
        assert User.objects.get(username="budi").role == "handler"
        for _again in range(2):
            assert "password" not in create("budi", "--role", "p3m", "--update")
        user = User.objects.get(username="budi")
        assert (user.role, user.department) == ("p3m", None)
        assert user.check_password(PASSWORD)
        assert [group.name for group in user.groups.all()] == ["p3m"]


@pytest.mark.django_db
class TestGroups:
    def test_every_role_is_a_group(self):
        assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)

    def test_a_permission_given_by_hand_is_taken_back(self, staff):
        group = Group.objects.get(name="viewer")
        group.permissions.set(Group.objects.get(name="admin").permissions.all())
        staff_service.sync_groups()
        assert [permission.codename for permission in group.permissions.all()] == ["view_report"]

    @pytest.mark.parametrize("role", roles.ROLES)
    def test_nobody_may_delete_reports_or_touch_the_timeline(self, role, staff):
        user = staff(role, "DPU")
        for codename in ("delete_report", "change_event", "add_event", "delete_event", "change_reporter"):
            assert not user.has_perm(f"complaints.{codename}")

    @pytest.mark.parametrize("role", sorted(set(roles.ROLES) - {"admin"}))
    def test_only_administrators_manage_people_and_keys(self, role, staff, browser):
        signed_in = browser(staff(role, "DPU"))
        for name in ("city_user", "complaints_apiclient"):
            assert signed_in.get(reverse(f"admin:{name}_changelist")).status_code == 403
        assert signed_in.get(reverse("admin:city_user_add")).status_code == 403


def staff_form(**changes) -> dict:
    return {
        "username": "tuti",
        "role": "handler",
        "department": str(Department.objects.get(code="DPU").pk),
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **changes,
    }


class TestStaffPages:
    def test_adding_somebody(self, staff, browser):
        response = browser(staff("admin")).post(reverse("admin:city_user_add"), staff_form())
        assert response.status_code == 302
        user = User.objects.get(username="tuti")
        assert (user.is_staff, user.is_superuser, user.role) == (True, False, "handler")
        assert user.has_perm("complaints.change_report")

    @pytest.mark.parametrize("changes", [{"role": ""}, {"department": ""}])
    def test_a_role_and_its_department_are_needed(self, changes, staff, browser):
        response = browser(staff("admin")).post(reverse("admin:city_user_add"), staff_form(**changes))
        assert response.status_code == 200
        assert not User.objects.filter(username="tuti").exists()

    def test_a_new_role_brings_its_rights_and_takes_the_old_ones(self, staff, browser):
        user = staff("p3m")
        data = {"username": user.username, "role": "viewer", "department": staff_form()["department"]}
        url = reverse("admin:city_user_change", args=[user.pk])
        response = browser(staff("admin")).post(url, {**data, "is_active": "on"})
        assert response.status_code == 302
        user = User.objects.get(pk=user.pk)
        assert (user.role, user.has_perm("complaints.change_report")) == ("viewer", False)

    def test_nobody_becomes_a_superuser_through_the_form(self, staff, browser):
        user = staff("handler", "DPU")
        data = {"username": user.username, "role": "handler", "department": user.department_id}
        url = reverse("admin:city_user_change", args=[user.pk])
        browser(staff("admin")).post(url, {**data, "is_active": "on", "is_superuser": "on"})
        assert User.objects.get(pk=user.pk).is_superuser is False

    def test_accounts_are_switched_off_never_deleted(self, staff, browser):
        user = staff("handler", "DPU")
        url = reverse("admin:city_user_delete", args=[user.pk])
        assert browser(staff("admin")).post(url, {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=user.pk).exists()


class TestApiClients:
    def test_keys_are_seen_and_revoked_but_not_made_or_edited(self, staff, browser):
        client, key = api_clients.create_client("Aplikasi warga")
        page = browser(staff("admin"))
        url = reverse("admin:complaints_apiclient_changelist")
        html = page.get(url).content.decode()
        assert "Aplikasi warga" in html
        assert client.key_hash not in html
        assert page.get(reverse("admin:complaints_apiclient_add")).status_code == 403
        change = reverse("admin:complaints_apiclient_change", args=[client.pk])
        assert page.get(change).status_code == 200
        assert page.post(change, {"name": "Lain"}).status_code == 403
        page.post(url, {"action": "revoke", "index": "0", "_selected_action": [client.pk]})
        assert api_clients.find(key) is None
        assert ApiClient.objects.get().name == "Aplikasi warga"


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_page_of_the_menu_opens(role, staff, browser):
    page = browser(staff(role, "DPU"))
    groups = page.get(reverse("admin:index")).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert reverse("admin:complaints_report_changelist") in links
    assert [link for link in links if page.get(link).status_code != 200] == []
