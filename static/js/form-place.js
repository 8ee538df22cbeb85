/* Where it is: own position, a search, a pin on the map, or a kelurahan. What is at the pin is shown and read
   out whenever it moves. The fields are kept even where no map comes (no Leaflet, no network). */
import { addBase, onMap, stateIcon } from "./map-base.js";
import { placeSearch } from "./place-search.js";

const field = (name) => document.getElementById(`id_${name}`);
const part = (id) => document.getElementById(id);
const STEP_PX = 12;
const BIG_STEP_PX = 96;
const VAGUE_M = 150;
const QUARTER_ZOOM = 14; // the first tap is a rough one: come near enough to read the main streets' names
const NEAR_ZOOM = 17; // the next one: near enough to tell one house from the next
const EXACT_ENOUGH_ZOOM = 16; // from here on a tap moves the pin only
const READ_AFTER_MS = 400; // arrows come quickly: only where the pin rests is read out
const ROUND = 1e6;
const NEARBY_DEGREES = 0.005; // about 500 m

export function place(texts, say) {
  const element = part("peta-pilih");
  const status = part("posisi-status");
  const pin = pinState(element);
  const offers = streetOffers(texts, say);
  let view = null; // the drawn map, once it has come

  const setMode = (mode) => {
    field("place_mode").value = mode;
    part("pakai-peta").hidden = mode === "area";
    part("pakai-kelurahan").hidden = mode !== "area";
    if (mode === "map") view?.refresh();
  };
  const startsWithArea = field("place_mode").value === "area" || (field("area").value && !field("latitude").value);
  setMode(startsWithArea ? "area" : "map");

  readOut(pin, element, texts, say, offers);
  onMap("peta-pilih", (map) => {
    view = drawPin(map, element, pin);
    whenNear(element, () => addBase(map, element));
  });
  part("tanpa-peta").addEventListener("click", () => {
    setMode("area");
    field("area").focus();
  });
  part("kembali-peta").addEventListener("click", () => {
    setMode("map");
    element.focus();
  });
  part("posisi-saya").addEventListener("click", ({ currentTarget }) => {
    locate(currentTarget, status, texts, say, (coords) => {
      setMode("map");
      pin.set(coords.latitude, coords.longitude, "device", coords.accuracy);
      view?.look(coords.accuracy > VAGUE_M ? 15 : NEAR_ZOOM);
    });
  });
  document.addEventListener("lapor:setplace", ({ detail }) => {
    const { latitude, longitude, source = "map", accuracy_m: accuracy = "" } = detail;
    if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return;
    setMode("map");
    pin.set(latitude, longitude, source, accuracy);
    view?.look(NEAR_ZOOM);
  });
  placeSearch({
    input: part("cari-tempat"),
    list: part("tempat-ditemukan"),
    status: part("cari-tempat-status"),
    texts,
    say,
    onChoose: (result) => {
      setMode("map");
      offers.chosen(result, () => {
        setMode("area");
        field("area").value = result.area;
        field("area").dispatchEvent(new Event("change", { bubbles: true }));
        field("street").focus();
      });
      goTo(result, pin, view);
      part("cari-tempat-status").textContent = `${result.title}. ${result.note} ${texts.toMap}`;
    },
  });
  part("jalan-tak-ada").addEventListener("toggle", ({ currentTarget }) => {
    if (currentTarget.open) field("street").focus();
  });
}

/** A search's result: its point gets the pin; of an area only the view changes, and a pin elsewhere goes. */
function goTo(result, pin, view) {
  const isArea = !result.is_point && ["kelurahan", "kecamatan", "street"].includes(result.kind);
  if (!isArea) pin.set(result.latitude, result.longitude, "map", result.accuracy_m);
  else if (result.bbox && !pin.isWithin(result.bbox)) pin.clear();
  if (result.bbox) view?.fit(result.bbox);
  else view?.look(NEAR_ZOOM);
}

