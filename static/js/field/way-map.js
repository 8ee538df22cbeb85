/* The map of the way: numbered stops, the line between them, where the phone is. Fetched when it is unfolded. */
import { mapWhenNear } from "../late-map.js";
import { addBase, onMap } from "../map-base.js";

const element = document.getElementById("peta-rute");
const part = document.querySelector("[data-map]");
let map = null;
let layer = null;
let wanted = null;
let isBegun = false;

onMap("peta-rute", (made) => {
  map = made;
  map.scrollWheelZoom.disable();
  const [south, west, north, east] = JSON.parse(element.dataset.bounds);
  map.fitBounds([[south, west], [north, east]]);
  addBase(map, element);
  if (wanted) draw();
});

part.addEventListener("toggle", () => {
  if (part.open && !isBegun) {
    isBegun = true;
    mapWhenNear(element);
  } else if (part.open && map) {
    map.invalidateSize();
    draw();
  }
});

/** Show these stops ({latitude, longitude, is_late, is_severe}) in their order, and `here` if it is known. */
export function showWay(stops, here) {
  part.hidden = stops.length === 0;
  wanted = { stops, here };
  if (map && part.open) draw();
}

function draw() {
  layer?.remove();
  layer = L.layerGroup().addTo(map);
  const { stops, here } = wanted;
  const points = stops.map((stop) => [stop.latitude, stop.longitude]);
  const way = here ? [[here.latitude, here.longitude], ...points] : points;
  if (!way.length) return;
  L.polyline(way, { className: "way-line", interactive: false }).addTo(layer);
  stops.forEach((stop, index) => {
    const sign = document.createElement("span");
    sign.className = `way-sign${stop.is_late || stop.is_severe ? " is-urgent" : ""}`;
    sign.textContent = index + 1;
    const look = L.divIcon({ className: "", html: sign, iconSize: [30, 30], iconAnchor: [15, 15] });
    L.marker(points[index], { icon: look, interactive: false, keyboard: false }).addTo(layer);
  });
  if (here) L.circleMarker([here.latitude, here.longitude], { radius: 8, weight: 3, className: "way-here", interactive: false }).addTo(layer);
  map.fitBounds(L.latLngBounds(way), { padding: [28, 28], maxZoom: 16 });
}
