/* While the report finds its office: ask every two seconds, then more rarely, and reload once it has. */
const box = document.getElementById("janji");
let wait = 1500;

async function look() {
  try {
    const response = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
    if (response.ok && (await response.json()).is_routed) {
      location.reload();
      return;
    }
  } catch {
    /* offline: the next look may succeed */
  }
  wait = Math.min(wait * 1.3, 15_000);
  setTimeout(look, wait);
}

setTimeout(look, wait);