/** The pin as the form knows it. `listen(call)`: told of every change with {latitude, longitude, accuracy, source}
    or null. */
function pinState(element) {
  const listeners = [];
  let now = null;
  const number = (text) => parseFloat(String(text).replace(",", "."));
  const latitude = number(field("latitude").value || element.dataset.lat);
  const longitude = number(field("longitude").value || element.dataset.lon);
  if (Number.isFinite(latitude) && Number.isFinite(longitude)) {
    now = { latitude, longitude, accuracy: number(field("accuracy_m").value) || "", source: field("place_source").value || "map" };
  }
  const write = () => {
    field("latitude").value = now ? now.latitude.toFixed(6) : "";
    field("longitude").value = now ? now.longitude.toFixed(6) : "";
    field("accuracy_m").value = now && now.accuracy ? Math.round(now.accuracy) : "";
    field("place_source").value = now ? now.source : "";
    listeners.forEach((call) => call(now));
    element.dispatchEvent(new Event("placechange", { bubbles: true }));
  };
  return {
    get: () => now,
    set(lat, lng, source, accuracy = "") {
      now = { latitude: Math.round(lat * ROUND) / ROUND, longitude: Math.round(lng * ROUND) / ROUND, accuracy, source };
      write();
    },
    clear() {
      if (!now) return;
      now = null;
      write();
    },
    isWithin: ([west, south, east, north]) =>
      now && now.latitude >= south && now.latitude <= north && now.longitude >= west && now.longitude <= east,
    listen: (call) => listeners.push(call),
  };
}

function whenNear(element, start) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    start();
  }, { rootMargin: "200px" });
  observer.observe(element);
}

/** The pin on the map: drag it, tap, or move it with the arrow keys. */
function drawPin(map, element, pin) {
  let marker = null;
  let circle = null;
  const [south, west, north, east] = JSON.parse(element.dataset.bounds);
  map.options.zoomSnap = 0.25; // so that the city fills even a small map
  map.fitBounds([[south, west], [north, east]]);
  map.keyboard.disable(); // the arrows move the pin, not the map

  const draw = (now) => {
    if (circle) circle.remove();
    circle = null;
    if (!now) {
      if (marker) marker.remove();
      marker = null;
      return;
    }
    const here = L.latLng(now.latitude, now.longitude);
    if (!marker) {
      marker = L.marker(here, { icon: stateIcon("pick"), draggable: true, keyboard: false, alt: "" }).addTo(map);
      marker.on("dragstart", () => circle?.remove());
      marker.on("dragend", () => put(marker.getLatLng()));
    }
    marker.setLatLng(here);
    if (now.accuracy) circle = L.circle(here, { radius: now.accuracy, className: "accuracy", weight: 1, fillOpacity: 0.12, interactive: false }).addTo(map);
    map.panInside(here, { padding: [60, 60] });
  };
  const put = (latlng) => pin.set(latlng.lat, latlng.lng, "map");
  pin.listen(draw);
  map.on("click", (event) => {
    put(event.latlng);
    if (map.getZoom() < QUARTER_ZOOM - 1) map.setView(event.latlng, QUARTER_ZOOM);
    else if (map.getZoom() < EXACT_ENOUGH_ZOOM) map.setView(event.latlng, NEAR_ZOOM);
  });
  element.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (move && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const step = event.shiftKey ? BIG_STEP_PX : STEP_PX;
      const from = map.latLngToContainerPoint(marker ? marker.getLatLng() : map.getCenter());
      put(map.containerPointToLatLng(from.add([move[0] * step, move[1] * step])));
    } else if (event.key === "+" || event.key === "=") {
      zoomAt(map, marker, 1);
    } else if (event.key === "-") {
      zoomAt(map, marker, -1);
    }
  });
  if (pin.get()) {
    draw(pin.get());
    map.setView(marker.getLatLng(), NEAR_ZOOM);
  }
  return {
    refresh: () => map.invalidateSize(),
    look: (zoom) => {
      map.invalidateSize();
      if (marker) map.setView(marker.getLatLng(), zoom);
    },
    fit: ([left, bottom, right, top]) => {
      map.invalidateSize();
      map.fitBounds([[bottom, left], [top, right]], { maxZoom: NEAR_ZOOM, padding: [16, 16] });
    },
  };
}

