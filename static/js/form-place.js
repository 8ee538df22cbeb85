/* Where it is: own position, a pin on the map, or a kelurahan. */
import { addBase, onMap, stateIcon } from "./map-base.js";

const field = (name) => document.getElementById(`id_${name}`);
const STEP_PX = 12;
const VAGUE_M = 150;
const QUARTER_ZOOM = 14; // the first tap is a rough one: come near enough to read the main streets' names
const NEAR_ZOOM = 17; // the next one: near enough to tell one house from the next
const EXACT_ENOUGH_ZOOM = 16; // from here on a tap moves the pin only

export function place(texts, say) {
  const byMap = document.getElementById("pakai-peta");
  const byArea = document.getElementById("pakai-kelurahan");
  const status = document.getElementById("posisi-status");

  const setMode = (mode) => {
    field("place_mode").value = mode;
    byMap.hidden = mode === "area";
    byArea.hidden = mode !== "area";
  };
  const startsWithArea = field("place_mode").value === "area" || (field("area").value && !field("latitude").value);
  setMode(startsWithArea ? "area" : "map");

  onMap("peta-pilih", (map, element) => {
    const pin = pinOn(map, element, status, texts, say);
    document.getElementById("tanpa-peta").addEventListener("click", () => {
      setMode("area");
      field("area").focus();
    });
    document.getElementById("kembali-peta").addEventListener("click", () => {
      setMode("map");
      map.invalidateSize();
      element.focus();
    });
    document.getElementById("posisi-saya").addEventListener("click", (event) => {
      locate(event.currentTarget, map, pin, status, texts, say);
    });
    whenNear(element, () => addBase(map, element));
  });
}

function whenNear(element, start) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    start();
  }, { rootMargin: "200px" });
  observer.observe(element);
}

function pinOn(map, element, status, texts, say) {
  let marker = null;
  let circle = null;
  const [south, west, north, east] = JSON.parse(element.dataset.bounds);
  map.options.zoomSnap = 0.25; // so that the city fills even a small map
  map.fitBounds([[south, west], [north, east]]);
  map.keyboard.disable(); // the arrows move the pin, not the map

  const set = (latlng, source, accuracy = "") => {
    if (!marker) {
      marker = L.marker(latlng, { icon: stateIcon("pick"), draggable: true, keyboard: false, alt: "" }).addTo(map);
      marker.on("dragend", () => set(marker.getLatLng(), "map"));
    }
    marker.setLatLng(latlng);
    if (circle) circle.remove();
    circle = accuracy ? L.circle(latlng, { radius: accuracy, className: "accuracy", weight: 1, fillOpacity: 0.12, interactive: false }).addTo(map) : null;
    field("latitude").value = latlng.lat.toFixed(6);
    field("longitude").value = latlng.lng.toFixed(6);
    field("accuracy_m").value = accuracy ? Math.round(accuracy) : "";
    field("place_source").value = source;
    if (source === "map") status.textContent = say(texts.pin, { latitude: latlng.lat.toFixed(5), longitude: latlng.lng.toFixed(5) });
    element.dispatchEvent(new Event("placechange", { bubbles: true }));
    map.panInside(latlng, { padding: [60, 60] });
  };
  map.on("click", (event) => {
    set(event.latlng, "map");
    if (map.getZoom() < QUARTER_ZOOM - 1) map.setView(event.latlng, QUARTER_ZOOM);
    else if (map.getZoom() < EXACT_ENOUGH_ZOOM) map.setView(event.latlng, NEAR_ZOOM);
  });
  element.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (move) {
      event.preventDefault();
      const from = map.latLngToContainerPoint(marker ? marker.getLatLng() : map.getCenter());
      set(map.containerPointToLatLng(from.add([move[0] * STEP_PX, move[1] * STEP_PX])), "map");
    } else if (event.key === "+" || event.key === "=") {
      zoomAt(map, marker, 1);
    } else if (event.key === "-") {
      zoomAt(map, marker, -1);
    }
  });
  const latitude = parseFloat(element.dataset.lat.replace(",", "."));
  const longitude = parseFloat(element.dataset.lon.replace(",", "."));
  if (Number.isFinite(latitude) && Number.isFinite(longitude)) {
    const source = field("place_source").value || "map";
    const accuracy = parseFloat(field("accuracy_m").value) || "";
    map.setView([latitude, longitude], EXACT_ENOUGH_ZOOM);
    set(L.latLng(latitude, longitude), source, accuracy);
  }
  return set;
}

function zoomAt(map, marker, step) {
  if (marker) map.setZoomAround(marker.getLatLng(), map.getZoom() + step);
  else map.setZoom(map.getZoom() + step);
}

function locate(button, map, setPin, status, texts, say) {
  const refuse = () => {
    status.textContent = texts.denied;
    button.disabled = false;
  };
  if (!navigator.geolocation) return refuse();
  status.textContent = texts.locating;
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const here = L.latLng(coords.latitude, coords.longitude);
      map.setView(here, coords.accuracy > VAGUE_M ? 15 : 17);
      setPin(here, "device", coords.accuracy);
      const sentence = coords.accuracy > VAGUE_M ? texts.vague : texts.located;
      status.textContent = say(sentence, { metres: Math.round(coords.accuracy) });
      button.disabled = false;
    },
    refuse,
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
  );
  return undefined;
}
