/* "Around me": asks the device for its position when tapped, and only then. The position is made coarse, to
   about a hundred metres, before it leaves this page or shows in its address. */

const DECIMALS = 3;
const PATIENCE_MS = 15_000;

/** Latitude and longitude in degrees, rounded; rejects when the device does not tell. */
export function askPosition() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve([coords.latitude, coords.longitude].map((value) => Number(value.toFixed(DECIMALS)))),
      reject,
      { enableHighAccuracy: false, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  });
}

const button = document.querySelector("#dekat-saya[data-list]");
if (button && navigator.geolocation) {
  const words = document.getElementById("dekat-kata");
  button.hidden = false;
  button.addEventListener("click", async () => {
    words.textContent = words.dataset.asking;
    try {
      const query = new URLSearchParams(button.dataset.query);
      const near = (await askPosition()).map((value) => value.toFixed(DECIMALS)).join(",");
      location.assign(`${button.dataset.list}?${query}${query.size ? "&" : ""}dekat=${near}`);
    } catch {
      words.textContent = words.dataset.denied;
      const filters = document.querySelector("details.filters");
      if (filters) filters.open = true;
      document.getElementById("f-wilayah")?.focus();
    }
  });
}