function zoomAt(map, marker, step) {
  if (marker) map.setZoomAround(marker.getLatLng(), map.getZoom() + step);
  else map.setZoom(map.getZoom() + step);
}

/** Says what is at the pin whenever it came to rest; without an answer, its coordinates. */
function readOut(pin, element, texts, say, offers) {
  const output = part("alamat-pin");
  let timer = null;
  let request = null;

  async function read(now) {
    request = new AbortController();
    const query = new URLSearchParams({ lat: now.latitude.toFixed(5), lon: now.longitude.toFixed(5) });
    if (now.accuracy) query.set("accuracy_m", Math.round(now.accuracy));
    try {
      const response = await fetch(`${element.dataset.address}?${query}`, { signal: request.signal });
      if (!response.ok) throw new Error(String(response.status));
      const found = await response.json();
      output.textContent = found.text;
      output.classList.toggle("is-outside", found.is_outside);
      offers.nearby(found.street);
    } catch (error) {
      if (error.name === "AbortError") return;
      output.textContent = say(texts.pin, { latitude: now.latitude.toFixed(5), longitude: now.longitude.toFixed(5) });
      offers.nearby("");
    }
  }
  function changed(now) {
    clearTimeout(timer);
    if (request) request.abort();
    if (now) {
      timer = setTimeout(() => read(now), READ_AFTER_MS);
    } else {
      output.textContent = "";
      offers.nearby("");
    }
  }
  pin.listen(changed);
  pin.listen(offers.moved);
  if (pin.get()) changed(pin.get());
}

/** Buttons that offer a street's name for the text field: never written there unasked. */
function streetOffers(texts, say) {
  const box = part("tawaran-jalan");
  let nearby = "";
  let chosen = null;
  let useArea = null;

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-quiet";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }
  function take(street) {
    const input = field("street");
    const typed = input.value.trim();
    input.value = typed ? `${street}, ${typed}` : street;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  }
  function draw() {
    const typed = field("street").value.toLowerCase();
    const streets = [...new Set([chosen?.street, nearby])].filter((name) => name && !typed.includes(name.toLowerCase()));
    const buttons = streets.map((street) => button(say(texts.useStreet, { street }), () => take(street)));
    if (chosen?.kind === "kelurahan") buttons.push(button(say(texts.useArea, { area: chosen.title }), useArea));
    box.replaceChildren(...buttons);
  }
  field("street").addEventListener("input", draw);
  return {
    nearby(street) {
      nearby = street;
      draw();
    },
    chosen(result, onArea) {
      chosen = result;
      useArea = onArea;
      draw();
    },
    /** What was searched is offered as long as the pin is about there. */
    moved(now) {
      if (!chosen || !now) return;
      const [west, south, east, north] = chosen.bbox ?? [chosen.longitude, chosen.latitude, chosen.longitude, chosen.latitude];
      const isThere =
        now.latitude > south - NEARBY_DEGREES && now.latitude < north + NEARBY_DEGREES && now.longitude > west - NEARBY_DEGREES && now.longitude < east + NEARBY_DEGREES;
      if (!isThere) chosen = null;
      draw();
    },
  };
}

function locate(button, status, texts, say, onFound) {
  const refuse = () => {
    status.textContent = texts.denied;
    button.disabled = false;
  };
  if (!navigator.geolocation) return refuse();
  status.textContent = texts.locating;
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      onFound(coords);
      const sentence = coords.accuracy > VAGUE_M ? texts.vague : texts.located;
      status.textContent = say(sentence, { metres: Math.round(coords.accuracy) });
      button.disabled = false;
    },
    refuse,
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
  );
  return undefined;
}
