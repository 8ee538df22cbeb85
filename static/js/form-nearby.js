/* Similar reports nearby: asked again whenever the kind or the place changes, and never in the way. */
const WAIT_MS = 400;

export function nearby(form, texts, say) {
  const section = document.getElementById("serupa");
  if (!section) return;
  const list = document.getElementById("serupa-daftar");
  const status = document.getElementById("serupa-status");
  let timer = 0;
  let latest = "";
  const others = document.getElementById("serupa-lain"); // codes the person said "mine is another one" to

  const hide = () => {
    section.hidden = true;
    list.replaceChildren();
  };

  const ask = async () => {
    const query = queryOf(form);
    if (query === latest) return;
    latest = query;
    if (!query) return hide();
    const answer = await fetched(`${section.dataset.url}?${query}`);
    if (latest !== query || !answer) return;
    if (!answer.count) {
      hide();
      status.textContent = "";
      return;
    }
    list.innerHTML = answer.html; // our own server's, escaped there
    section.hidden = false;
    status.textContent = say(texts.similar, { count: answer.count });
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  };
  document.addEventListener("placechange", soon);
  form.addEventListener("change", (event) => {
    if (["category", "area", "is_private"].includes(event.target.name)) soon();
  });
  document.getElementById("tanpa-peta")?.addEventListener("click", soon);
  document.getElementById("kembali-peta")?.addEventListener("click", soon);
  document.getElementById("serupa-bukan").addEventListener("click", () => {
    const codes = [...list.querySelectorAll("[data-code]")].map((item) => item.dataset.code);
    others.value = [...new Set([...others.value.split(",").filter(Boolean), ...codes])].slice(-30).join(",");
    const next = section.closest("form").querySelector("#id_description");
    hide();
    next?.focus();
  });
  soon();
}

/* Empty while the kind or the place is not known, and for a report that nobody else is to see. */
function queryOf(form) {
  const given = new FormData(form);
  if (!given.get("category") || given.has("is_private")) return "";
  const query = new URLSearchParams({ kategori: given.get("category") });
  const byArea = given.get("place_mode") === "area";
  if (!byArea && given.get("latitude") && given.get("longitude")) {
    query.set("lat", Number(given.get("latitude")).toFixed(4));
    query.set("lon", Number(given.get("longitude")).toFixed(4));
  } else if (byArea && given.get("area")) {
    query.set("wilayah", given.get("area"));
  } else {
    return "";
  }
  if (given.get("bukan")) query.set("bukan", given.get("bukan"));
  return String(query);
}

async function fetched(url) {
  try {
    const response = await fetch(url);
    return response.ok ? await response.json() : null;
  } catch {
    return null; // no network: the preview asks once more
  }
}
