/* The map of all reports: single ones when near or few, counted cells otherwise. */
import { addBase, markerShape, onMap, stateIcon } from "./map-base.js";

const texts = JSON.parse(document.getElementById("map-texts").textContent);
const output = document.getElementById("peta-jumlah");
const OPEN = ["new", "working", "scheduled"];
const EDGE_PX = 32; // so that the circles at the city's edge are whole

for (const item of document.querySelectorAll("#legenda [data-state]")) item.prepend(markerShape(item.dataset.state));
for (const item of document.querySelectorAll("#legenda [data-cluster]")) item.prepend(clusterShape(12, 5));

onMap("peta", (map, element) => {
  restoreView(map, element);
  const layer = L.layerGroup().addTo(map);
  let request = null;
  let names = null;
  let numbers = [];
  addBase(map, element).then((kept) => {
    names = kept;
    names.avoid(numbers);
  });

  async function refresh() {
    if (request) request.abort();
    request = new AbortController();
    const bounds = map.getBounds();
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5));
    const query = new URLSearchParams(element.dataset.query);
    query.set("bbox", bbox.join(","));
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
    const open = map._popup && map._popup.isOpen() ? map._popup._source : null;
    if (open && open.code && data.reports.some(([code]) => code === open.code)) {
      output.textContent = count(texts.total, data.total);
      return; // do not tear an open popup away
    }
    layer.clearLayers();
    for (const cell of data.cells) addCell(cell);
    for (const report of data.reports) addReport(report);
    numbers = data.cells.map(([latitude, longitude, number]) => [[latitude, longitude], ...numberSize(number)]);
    if (names) names.avoid(numbers);
    output.textContent = count(texts.total, data.total);
  }

  function addCell([latitude, longitude, number, states]) {
    const open = OPEN.reduce((sum, state) => sum + (states[state] || 0), 0);
    const only = number === 1 ? Object.keys(states)[0] : null;
    const size = Math.max(44, circlePx(number));
    const icon = L.divIcon({
      className: only ? "single" : "",
      html: only ? markerShape(only) : clusterShape(number, open),
      iconSize: [size, size],
    });
    const sentence = count(texts.cluster, number).replace("{open}", format(open));
    const label = only ? `${texts.states[only]}: ${sentence}` : sentence;
    const marker = L.marker([latitude, longitude], { icon, alt: label, title: label });
    marker.on("click", () => map.flyTo([latitude, longitude], map.getZoom() + 2));
    marker.addTo(layer);
    name(marker, label);
  }

  function addReport([code, latitude, longitude, state, category]) {
    const label = `${texts.categories[category] || ""}: ${texts.states[state]}`;
    const marker = L.marker([latitude, longitude], { icon: stateIcon(state), alt: label, title: label });
    marker.code = code;
    marker.bindPopup(() => popup(code, state, category));
    marker.addTo(layer);
    name(marker, label);
  }

  map.on("moveend", () => {
    const centre = map.getCenter();
    const place = `#${map.getZoom()}/${centre.lat.toFixed(5)}/${centre.lng.toFixed(5)}`;
    history.replaceState(null, "", place);
    refresh();
  });
  const filters = document.getElementById("saringan");
  filters.querySelector("form").addEventListener("submit", (event) => {
    event.currentTarget.action = event.currentTarget.getAttribute("action") + location.hash;
  });
  refresh();
});

function restoreView(map, element) {
  map.options.zoomSnap = 0.25; // so that the city fills even a small map
  const match = location.hash.match(/^#(\d{1,2}(?:\.\d+)?)\/(-?[\d.]+)\/(-?[\d.]+)$/);
  if (match) {
    map.setView([Number(match[2]), Number(match[3])], Number(match[1]));
    return;
  }
  const [south, west, north, east] = JSON.parse(element.dataset.focus || element.dataset.bounds);
  map.fitBounds(
    [
      [south, west],
      [north, east],
    ],
    { padding: [EDGE_PX, EDGE_PX] },
  );
}

function name(marker, label) {
  const element = marker.getElement();
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
}

function popup(code, state, category) {
  const box = document.createElement("div");
  const title = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = texts.categories[category] || "";
  title.append(strong);
  const line = document.createElement("p");
  line.className = `state state-${state}`;
  line.textContent = texts.states[state];
  const link = document.createElement("a");
  link.href = texts.detail.replace("CODE", code);
  link.textContent = texts.open;
  box.append(title, line, document.createElement("br"), link);
  return box;
}

function short(number) {
  return number < 1000 ? String(number) : `${(number / 1000).toFixed(number < 10_000 ? 1 : 0)}k`;
}

function format(number) {
  return new Intl.NumberFormat(document.documentElement.lang).format(number);
}

function count(sentence, number) {
  return sentence.replace("{count}", format(number));
}

function circlePx(number) {
  return Math.round(Math.min(60, 26 + 11 * Math.log10(number)));
}

/** How much room the number in a circle takes, width and height. */
function numberSize(number) {
  return [short(number).length * 8 + 4, 16];
}

/** A circle whose ring says which share is open: a thick warm part for open reports, a thin green rest. */
function clusterShape(number, open) {
  const size = circlePx(number);
  const radius = size / 2 - 3.5;
  const box = document.createElement("div");
  box.className = "cluster";
  const svg = svgElement("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, "aria-hidden": "true" });
  const middle = { cx: size / 2, cy: size / 2 };
  svg.append(svgElement("circle", { ...middle, r: size / 2 - 1, class: "plate" }));
  svg.append(svgElement("circle", { ...middle, r: radius, class: "ring-done" }));
  const share = (100 * open) / number;
  const turn = `rotate(-90 ${size / 2} ${size / 2})`;
  const arc = { pathLength: 100, "stroke-dasharray": `${share} ${100 - share}`, transform: turn };
  if (open) svg.append(svgElement("circle", { ...middle, r: radius, class: "ring-open", ...arc }));
  const text = document.createElement("span");
  text.textContent = short(number);
  box.append(svg, text);
  return box;
}

function svgElement(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
