/* The map of all reports: single ones when near or few, counted cells otherwise. */
import { askPosition } from "./around-me.js";
import { addBase, markerShape, onMap } from "./map-base.js";
import { Card, InView } from "./map-cards.js";
import { STATES, circlePx, clusterShape, numberSize, reportIcon, ringSample } from "./map-signs.js";

const texts = JSON.parse(document.getElementById("map-texts").textContent);
const output = document.getElementById("peta-jumlah");
const EDGE_PX = 32; // so that the circles at the city's edge are whole
const NEAR_ZOOM = 16;
const SIGN_PX = 30; // a report's sign, which no name covers
const NEAR_RADIUS_M = 110; // how coarse the position was made

for (const item of document.querySelectorAll("#legenda [data-state]")) {
  item.prepend(markerShape(item.dataset.state), ringSample(item.dataset.state));
}
for (const item of document.querySelectorAll("#legenda [data-cluster]")) {
  item.prepend(clusterShape(12, { new: 3, working: 3, scheduled: 2, done: 4 }));
}
for (const item of document.querySelectorAll("#legenda [data-late]")) {
  const shape = markerShape("working");
  const badge = document.createElement("b");
  badge.className = "marker-late";
  badge.textContent = "!";
  shape.append(badge);
  item.prepend(shape);
}
keepView();

onMap("peta", (map, element) => {
  restoreView(map, element);
  const layer = L.layerGroup().addTo(map);
  const card = new Card(document.getElementById("peta-kartu"), texts.card);
  const inView = new InView(document.getElementById("peta-daftar"), texts.cards);
  let request = null;
  let names = null;
  let numbers = [];
  addBase(map, element).then((kept) => {
    names = kept;
    names.avoid(numbers);
  });

  async function refresh() {
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams(element.dataset.query);
    query.set("bbox", boxOf(map));
    inView.follow(query.toString());
    for (const link of document.querySelectorAll("[data-list-link]")) link.href = `${texts.list}?${query}`;
    query.set("zoom", Math.floor(map.getZoom()));
    try {
      const response = await fetch(`${element.dataset.url}?${query}`, { signal: request.signal });
      if (!response.ok) throw new Error(String(response.status));
      show(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") output.textContent = texts.failed;
    }
  }

  function show(data) {
    const focused = document.activeElement?.dataset?.code;
    layer.clearLayers();
    // From north to south and west to east, so that the Tab key goes over the map as one reads.
    for (const cell of data.cells.sort(asRead(0))) addCell(cell);
    for (const report of data.reports.sort(asRead(1))) addReport(report);
    if (focused) layer.getLayers().find((marker) => marker.code === focused)?.getElement().focus({ preventScroll: true });
    numbers = data.cells.map(([latitude, longitude, number]) => [[latitude, longitude], ...numberSize(number)]);
    numbers.push(...data.reports.map(([, latitude, longitude]) => [[latitude, longitude], SIGN_PX, SIGN_PX]));
    if (names) names.avoid(numbers);
    output.textContent = data.total ? count(data.is_exact ? texts.total : texts.about, data.total) : texts.none;
  }

  function addCell([latitude, longitude, number, states]) {
    const size = Math.max(44, circlePx(number));
    const only = number === 1 ? Object.keys(states)[0] : null;
    const icon = L.divIcon({
      className: only ? "single" : "",
      html: only ? markerShape(only) : clusterShape(number, states),
      iconSize: [size, size],
    });
    const parts = STATES.filter((state) => states[state]).map((state) => `${format(states[state])} ${texts.states[state]}`);
    const label = count(texts.cluster, number).replace("{states}", parts.join(", "));
    const marker = L.marker([latitude, longitude], { icon, alt: label, title: label });
    marker.on("click keypress", (event) => {
      if (isPress(event)) map.flyTo([latitude, longitude], Math.min(map.getZoom() + 2, map.getMaxZoom()));
    });
    marker.addTo(layer);
    name(marker, label);
  }

  function addReport([code, latitude, longitude, state, category, isLate]) {
    const label = [texts.categories[category] || "", texts.states[state], isLate ? texts.late : ""].filter(Boolean).join(", ");
    const marker = L.marker([latitude, longitude], { icon: reportIcon(state, isLate), alt: label, title: label });
    marker.code = code;
    marker.on("click keypress", (event) => {
      if (isPress(event)) card.open(code, marker.getElement());
    });
    marker.addTo(layer);
    const sign = name(marker, label);
    sign.dataset.code = code;
    sign.dataset.href = texts.detail.replace("CODE", code);
  }

  map.on("moveend", () => {
    rememberView(map);
    refresh();
  });
  aroundMe(map, element);
  refresh();
});

const asRead = (first) => (a, b) => b[first] - a[first] || a[first + 1] - b[first + 1];

const isPress = (event) => event.type === "click" || [" ", "Enter"].includes(event.originalEvent?.key);

function boxOf(map) {
  const bounds = map.getBounds();
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5)).join(",");
}

