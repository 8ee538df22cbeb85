/* Blacking out on the staff's pages. Without this file everything works by writing numbers and words. */

const SMALLEST = 0.5; // percent, as the server's rule

function photoPage(form) {
  const stage = form.querySelector("[data-stage]");
  const layer = form.querySelector("[data-layer]");
  const rows = form.querySelector("[data-rows]");
  const template = form.querySelector("[data-row]");
  const said = form.querySelector("[data-said]");
  const undo = form.querySelector("[data-undo]");
  const redo = form.querySelector("[data-redo]");
  const NAMES = ["left", "top", "width", "height"];
  let past = [];
  let future = [];

  const fields = (row) => NAMES.map((name) => row.querySelector(`[name=${name}]`));
  const numbers = (row) => fields(row).map((field) => Number.parseFloat(field.value.replace(",", ".")));
  const all = () => [...rows.querySelectorAll("[data-area]")];
  const isArea = ([left, top, width, height]) =>
    left >= 0 && top >= 0 && left < 100 && top < 100 && width >= SMALLEST && height >= SMALLEST;
  const round = (value) => Math.round(value * 10) / 10;

  function write(row, values) {
    fields(row).forEach((field, index) => {
      field.value = String(round(values[index]));
    });
  }

  function draw() {
    layer.querySelectorAll(".redact-area").forEach((old) => old.remove());
    all().forEach((row, index) => {
      row.querySelector("[data-number]").textContent = index + 1;
      row.querySelector("[data-drop]").hidden = false;
      const values = numbers(row);
      if (!isArea(values)) return;
      const area = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      ["x", "y", "width", "height"].forEach((name, at) => area.setAttribute(name, `${values[at]}%`));
      area.setAttribute("class", "redact-area");
      if (row.contains(document.activeElement)) area.classList.add("is-current");
      area.row = row;
      layer.append(area);
    });
    undo.disabled = past.length === 0;
    redo.disabled = future.length === 0;
  }

  const snapshot = () => all().map((row) => fields(row).map((field) => field.value));

  function restore(state) {
    rows.replaceChildren();
    for (const values of state) {
      const row = append();
      fields(row).forEach((field, index) => {
        field.value = values[index];
      });
    }
    draw();
  }

  function remember() {
    past.push(snapshot());
    future = [];
  }

  function append() {
    rows.append(template.content.cloneNode(true));
    return rows.lastElementChild;
  }

  const free = () => all().find((row) => fields(row).every((field) => !field.value.trim())) ?? append();

  function place(event) {
    const box = stage.getBoundingClientRect();
    const within = (value, size) => Math.min(100, Math.max(0, (100 * value) / size));
    return [within(event.clientX - box.left, box.width), within(event.clientY - box.top, box.height)];
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    const start = place(event);
    const moved = event.target.row;
    const before = moved ? numbers(moved) : null;
    remember();
    const row = moved ?? free();
    const onMove = (next) => {
      const now = place(next);
      if (before) {
        const left = Math.min(Math.max(0, before[0] + now[0] - start[0]), 100 - before[2]);
        const top = Math.min(Math.max(0, before[1] + now[1] - start[1]), 100 - before[3]);
        write(row, [left, top, before[2], before[3]]);
      } else {
        const corner = [Math.min(start[0], now[0]), Math.min(start[1], now[1])];
        write(row, [...corner, Math.abs(now[0] - start[0]), Math.abs(now[1] - start[1])]);
      }
      draw();
    };
    const onEnd = () => {
      stage.removeEventListener("pointermove", onMove);
      if (!before && !isArea(numbers(row))) {
        restore(past.pop()); // a tap is no area
        return;
      }
      if (!before) said.textContent = said.dataset.added;
      draw();
    };
    stage.addEventListener("pointermove", onMove);
    stage.addEventListener("pointerup", onEnd, { once: true });
    stage.addEventListener("pointercancel", onEnd, { once: true });
  });

  rows.addEventListener("input", draw);
  rows.addEventListener("focusin", draw);
  rows.addEventListener("change", draw);
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-drop]");
    if (!button) return;
    remember();
    button.closest("[data-area]").remove();
    said.textContent = said.dataset.removed;
    if (!all().length) append();
    draw();
    fields(all().at(-1))[0].focus();
  });
  // A number steps by one percent with the arrows, by a tenth with Shift.
  rows.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const value = Number.parseFloat(event.target.value.replace(",", ".")) || 0;
    event.target.value = String(round(Math.min(100, Math.max(0, value + direction * (event.shiftKey ? 0.1 : 1)))));
    draw();
  });
  undo.addEventListener("click", () => {
    future.push(snapshot());
    restore(past.pop());
  });
  redo.addEventListener("click", () => {
    past.push(snapshot());
    restore(future.pop());
  });

  stage.classList.add("is-drawing");
  form.querySelector("[data-hint]").hidden = false;
  undo.hidden = false;
  redo.hidden = false;
  draw();
}

function wordsPage(form) {
  const texts = form.querySelector("[data-texts]");
  const take = form.querySelector("[data-take]");
  const taken = form.querySelector("[data-taken]");
  const words = form.elements.more;
  let selected = "";
  const selection = () => {
    const found = getSelection();
    if (!found.rangeCount || !texts.contains(found.getRangeAt(0).commonAncestorContainer)) return "";
    return found.toString().trim();
  };
  // The selection is lost when the button takes the focus, on some phones before the click comes.
  document.addEventListener("selectionchange", () => {
    selected = selection() || selected;
  });
  take.querySelector("button").addEventListener("click", () => {
    const lines = selected.split("\n").map((line) => line.trim()).filter(Boolean);
    if (!lines.length) return;
    words.value = [words.value.trim(), ...lines].filter(Boolean).join("\n");
    taken.textContent = lines.join(", ");
    selected = "";
  });
  take.hidden = false;
}

document.querySelectorAll("[data-redact-photo]").forEach(photoPage);
document.querySelectorAll("[data-redact-words]").forEach(wordsPage);
