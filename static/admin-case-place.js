/* The map of the step that puts a report's place right. The text field beside it says the same, is what is sent,
   and is the way for a keyboard. */
import { addBase, stateIcon } from "./js/map-base.js";

const element = document.getElementById("peta-langkah");
const READ_AFTER_MS = 400;

function begin() {
  const field = document.getElementById(element.dataset.field);
  const told = document.getElementById(element.dataset.field.replace("titik", "alamat"));
  const was = [Number(element.dataset.lat), Number(element.dataset.lon)];
  const typed = () => field.value.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  const start = typed().length === 2 ? typed() : was;
  for (const hidden of element.parentElement.querySelectorAll(".js-only")) hidden.hidden = false;
  const map = L.map(element, { minZoom: 9, maxZoom: 19 }).setView(start, 17);
  map.attributionControl.setPrefix("");
  map.scrollWheelZoom.disable();
  L.circleMarker(was, { radius: 9, weight: 3, className: "place-before", interactive: false }).addTo(map);
  const pin = L.marker(start, { icon: stateIcon("pick"), draggable: true, autoPan: true, keyboard: false }).addTo(map);
  let timer = null;
  function moved() {
    const { lat, lng } = pin.getLatLng();
    field.value = `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
    clearTimeout(timer);
    timer = setTimeout(read, READ_AFTER_MS, lat, lng);
  }
  async function read(lat, lng) {
    const query = new URLSearchParams({ lat: lat.toFixed(5), lon: lng.toFixed(5) });
    const answer = await fetch(`${element.dataset.address}?${query}`).catch(() => null);
    told.textContent = answer?.ok ? (await answer.json()).text : "";
  }
  pin.on("dragend", moved);
  map.on("click", (event) => {
    pin.setLatLng(event.latlng);
    moved();
  });
  field.addEventListener("change", () => {
    const [lat, lng] = typed();
    if (lat === undefined || lng === undefined || Math.abs(lat) > 90) return;
    pin.setLatLng([lat, lng]);
    map.panTo([lat, lng]);
    read(lat, lng);
  });
  addBase(map, element);
}

const step = element?.closest("details");
if (step?.open) begin();
else step?.addEventListener("toggle", begin, { once: true });
