"""Hands on a Leaflet map: tapping, dragging and zooming until the pin stands where it belongs.

Knows nothing of the map's inside. Like a person it taps, looks where the pin went (on the screen, and in the
form's fields), drags the map until the place is in the middle, comes closer, and drags the pin the last bit.
"""

from math import cos, radians

from playwright.sync_api import Page

NEAR_M = 15.0
METRES_PER_DEGREE = 111_320.0
_CLOSE_M_PER_PX = 2.5
_TIP_PX = (22, 43)  # where the pin's picture touches the ground
# What Leaflet's panes are called while it moves the map.
_MOVING = "#peta-pilih .leaflet-zoom-anim, #peta-pilih .leaflet-pan-anim"
_COUNT_TAPS = "window.tapsSeen = 0; document.addEventListener('click', () => window.tapsSeen++, true)"
_INERTIA_MS = 80  # held still for this long before letting go, the map does not glide on

Point = tuple[float, float]


class MapHands:
    """A pair of hands on the form's map; a finger if the page is a phone's, else a mouse."""

    def __init__(self, page: Page, has_touch: bool):
        self.page, self.has_touch = page, has_touch
        self.map = page.locator("#peta-pilih")
        self.map.scroll_into_view_if_needed()
        page.locator("#peta-pilih .leaflet-map-pane").wait_for(state="attached")
        page.evaluate(_COUNT_TAPS)
        self.touch = page.context.new_cdp_session(page) if has_touch else None

    def put_pin(self, latitude: float, longitude: float) -> None:
        """Bring the pin to within NEAR_M of the place; looks again and does it again, as a person does."""
        self.tap(*self._middle())
        for _ in range(4):
            self._come_close(latitude, longitude)
            x, y = self._middle()
            self.tap(x + 40, y + 30)
            self.drag_pin(self._aim(latitude, longitude))
            if self.miss_m(latitude, longitude) < NEAR_M:
                return
        raise AssertionError(f"the pin is {self.miss_m(latitude, longitude):.0f} m off")

    def _come_close(self, latitude: float, longitude: float) -> None:
        """Out until the place is on the map, then nearer and nearer with the place in the middle."""
        for _ in range(30):
            at = self._aim(latitude, longitude)
            if not self._is_on_map(at):
                self._zoom("out")
                continue
            self._bring_to_middle(at)
            if self._metres_per_px() <= _CLOSE_M_PER_PX:
                return
            self._zoom("in")
        raise AssertionError("the map does not come closer")

    def pin(self) -> Point:
        """Where the form says the pin is: latitude, longitude."""
        fields = "['id_latitude', 'id_longitude'].map(id => document.getElementById(id).value)"
        latitude, longitude = self.page.evaluate(fields)
        return float(latitude), float(longitude)

    def miss_m(self, latitude: float, longitude: float) -> float:
        """How far the pin is from a place, metres."""
        has_latitude, has_longitude = self.pin()
        north = (has_latitude - latitude) * METRES_PER_DEGREE
        east = (has_longitude - longitude) * METRES_PER_DEGREE * cos(radians(latitude))
        return (north**2 + east**2) ** 0.5

    def _pin_at(self) -> Point:
        """Where on the map one sees the pin's tip."""
        pin, box = self.page.locator("#peta-pilih .marker-pick").bounding_box(), self._box()
        return pin["x"] - box["x"] + _TIP_PX[0], pin["y"] - box["y"] + _TIP_PX[1]

    def _metres_per_px(self) -> float:
        """From the map's scale bar, as printed."""
        bar = self.page.locator("#peta-pilih .leaflet-control-scale-line")
        number, unit = bar.inner_text().split()
        return float(number) * {"m": 1, "km": 1000}[unit] / bar.bounding_box()["width"]

    def _aim(self, latitude: float, longitude: float) -> Point:
        """Where on the map the place must be, seen from the pin."""
        (x, y), (has_latitude, has_longitude) = self._pin_at(), self.pin()
        px_per_degree = METRES_PER_DEGREE / self._metres_per_px()
        return (
            x + (longitude - has_longitude) * px_per_degree * cos(radians(latitude)),
            y - (latitude - has_latitude) * px_per_degree,
        )

    def _is_on_map(self, at: Point) -> bool:
        box = self._box()
        return 0 < at[0] < box["width"] and 0 < at[1] < box["height"]

    def _bring_to_middle(self, at: Point) -> None:
        """Drag the map until what is at `at` is in its middle; takes hold beside the pin."""
        x, y = self._middle()
        move = (x - at[0], y - at[1])
        pin_x, pin_y = self._pin_at()
        hold_x = x - move[0] / 2
        hold_y = y - move[1] / 2
        if abs(hold_x - pin_x) < 30 and -50 < hold_y - pin_y < 6:
            hold_x += 60 if hold_x < x else -60
        self._drag((hold_x, hold_y), (hold_x + move[0], hold_y + move[1]))

    # --- gestures, in pixels of the map ----------------------------------------------------------------

    def tap(self, x: float, y: float) -> None:
        """One tap, and wait until the page has taken it in."""
        before = self.page.evaluate("window.tapsSeen")
        (self.page.touchscreen.tap if self.has_touch else self.page.mouse.click)(*self._on_screen(x, y))
        self.page.wait_for_function("before => window.tapsSeen > before", arg=before)
        self._settle()

    def _zoom(self, direction: str) -> None:
        """Press the map's plus (`in`) or minus (`out`): its middle stays."""
        self.page.locator(f"#peta-pilih .leaflet-control-zoom-{direction}").click()
        self._settle()

    def drag_pin(self, end: Point) -> None:
        """Take the pin by its belly (20 px above its tip) and let it go with the tip at `end`."""
        x, y = self._pin_at()
        self._drag((x, y - 20), (end[0], end[1] - 20))

    def _drag(self, start: Point, end: Point) -> None:
        (x, y), (to_x, to_y) = self._on_screen(*start), self._on_screen(*end)
        steps = [(x + (to_x - x) * part / 6, y + (to_y - y) * part / 6) for part in range(1, 7)]
        if self.has_touch:
            self._finger("touchStart", (x, y))
            for step in steps:
                self._finger("touchMove", step)
            self.page.wait_for_timeout(_INERTIA_MS)
            self._finger("touchEnd")
        else:
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            for step in steps:
                self.page.mouse.move(*step)
            self.page.wait_for_timeout(_INERTIA_MS)
            self.page.mouse.up()
        self._settle()

    def _finger(self, kind: str, at: Point | None = None) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self.touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def _settle(self) -> None:
        """Wait until the map stands still."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.locator(_MOVING).first.wait_for(state="detached")

    def _box(self) -> dict[str, float]:
        return self.map.bounding_box()

    def _middle(self) -> Point:
        box = self._box()
        return box["width"] / 2, box["height"] / 2

    def _on_screen(self, x: float, y: float) -> Point:
        box = self._box()
        return box["x"] + x, box["y"] + y
