/* The small map of one report; on the public page it is fetched when it comes near. */
import { mapWhenNear } from "./late-map.js";
import { addBase, onMap, stateIcon } from "./map-base.js";

onMap("peta-laporan", (map, element) => {
  const here = [Number(element.dataset.lat), Number(element.dataset.lon)];
  map.setView(here, 15);
  map.scrollWheelZoom.disable();
  L.marker(here, { icon: stateIcon(element.dataset.state), interactive: false, keyboard: false }).addTo(map);
  addBase(map, element);
});

const place = document.getElementById("peta-laporan");
if (place?.dataset.leaflet) mapWhenNear(place);
