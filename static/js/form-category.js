/* Choosing the kind of problem: from suggestions or from the list, then its questions. */
import { suggestions } from "./form-suggest.js";

export function categories(form, texts, say) {
  const list = document.getElementById("kategori-daftar");
  const chosen = document.getElementById("kategori-terpilih");
  const search = document.getElementById("cari-kategori");
  const searchBox = search.closest(".category-search");
  const tiles = [...list.querySelectorAll(".tile")];
  // Only made without JavaScript, or when the page came back from there: the list below is the one that counts.
  document.querySelector(".suggested")?.remove();

  const showList = (open) => {
    list.hidden = searchBox.hidden = !open;
    chosen.hidden = open;
  };
  const showChosen = (tile) => {
    const label = document.getElementById("kategori-nama");
    label.replaceChildren(tile.querySelector(".icon").cloneNode(true), tile.querySelector("strong").textContent);
    showList(false);
  };
  document.getElementById("kategori-ganti").addEventListener("click", () => {
    showList(true);
    const current = list.querySelector("input:checked");
    if (current && !search.value) {
      current.closest("details").open = true;
      current.focus();
    } else {
      search.focus();
    }
  });

  const pick = (radio, { isDone }) => {
    if (radio.dataset.private !== undefined) document.getElementById("id_is_private").checked = true;
    // The server need not turn the switch on any more: from here on it stands as the person leaves it.
    document.querySelector("#formulir [name=category_before]").value = radio.value;
    if (isDone) showChosen(radio.closest(".tile"));
    loadQuestions(radio.value, texts);
  };
  // Arrow keys walk through the radios: the list stays open until Enter or a click.
  let pointer = false;
  list.addEventListener("pointerdown", () => (pointer = true));
  list.addEventListener("keydown", (event) => {
    pointer = false;
    if (event.key === "Enter" && event.target.matches("input[type=radio]")) {
      event.preventDefault();
      event.target.checked = true;
      pick(event.target, { isDone: true });
      document.getElementById("kategori-ganti").focus();
    }
  });
  list.addEventListener("change", (event) => {
    if (event.target.name === "category") {
      pick(event.target, { isDone: pointer || event.target.closest(".tile").matches(":hover") });
    }
  });
  suggestions(tiles, (tile, words) => {
    const radio = tile.querySelector("input");
    pointer = true; // chosen for good, not walked over
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    beginDescription(words, texts);
    document.getElementById("kategori-ganti").focus();
  }, texts, say);
  const current = list.querySelector("input:checked");
  if (current) showChosen(current.closest(".tile"));
}

/* What was typed to find the kind is the beginning of the story, if there is none yet; and says so. */
function beginDescription(words, texts) {
  const description = document.getElementById("id_description");
  if (!words || !description || description.value.trim()) return;
  description.value = words;
  description.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("cerita-dari-cari")?.remove();
  const note = document.createElement("p");
  note.className = "help begun";
  note.id = "cerita-dari-cari";
  note.textContent = texts.begun;
  description.before(note);
  description.setAttribute("aria-describedby", `${note.id} ${description.getAttribute("aria-describedby") ?? ""}`.trim());
}

let latest = "";

async function loadQuestions(code, texts) {
  const step = document.getElementById("pertanyaan");
  const box = document.getElementById("daftar-pertanyaan");
  latest = code;
  box.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(step.dataset.url.replace("KODE", code));
    if (!response.ok) throw new Error(String(response.status));
    const html = await response.text();
    if (latest !== code) return;
    const given = new FormData(document.getElementById("formulir"));
    box.innerHTML = html;
    keepAnswers(box, given);
  } catch {
    box.textContent = texts.offline;
    document.querySelector("#kategori > .no-js-only").classList.remove("no-js-only");
  }
  delete step.dataset.empty;
  box.removeAttribute("aria-busy");
}

function keepAnswers(box, given) {
  for (const input of box.querySelectorAll("input")) {
    const value = given.get(input.name);
    if (value === null) continue;
    if (input.type === "radio") input.checked = input.value === value;
    else input.value = value;
  }
}