function restoreView(map, element) {
  map.options.zoomSnap = 0.25; // so that the city fills even a small map
  window.addEventListener("hashchange", () => goToHash(map));
  if (goToHash(map)) return;
  const [south, west, north, east] = JSON.parse(element.dataset.focus || element.dataset.bounds);
  map.fitBounds(
    [
      [south, west],
      [north, east],
    ],
    { padding: [EDGE_PX, EDGE_PX] },
  );
}

function goToHash(map) {
  const match = location.hash.match(/^#(\d{1,2}(?:\.\d+)?)\/(-?[\d.]+)\/(-?[\d.]+)$/);
  if (match) map.setView([Number(match[2]), Number(match[3])], Number(match[1]), { animate: false });
  return Boolean(match);
}

function rememberView(map) {
  const centre = map.getCenter();
  history.replaceState(null, "", `#${map.getZoom()}/${centre.lat.toFixed(5)}/${centre.lng.toFixed(5)}`);
}

/** Changing a filter stays where one is looking; choosing an area goes there. */
function keepView() {
  const form = document.querySelector("#saringan form");
  const area = form.querySelector('[name="wilayah"]');
  const before = area.value;
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("select")) field.disabled = !field.value; // a short address
    form.action = form.getAttribute("action") + (area.value && area.value !== before ? "" : location.hash);
  });
  window.addEventListener("pageshow", () => {
    for (const field of form.querySelectorAll("select")) field.disabled = false;
  });
  for (const link of document.querySelectorAll("a[data-keep-hash]")) {
    link.addEventListener("click", () => (link.hash = location.hash));
  }
}

function aroundMe(map, element) {
  const button = document.getElementById("dekat-saya");
  if (!navigator.geolocation) return;
  button.hidden = false;
  let mine = null;
  button.addEventListener("click", async () => {
    output.textContent = texts.asking;
    try {
      const place = await askPosition();
      const [south, west, north, east] = JSON.parse(element.dataset.bounds);
      const isInside = place[0] > south && place[0] < north && place[1] > west && place[1] < east;
      if (!isInside) {
        output.textContent = texts.outside;
        return;
      }
      mine?.remove();
      mine = L.circle(place, { radius: NEAR_RADIUS_M, className: "accuracy", interactive: false }).addTo(map);
      mine.bindTooltip(texts.here, { permanent: true, direction: "top", className: "here-label" });
      map.setView(place, NEAR_ZOOM);
    } catch {
      output.textContent = texts.denied;
      document.getElementById("saringan").open = true;
      document.getElementById("f-wilayah").focus();
    }
  });
}

function name(marker, label) {
  const element = marker.getElement();
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  return element;
}

function format(number) {
  return new Intl.NumberFormat(document.documentElement.lang).format(number);
}

function count(sentence, number) {
  return sentence.replace("{count}", format(number));
}
