/* The map beside the queue: what the list's filters let through, and which pin is which row. */
import { addBase, onMap } from "./js/map-base.js";
import { STATES, circlePx, clusterShape, numberSize, reportIcon } from "./js/map-signs.js";

const texts = JSON.parse(document.getElementById("map-texts").textContent);
const output = document.getElementById("peta-jumlah");
const split = document.querySelector(".queue-split");
const SIGN_PX = 30;
const NEAREST_ZOOM = 16;

const rowOf = (id) => document.querySelector(`.queue-table tr[data-id="${id}"]`);
const placeOf = (row) => row.dataset.at?.split(",").map(Number);

onMap("peta-antrean", (map, element) => {
  const pins = L.layerGroup().addTo(map);
  let light = null;
  let names = null;
  let numbers = [];
  let request = null;
  look(map, element);
  addBase(map, element).then((kept) => {
    names = kept;
    names.avoid(numbers);
  });

  async function refresh() {
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams(element.dataset.query);
    const box = map.getBounds();
    query.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((n) => n.toFixed(5)).join(","));
    query.set("zoom", Math.floor(map.getZoom()));
    try {
      const response = await fetch(`${element.dataset.url}?${query}`, { signal: request.signal });
      if (!response.ok) throw new Error(String(response.status));
      show(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") output.textContent = texts.failed;
    }
  }

  function show({ points, cells, total, is_bounded: isBounded, kinds }) {
    pins.clearLayers();
    for (const cell of cells) addCell(cell);
    for (const point of points) addPoint(point, kinds);
    if (isBounded) {
      for (const row of document.querySelectorAll(".queue-table tr[data-at]")) {
        const label = row.querySelector(".row-link strong").textContent;
        addPin(row.dataset.id, placeOf(row), reportIcon("new", row.classList.contains("is-late")), label);
      }
    }
    numbers = cells.map(([lat, lon, number]) => [[lat, lon], ...numberSize(number)]);
    numbers.push(...points.map(([, lat, lon]) => [[lat, lon], SIGN_PX, SIGN_PX]));
    if (names) names.avoid(numbers);
    const sentence = isBounded ? texts.bounded : total ? texts.total : texts.none;
    output.textContent = count(sentence, total);
  }

  function addCell([lat, lon, number, states]) {
    const size = Math.max(44, circlePx(number));
    const parts = STATES.filter((state) => states[state]).map((state) => `${format(states[state])} ${texts.states[state]}`);
    const label = count(texts.cluster, number).replace("{states}", parts.join(", "));
    const icon = L.divIcon({ className: "", html: clusterShape(number, states), iconSize: [size, size] });
    const marker = named(L.marker([lat, lon], { icon, alt: label, title: label }).addTo(pins), label);
    marker.on("click keypress", (event) => {
      if (isPress(event)) map.setView([lat, lon], Math.min(map.getZoom() + 2, map.getMaxZoom()));
    });
  }

  function addPoint([id, lat, lon, state, category, isLate], kinds) {
    const label = [kinds[category] || "", texts.states[state], isLate ? texts.late : ""].filter(Boolean).join(", ");
    addPin(id, [lat, lon], reportIcon(state, isLate), label);
  }

  function addPin(id, at, icon, label) {
    const marker = named(L.marker(at, { icon, alt: label, title: label, riseOnHover: true }).addTo(pins), label);
    const sign = marker.getElement();
    sign.dataset.id = id;
    sign.classList.toggle("is-listed", Boolean(rowOf(id)));
    sign.addEventListener("focus", () => lightRow(id, true));
    marker.on("mouseover", () => lightRow(id, true));
    marker.on("mouseout", () => lightRow(id, false));
    sign.addEventListener("blur", () => lightRow(id, false));
    marker.on("click keypress", (event) => {
      if (isPress(event)) openCase(id);
    });
  }

  function lightRow(id, on) {
    const row = rowOf(id);
    row?.classList.toggle("is-lit", on);
    if (row && on) row.scrollIntoView({ block: "nearest" });
  }

  function openCase(id) {
    const link = rowOf(id)?.querySelector(".row-link");
    if (link) link.click();
    else {
      const query = new URLSearchParams({ _changelist_filters: element.dataset.query });
      location.assign(`${id}/change/?${query}`);
    }
  }

  /** A ring around the place of a row, whether its pin is drawn by itself or hidden in a circle. */
  function ring(row, mayMove) {
    light?.remove();
    light = null;
    const at = row && placeOf(row);
    if (!at) return;
    light = L.circleMarker(at, { radius: 22, className: "pin-light", interactive: false }).addTo(map);
    if (mayMove && !map.getBounds().pad(-0.05).contains(at)) map.panTo(at);
  }

  const table = document.querySelector(".queue-table");
  table?.addEventListener("mouseover", (event) => ring(event.target.closest("tbody tr"), false));
  table?.addEventListener("mouseleave", () => ring(table.querySelector("tr.is-current"), false));
  table?.addEventListener("row:current", (event) => ring(event.target, true));
  table?.addEventListener("focusin", (event) => ring(event.target.closest("tbody tr"), true));

  for (const button of document.querySelectorAll(".queue-tabs [data-show]")) {
    button.addEventListener("click", () => {
      split.dataset.shown = button.dataset.show;
      for (const other of document.querySelectorAll(".queue-tabs [data-show]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      map.invalidateSize();
      if (button.dataset.show === "map") look(map, element);
    });
  }
  document.querySelector(".queue-tabs").hidden = false;
  new ResizeObserver(() => map.invalidateSize()).observe(element);
  map.on("moveend", refresh);
  refresh();
});

/** Where the rows of the page are; the whole city where there are none. */
function look(map, element) {
  map.options.zoomSnap = 0.25;
  const places = [...document.querySelectorAll(".queue-table tr[data-at]")].map(placeOf);
  const [south, west, north, east] = JSON.parse(element.dataset.bounds);
  const city = [
    [south, west],
    [north, east],
  ];
  map.fitBounds(places.length ? places : city, { padding: [32, 32], maxZoom: NEAREST_ZOOM });
}

const isPress = (event) => event.type === "click" || [" ", "Enter"].includes(event.originalEvent?.key);

function named(marker, label) {
  const element = marker.getElement();
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  return marker;
}

function format(number) {
  return new Intl.NumberFormat(document.documentElement.lang).format(number);
}

function count(sentence, number) {
  return sentence.replace("{count}", format(number));
}
