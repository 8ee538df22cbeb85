/* The chosen report's card over the map, and the cards of what is in view beside or under it. */
const LIST_WAIT_MS = 400;

async function html(url, signal) {
  const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.text();
}

/** The card of one report: opens over the map, takes the focus, gives it back. */
export class Card {
  constructor(box, address) {
    this.box = box;
    this.address = address;
    this.code = null;
    this.back = null;
    box.querySelector("[data-close]").addEventListener("click", () => this.close());
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  async open(code, from) {
    this.code = code;
    this.back = from;
    const place = this.box.querySelector("[data-card]");
    try {
      const text = await html(this.address.replace("CODE", code));
      if (this.code !== code) return; // another one was tapped meanwhile
      place.innerHTML = text; // our own server's, escaped there
      this.box.hidden = false;
      place.querySelector("a")?.focus({ preventScroll: true });
    } catch {
      location.assign(from.dataset.href);
    }
  }

  close() {
    const back = this.back?.isConnected ? this.back : document.querySelector(`[data-code="${this.code}"]`);
    this.code = null;
    this.box.hidden = true;
    (back || document.getElementById("peta")).focus({ preventScroll: true });
  }
}

/** The list of what is in view; fetched only while it is unfolded. */
export class InView {
  constructor(details, address) {
    this.details = details;
    this.address = address;
    this.query = "";
    this.shown = null;
    details.addEventListener("toggle", () => this.load());
  }

  follow(query) {
    this.query = query;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), LIST_WAIT_MS);
  }

  async load() {
    if (!this.details.open || !this.query || this.shown === this.query) return;
    this.request?.abort();
    this.request = new AbortController();
    const query = this.query;
    try {
      const text = await html(`${this.address}?${query}`, this.request.signal);
      this.details.querySelector("[data-cards]").innerHTML = text; // our own server's, escaped there
      this.shown = query;
    } catch (error) {
      if (error.name !== "AbortError") this.shown = null;
    }
  }
}
