/* Leaflet comes when its map does: near the screen, or when somebody asks for it. Then `map:init` is told, as
   django-leaflet tells it, so that onMap() hears of both kinds of maps alike. */
const NEAR = "120px";

function load(element, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(element), attributes);
    node.onload = resolve;
    node.onerror = reject;
    document.head.prepend(node); // before our own styles, which say the last word where both speak
  });
}

async function draw(element) {
  const { leafletCss, leafletJs, leaflet } = element.dataset;
  const options = JSON.parse(leaflet);
  await Promise.all([load("link", { rel: "stylesheet", href: leafletCss }), load("script", { src: leafletJs })]);
  const map = L.map(element, { minZoom: options.minZoom, maxZoom: options.maxZoom, center: options.center, zoom: options.zoom });
  map.attributionControl.setPrefix("");
  for (const [, url, more] of options.tiles) L.tileLayer(url, more).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  window.dispatchEvent(new CustomEvent("map:init", { detail: { id: element.id, map, options } }));
}

/** Draw the map in `element` when it comes near; where it cannot be loaded it is tried again once online. */
export function mapWhenNear(element) {
  let begun = false;
  const start = async () => {
    if (begun) return;
    begun = true;
    observer.disconnect();
    try {
      await draw(element);
    } catch {
      begun = false;
      window.addEventListener("online", start, { once: true });
    }
  };
  const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && start(), { rootMargin: NEAR });
  // After the page itself: a map must never be waited for.
  const begin = () => observer.observe(element);
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin, { once: true });
}
