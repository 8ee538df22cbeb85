/* The queue by keyboard: a current row, steps that one key takes, a small box to name a handler. */
import { keys } from "./admin-keys.js";

const queue = document.getElementById("changelist");
const table = queue.querySelector(".queue-table");
const texts = JSON.parse(document.getElementById("queue-texts").textContent);
const said = document.getElementById("queue-said");
const REMEMBER = "queue:at";

const rows = () => (table ? [...table.tBodies[0].rows] : []);
const current = () => table?.querySelector("tr.is-current");
const linkOf = (row) => row.querySelector(".row-link");

function stand(row, isQuiet = false) {
  if (!row) return;
  current()?.classList.remove("is-current");
  row.classList.add("is-current");
  sessionStorage.setItem(REMEMBER, row.dataset.code);
  if (!isQuiet) {
    linkOf(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  row.dispatchEvent(new CustomEvent("row:current", { bubbles: true }));
}

function move(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  stand(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
}

function tell(text, isFault = false) {
  said.textContent = text;
  said.classList.toggle("is-fault", isFault);
  said.hidden = !text;
}

let isBusy = false;
async function take(step, more = {}) {
  const row = current();
  if (!row || isBusy) return;
  isBusy = true;
  row.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams({
      csrfmiddlewaretoken: texts.token,
      version: row.dataset.version,
      list: queue.dataset.list,
      ticks: row.querySelector(".col-tick") ? "1" : "",
      map: queue.dataset.map || "",
      ...more,
    });
    const response = await fetch(texts.quick.replace("/0/", `/${row.dataset.id}/`).replace("STEP", step), {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
    });
    if (!response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(String(response.status));
    const answer = await response.json();
    if (answer.open) {
      sessionStorage.setItem(REMEMBER, row.dataset.code);
      location.assign(answer.open);
      return;
    }
    if (answer.row) replace(row, answer);
    else if (answer.row === "") row.classList.add("is-gone");
    tell(answer.said, !response.ok);
  } catch {
    tell(texts.failed, true);
  } finally {
    isBusy = false;
    row.removeAttribute("aria-busy");
  }
}

/** The row as it stands now, in its old place; what left the list stays in sight until the page is opened anew. */
function replace(row, { row: html, is_listed }) {
  const isTicked = row.querySelector("input[type=checkbox]")?.checked;
  const box = document.createElement("tbody");
  box.innerHTML = html; // our own server's row, escaped there
  const fresh = box.rows[0];
  fresh.classList.toggle("is-gone", !is_listed);
  const tick = fresh.querySelector("input[type=checkbox]");
  if (tick && isTicked) tick.checked = true;
  row.replaceWith(fresh);
  stand(fresh);
}

function tick() {
  const box = current()?.querySelector("input[type=checkbox][name=_selected_action]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

const dialog = document.getElementById("beri-petugas");
async function assign() {
  const row = current();
  if (!row) return;
  try {
    const response = await fetch(texts.people.replace("/0/", `/${row.dataset.id}/`));
    if (!response.ok) throw new Error(String(response.status));
    const { people } = await response.json();
    if (!people.length) {
      tell(texts.nobody, true);
      return;
    }
    const select = dialog.querySelector("select");
    select.replaceChildren(...people.map(([id, name]) => new Option(name, id)));
    dialog.querySelector("[data-code]").textContent = row.querySelector(".mono").textContent;
    dialog.showModal();
    select.focus();
  } catch {
    tell(texts.failed, true);
  }
}
dialog?.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = dialog.querySelector("select").value;
  dialog.close();
  take("assign", { assignee: chosen });
});

const onRows = (act) => (event) => {
  if (event.target !== document.body && !event.target.closest?.(".queue-table")) return false;
  act();
  return true;
};
const open = () => {
  const row = current();
  if (row) linkOf(row).click();
};
keys({
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: onRows(() => move(1)),
  ArrowUp: onRows(() => move(-1)),
  o: open,
  x: tick,
  t: () => take("take"),
  n: () => take("next"),
  ...(dialog ? { a: assign } : {}),
  "/": () => document.getElementById("cari").focus(),
  m: () => document.getElementById("peta-saklar")?.requestSubmit(),
});

table?.addEventListener("focusin", (event) => {
  const row = event.target.closest("tbody tr");
  if (row && row !== current()) stand(row, true);
});
// Back from a case: the cursor stands where it was.
const last = sessionStorage.getItem(REMEMBER);
if (last) stand(rows().find((row) => row.dataset.code === last), true);
