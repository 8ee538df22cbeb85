/* The small map of one report. */
import { addBase, onMap, stateIcon } from "./map-base.js";

onMap("peta-laporan", (map, element) => {
  const here = [Number(element.dataset.lat), Number(element.dataset.lon)];
  map.setView(here, 15);
  map.scrollWheelZoom.disable();
  L.marker(here, { icon: stateIcon(element.dataset.state), interactive: false, keyboard: false }).addTo(map);
  addBase(map, element);
});
