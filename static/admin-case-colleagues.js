/* Who else has this case open; and completing @names in a note. The page is whole without it. */
const BEAT_MS = 25_000;
const IDLE_AFTER_MS = 10 * 60_000;

function keepPresence(place) {
  const { address, version } = place.dataset;
  const token = place.querySelector("[name=csrfmiddlewaretoken]").value;
  const people = place.querySelector("[data-people]");
  const icon = place.querySelector("template");
  let lastTouch = Date.now();
  let lastTyped = 0;
  let timer = null;
  const body = (values) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token);
    for (const [name, value] of Object.entries(values)) data.append(name, value);
    return data;
  };
  const isWriting = () =>
    Date.now() - lastTyped < 60_000 &&
    [...document.querySelectorAll(".step textarea, .step input[type=text]")].some((field) => field.value.trim() && field.value !== field.defaultValue);
  function show(lines) {
    const now = [...people.children].map((item) => item.textContent.trim());
    if (now.join("\n") === lines.join("\n")) return; // said once, not every half minute
    people.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.append(icon.content.cloneNode(true), Object.assign(document.createElement("span"), { textContent: line }));
        return item;
      }),
    );
  }
  async function beat() {
    clearTimeout(timer);
    // A page that nobody looks at must not keep a session awake, nor say that somebody is there.
    if (document.visibilityState !== "visible" || Date.now() - lastTouch > IDLE_AFTER_MS) return;
    timer = setTimeout(beat, BEAT_MS);
    const answer = await fetch(address, { method: "POST", body: body(isWriting() ? { writing: 1 } : {}), credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const told = await answer.json().catch(() => null);
    if (!told?.lines) return;
    show(told.lines);
    place.querySelector("[data-changed]").hidden = String(told.version) === version;
  }
  const touched = () => {
    const wasAway = Date.now() - lastTouch > IDLE_AFTER_MS;
    lastTouch = Date.now();
    if (wasAway) beat();
  };
  for (const kind of ["pointerdown", "keydown", "scroll"]) document.addEventListener(kind, touched, { passive: true });
  document.addEventListener("input", () => {
    const first = Date.now() - lastTyped > 60_000;
    lastTyped = Date.now();
    if (first) beat();
  });
  document.addEventListener("visibilitychange", () => {
    lastTouch = Date.now();
    beat();
  });
  window.addEventListener("pagehide", () => navigator.sendBeacon(address, body({ leaving: 1 })));
  window.addEventListener("pageshow", beat);
}

function completeNames(field) {
  const list = document.getElementById(field.dataset.mentionList);
  const told = document.getElementById(`${field.dataset.mentionList}-kata`);
  let people = [];
  let chosen = -1;
  let asked = 0;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  const begun = () => field.value.slice(0, field.selectionStart).match(/(?:^|[^\w.+\-@])@([\w.+-]*)$/);
  function close() {
    people = [];
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
    told.textContent = "";
  }
  function mark(index) {
    chosen = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (list.children[index]) field.setAttribute("aria-activedescendant", list.children[index].id);
  }
  function take(index) {
    const match = begun();
    if (!match || !people[index]) return close();
    const end = field.selectionStart;
    const start = end - match[1].length;
    field.setRangeText(`${people[index].username} `, start, end, "end");
    close();
    field.focus();
  }
  async function look() {
    const match = begun();
    if (!match) return close();
    const number = ++asked;
    const answer = await fetch(`${field.dataset.mentionAddress}?q=${encodeURIComponent(match[1])}`, { credentials: "same-origin" }).catch(() => null);
    if (number !== asked || !answer?.ok) return;
    people = (await answer.json()).people;
    if (!people.length) return close();
    list.replaceChildren(
      ...people.map((person, index) => {
        const item = Object.assign(document.createElement("li"), { id: `${list.id}-${index}` });
        item.setAttribute("role", "option");
        item.append(
          Object.assign(document.createElement("strong"), { textContent: `@${person.username}` }),
          Object.assign(document.createElement("small"), { textContent: [person.name, person.role].filter((text) => text && text !== person.username).join(" · ") }),
        );
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(index);
        });
        return item;
      }),
    );
    list.hidden = false;
    told.textContent = field.dataset.mentionTold.replace("0", String(people.length));
    mark(0);
  }
  field.addEventListener("input", look);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (!people.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark((chosen + step + people.length) % people.length);
    else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

const place = document.getElementById("hadir");
if (place) keepPresence(place);
document.querySelectorAll("[data-mention-list]").forEach(completeNames);
