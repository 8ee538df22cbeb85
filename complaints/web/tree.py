"""The city's categories and areas as trees, in the order people look for them."""

from city import snapshot as city


def groups(chosen: str = "") -> list[dict]:
    """Groups with their kinds, in the pack's order; `is_open` marks the group of the chosen kind."""
    categories = city.current().categories
    kinds: dict[str, list] = {}
    for category in categories.values():
        if category.parent_code:
            kinds.setdefault(category.parent_code, []).append(category)
    tree = [
        {
            "info": categories[code],
            "kinds": sorted(members, key=lambda item: (item.order, item.code)),
            "is_open": any(item.code == chosen for item in members),
        }
        for code, members in kinds.items()
        if code in categories
    ]
    return sorted(tree, key=lambda item: (item["info"].order, item["info"].code))


def areas() -> list[dict]:
    """Kecamatan with their kelurahan, by name."""
    everything = city.current().areas.values()
    kelurahan: dict[str, list] = {}
    for area in everything:
        if area.level == "kelurahan":
            kelurahan.setdefault(area.parent_code, []).append(area)
    return [
        {"info": area, "members": sorted(kelurahan.get(area.code, []), key=lambda item: item.name)}
        for area in sorted(everything, key=lambda item: item.name)
        if area.level == "kecamatan"
    ]
