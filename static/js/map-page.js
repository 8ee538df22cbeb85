/* The map of all reports: single ones when near or few, counted cells otherwise. */
import { addBase, markerShape, onMap, stateIcon } from "./map-base.js";

const texts = JSON.parse(document.getElementById("map-texts").textContent);
const output = document.getElementById("peta-jumlah");
const ORDER = ["new", "working", "scheduled", "done", "rejected"];

for (const item of document.querySelectorAll("#legenda [data-state]")) item.prepend(markerShape(item.dataset.state));

onMap("peta", (map, element) => {
  restoreView(map, element);
  addBase(map, element);
  const layer = L.layerGroup().addTo(map);
  let request = null;

  async function refresh() {
    if (request) request.abort();
    request = new AbortController();
    const bounds = map.getBounds();
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5));
    const query = new URLSearchParams(element.dataset.query);
    query.set("bbox", bbox.join(","));
    query.set("zoom", map.getZoom());
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
    output.textContent = count(texts.total, data.total);
  }

  function addCell([latitude, longitude, number, states]) {
    const main = ORDER.reduce((best, state) => ((states[state] || 0) > (states[best] || 0) ? state : best), ORDER[0]);
    const size = Math.round(Math.min(72, 44 + 7 * Math.log10(number)));
    const icon = L.divIcon({
      className: `cluster cluster-${main}`,
      html: short(number),
      iconSize: [size, size],
    });
    const label = count(texts.cluster, number);
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
  const match = location.hash.match(/^#(\d{1,2})\/(-?[\d.]+)\/(-?[\d.]+)$/);
  if (match) {
    map.setView([Number(match[2]), Number(match[3])], Number(match[1]));
    return;
  }
  const [south, west, north, east] = JSON.parse(element.dataset.focus || element.dataset.bounds);
  map.fitBounds([
    [south, west],
    [north, east],
  ]);
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

function count(sentence, number) {
  return sentence.replace("{count}", new Intl.NumberFormat(document.documentElement.lang).format(number));
}
