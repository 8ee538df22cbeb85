/* Searching a place: a text field with a list of suggestions (the ARIA 1.2 pattern for a combobox whose list
   is chosen from by hand). The focus stays in the field; arrows walk the list, Enter takes, Escape closes. */
const WAIT_MS = 180;
const SHORTEST = 2;

/** Turns `input` into a combobox over `list` (an empty ul). `onChoose(result)` gets what was chosen. */
export function placeSearch({ input, list, status, texts, say, onChoose }) {
  let results = [];
  let active = -1;
  let timer = null;
  let request = null;
  let answered = "";

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  list.setAttribute("role", "listbox");

  const isOpen = () => !list.hidden;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
    return undefined;
  }

  function show() {
    list.replaceChildren(...results.map(option));
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(isOpen()));
    mark(-1);
    status.textContent = results.length ? say(texts.placesFound, { count: results.length }) : texts.noPlace;
  }

  function option(result, index) {
    const item = document.createElement("li");
    item.id = `${list.id}-${index}`;
    item.setAttribute("role", "option");
    const title = document.createElement("strong");
    title.textContent = result.title;
    const where = document.createElement("small");
    where.textContent = result.where;
    item.append(title, " ", where);
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    item.addEventListener("click", () => choose(index));
    return item;
  }

  function choose(index) {
    const result = results[index];
    input.value = result.title;
    answered = input.value.trim();
    close();
    onChoose(result);
  }

  async function search() {
    clearTimeout(timer);
    const query = input.value.trim();
    if (request) request.abort();
    if (query.length < SHORTEST) {
      results = [];
      answered = "";
      status.textContent = "";
      close();
      return;
    }
    request = new AbortController();
    try {
      const response = await fetch(`${input.dataset.url}?q=${encodeURIComponent(query)}`, { signal: request.signal });
      if (!response.ok) throw new Error(String(response.status));
      ({ results } = await response.json());
      answered = query;
      show();
    } catch (error) {
      if (error.name === "AbortError") return;
      results = [];
      close();
      status.textContent = texts.placesFailed;
    }
  }

  async function enter() {
    if (isOpen() && active >= 0) return choose(active);
    if (input.value.trim() !== answered) await search();
    else if (results.length) show();
    if (results.length === 1) choose(0);
    else if (isOpen()) mark(0);
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !isOpen() && results.length && input.value.trim() === answered) show();
    if (step && isOpen()) {
      event.preventDefault();
      const count = results.length;
      if (active < 0) mark(step > 0 ? 0 : count - 1);
      else mark((active + step + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault(); // it chooses; it does not send the report
      enter();
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
}
